"""Reconciliation: source = portal = Salesforce, by day, and why not."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import QuerySet

from orders.reconciliation import service
from orders.reconciliation.models import ReconciledDay
from orders.reconciliation.reading import read_totals
from orders.reconciliation.states import Origin
from orders.reconciliation.telling import presentation
from orders.sources.service import find_source
from prm.core.days import BadDay, parse_day
from prm.tenancy.commands import Options, TenantCommand

_MOST_BYTES: Final = 5_000_000


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except BadDay as error:
        raise ArgumentTypeError(str(error)) from error


class Command(TenantCommand):
    """`reconcile --tenant SLUG [--source NAME] [--from DAY] [--to DAY] [--totals FILE] [--json]`."""

    help = "Counts source, portal and Salesforce by day and currency, and says what differs and why."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the span, the source, and control totals to be taken first."""
        parser.add_argument("--source", metavar="NAME", help="one order source only")
        parser.add_argument(
            "--from", dest="first", type=_day, metavar="DAY", help="the first day; all without"
        )
        parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="the last day")
        parser.add_argument(
            "--totals",
            type=Path,
            metavar="FILE",
            help="take the source's control totals first: day, orders, amount",
        )
        parser.add_argument("--open", action="store_true", help="list open days only")

    def work(self, options: Options) -> None:
        """Count, and report."""
        first, last = options["first"], options["last"]
        if first and last and first > last:
            raise CommandError("The first day is after the last.")
        with transaction.atomic():
            source = find_source(options["source"]) if options["source"] else None
        if options["totals"]:
            if source is None:
                raise CommandError("Say whose control totals they are: --source.")
            service.declare(source, read_totals(_text_of(options["totals"])), origin=Origin.COMMAND)
        service.refresh(first, last)
        with transaction.atomic():
            days: QuerySet[ReconciledDay] = ReconciledDay.objects.newest_first()
            days = days.filter(source=source) if source else days
            days = days.filter(day__gte=first) if first else days
            days = days.filter(day__lte=last) if last else days
            report = presentation.report(days, only_open=options["open"])
        if self.as_json:
            self.emit(report)
            return
        for line in presentation.lines(report):
            self.say(line)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CommandError(f"{path} is larger than {_MOST_BYTES:,} bytes.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not in UTF-8.") from error
