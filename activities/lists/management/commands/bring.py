"""Brings a list from a file and accounts for every row."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.files.base import File
from django.core.management.base import CommandError
from django.db import transaction

from activities.lists.kinds import all_kinds
from activities.lists.runs import service
from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.writing import to_write
from activities.lists.states import Outcome, RunState
from prm.tenancy.commands import Options, TenantCommand

_SHOWN = 20


class Command(TenantCommand):
    """`bring KIND FILE --tenant SLUG [--dry-run] [--json]`."""

    help = "Brings a list (partners, contacts, …) from a file: updates what is certain, adds what is new."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the kind and the file."""
        parser.add_argument(
            "kind", metavar="KIND", help=f"one of: {', '.join(kind.key for kind in all_kinds())}"
        )
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, XLSX or ODS, also in ZIP or gzip")
        parser.add_argument("--dry-run", action="store_true", help="say what it would do, and write nothing")
        parser.add_argument(
            "--default",
            action="append",
            default=[],
            metavar="COLUMN=VALUE",
            help="what new rows say where the file has no such column, as kind=physician",
        )
        parser.add_argument("--blank-empties", action="store_true", help="a blank cell empties what is there")

    def work(self, options: Options) -> None:
        """Read, write unless it is a dry run, report. Exit status 1 when the file cannot be taken."""
        run = self._read(options)
        try:
            if run.state == RunState.COLUMNS:
                raise CommandError(f"{run.problem} Bring it on the page, where columns can be chosen.")
            if run.state != RunState.PREVIEW:
                raise CommandError(run.message)
            if not options["dry_run"] and _writes(run):
                service.start(run.pk, at_once=True)
                while service.write(run.pk):
                    pass
        finally:
            run = _fresh(run)
            said = self._report(run)
            if run.state in (RunState.PREVIEW, RunState.COLUMNS, RunState.FAILED):
                service.stop(run.pk)
        if self.as_json:
            self.emit(said)

    def _read(self, options: Options) -> BringRun:
        defaults = {}
        for given in options["default"]:
            key, mark, value = given.partition("=")
            if not mark:
                raise CommandError(f"Write --default as COLUMN=VALUE, not {given!r}.")
            defaults[key.strip()] = value.strip()
        try:
            with options["file"].open("rb") as opened:
                file = File(opened, name=options["file"].name)
                run = service.bring(
                    options["kind"],
                    file,
                    defaults=defaults,
                    blank_empties=options["blank_empties"],
                    at_once=True,
                )
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error
        return service.look(run.pk)

    def _report(self, run: BringRun) -> dict[str, object]:
        counts = {str(outcome): run.counts.get(outcome, 0) for outcome in Outcome}
        rejected = _rejected(run)
        if not self.as_json:
            self.say(", ".join(f"{counts[outcome]:,} {outcome.label.lower()}" for outcome in Outcome) + ".")
            for line, reason in rejected:
                self.say(f"  line {line:,}: {reason}")
        return {
            "run": str(run.pk),
            "tenant": self.tenant.slug,
            "kind": run.kind,
            "file": run.name,
            "written": run.state == RunState.DONE,
            "columns": {key: run.header[place] for key, place in run.columns.items()},
            "counts": counts,
            "rejected": [{"line": line, "reason": reason} for line, reason in rejected],
        }


def _fresh(run: BringRun) -> BringRun:
    with transaction.atomic():
        return BringRun.objects.get(pk=run.pk)


def _writes(run: BringRun) -> bool:
    with transaction.atomic():
        return to_write(run).exists()


def _rejected(run: BringRun) -> list[tuple[int, str]]:
    with transaction.atomic():
        rows = BringRow.objects.filter(run=run, outcome=Outcome.REJECTED)
        return list(rows.order_by("line").values_list("line", "reason")[:_SHOWN])
