"""Imports order files and accounts for every line."""

import time
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from orders.doors.files.inputs import inputs_of
from orders.doors.files.uploads import Part
from orders.ingest.errors import BrokenFile
from orders.runs.execution import execute
from orders.runs.models import ImportRun
from orders.runs.service import open_run
from orders.runs.states import RunState
from orders.sources.service import find_source
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`import_orders --tenant SLUG --source NAME [--json] FILE…`; all files are one run."""

    help = "Imports order files as one run, by the dates and numbers in their names, and accounts for every line."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the source and the files."""
        parser.add_argument("--source", required=True, metavar="NAME", help="the order source")
        parser.add_argument(
            "files",
            nargs="+",
            type=Path,
            metavar="FILE",
            help="files; of a folder and a ZIP file, all order files",
        )
        parser.add_argument(
            "--as-given",
            action="store_true",
            help="take the files in the order given, not by the dates and numbers in their names",
        )

        parser.add_argument(
            "--accept",
            action="append",
            default=[],
            metavar="FIELD=READING",
            help="a reading that holds for these files alone, as date=day-first, amount=comma, state:STO=cancelled or"
            " date=as-source; a run that stops before writing says which there are",
        )

    def work(self, options: Options) -> None:
        """Import, wait for the end, report. Exit status 1 when nothing could be imported."""
        with transaction.atomic():
            source = find_source(options["source"])
        try:
            files = inputs_of(options["files"], as_given=options["as_given"])
            parts = [Part(file.name, file.size, file.member, file.left_out) for file in files]
            run = open_run(source, parts, accepted=options["accept"])
            started = time.monotonic()
            run = execute(run.pk, files)
            # With the commit, which the run itself cannot see.
            run.counts |= {"seconds": round(time.monotonic() - started, 2)} if run.counts else {}
        except BrokenFile as broken:
            raise CommandError(str(broken)) from broken
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        if run.state != RunState.DONE:
            raise CommandError(run.message)
        if self.as_json:
            self.emit(
                {"run": str(run.pk), "tenant": self.tenant.slug, "source": source.name, "files": len(files)}
                | {"files_left_out": run.left_out}
                | run.counts
            )
        else:
            self._report(run)

    def _report(self, run: ImportRun) -> None:
        counts = run.counts
        lines, orders = counts["lines"], counts["orders"]
        self.say(
            f"{lines['read']:,} lines read: {lines['stored']:,} stored, {lines['repeated']:,} repeated,"
            f" {lines['unchanged']:,} unchanged, {lines['superseded']:,} superseded,"
            f" {lines['rejected']:,} rejected{_others(lines)}."
        )
        self.say(
            f"Orders: {orders['created']:,} created, {orders['corrected']:,} corrected,"
            f" {orders['unchanged']:,} unchanged; {orders['cancelled']:,} of them cancelled or reversed."
        )
        self.say(
            f"Unattributed: {counts['unattributed']['orders']:,} orders."
            f" Partners created: {counts['partners']['created']:,}."
        )
        if run.left_out:
            self.say(f"Not taken: {', '.join(run.left_out)}.")
        for reason, count in counts["rejected_by_reason"].items():
            self.say(f"  rejected, {reason}: {count:,}")
        for column, cell, count in counts["left_out_by"]:
            self.say(f"  left out, {column} {cell!r}: {count:,}")
        self.say(f"{counts['seconds']} s, {counts['peak_memory_mb']} MB.")


def _others(lines: dict[str, int]) -> str:
    """Name what is neither a line that was taken nor one that was not."""
    others = {"headers": lines["headers"], "left out": lines["left_out"]}
    return "".join(f", {count:,} {what}" for what, count in others.items() if count)
