"""Rejected rows: listed by reason, written as a file that loads again, corrected alike."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from orders.ingest.states import RejectReason
from orders.rejects import service
from orders.rejects.models import RejectedLine
from orders.runs.corrections.bring import Alike
from orders.sources.models import OrderSource
from orders.sources.service import find_source
from orders.sources.spec import FIELDS
from prm.core.errors import Refused
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`rejected_rows --tenant SLUG --source NAME [--file FILE | --correct FIELD --reason R --from X --to Y [--preview]]`."""

    help = "Lists rejected rows by reason, writes them as a file that loads again, or corrects alike ones together."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the source, and what is to be done."""
        parser.add_argument("--source", required=True, metavar="NAME", help="the order source")
        parser.add_argument("--file", type=Path, metavar="FILE", help="write the open rows to this file")
        parser.add_argument(
            "--correct", metavar="FIELD", choices=list(FIELDS), help="the field that is wrong"
        )
        parser.add_argument(
            "--reason", metavar="REASON", choices=[reason.value for reason in RejectReason], help="why"
        )
        parser.add_argument("--from", dest="value", default="", metavar="VALUE", help="what they say now")
        parser.add_argument("--to", default="", metavar="VALUE", help="what they should say")
        parser.add_argument("--preview", action="store_true", help="say what it would do, and write nothing")

    def work(self, options: Options) -> None:
        """Do it, and report. Exit status 1 where nothing could be done."""
        with transaction.atomic():
            source = find_source(options["source"])
        if options["file"]:
            self._write(source, options["file"])
        elif options["correct"]:
            self._correct(source, options)
        else:
            self._list(source)

    def _list(self, source: OrderSource) -> None:
        with transaction.atomic():
            groups = source.rejected_lines.open().by_reason()
        if self.as_json:
            self.emit({"source": source.name, "rejected": {group.reason: group.count for group in groups}})
            return
        for group in groups:
            self.say(f"{group.count:>8,}  {group.reason}: {group.title}. {group.advice}")
        if not groups:
            self.say("No rejected row waits.")

    def _write(self, source: OrderSource, path: Path) -> None:
        with transaction.atomic():
            count = source.rejected_lines.open().count()
            content = service.as_file(source, RejectedLine.objects.all())
        try:
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}.") from error
        if self.as_json:
            self.emit({"source": source.name, "rows": count, "file": str(path)})
        else:
            self.say(f"{count:,} rejected rows written to {path}; import it again when they are corrected.")

    def _correct(self, source: OrderSource, options: Options) -> None:
        if not options["reason"]:
            raise CommandError("Say the reason that the rows were rejected for: --reason.")
        alike = Alike(options["reason"], options["correct"], options["value"], options["to"])
        try:
            found = service.foresee_alike(source, alike)
            run = None if options["preview"] else service.correct_alike(source, alike)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        if self.as_json:
            problems = [f"row {line_no}: {message}" for line_no, message in found.problems]
            self.emit(
                {"lines": found.lines, "ready": found.ready, "orders": found.orders, "problems": problems}
                | {"run": str(run.pk) if run else None}
            )
            return
        verb = "would go in" if run is None else "go in"
        self.say(f"{found.ready:,} of {found.lines:,} rows {verb}, into {found.orders:,} orders.")
        for line_no, message in found.problems:
            self.say(f"  row {line_no:,} waits on: {message}")
