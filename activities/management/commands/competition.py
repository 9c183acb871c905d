"""`manage.py competition`: win ratios, and names that are one."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.db import transaction

from activities.market.board.queries import BY
from activities.market.board.report import board, facts
from activities.market.board.rules import PERIODS
from activities.market.names import service
from activities.market.names.queries import look_alikes, moving
from prm.core.errors import Refused
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import percent, percent_range

Named = service.Some


class Command(TenantCommand):
    """`competition --tenant SLUG [--period P] [--by B] [--merge NAME --into NAME [--dry-run]] [--separate NAME]`."""

    help = "Print win ratios against the competition; merge two names that are one, or take them apart."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the period, or the names."""
        parser.add_argument("--period", choices=list(PERIODS), default="year")
        parser.add_argument("--by", choices=list(BY), default="product")
        parser.add_argument(
            "--kind", choices=list(service.KINDS), default="competitor", help="what the names are of"
        )
        parser.add_argument("--merge", metavar="NAME", help="this name is another one")
        parser.add_argument("--into", metavar="NAME", help="the one it is")
        parser.add_argument("--dry-run", action="store_true", help="only say what would move")
        parser.add_argument("--separate", metavar="NAME", help="take a merged name apart again")
        parser.add_argument("--look-alikes", action="store_true", help="list names that may be one")

    def work(self, options: Options) -> None:
        """Do what was asked for. Raises `CommandError` for a name that is not there, and what the service refuses."""
        try:
            with transaction.atomic():
                self._work(options)
        except Refused as refused:
            raise CommandError(refused.message) from None

    def _work(self, options: Options) -> None:
        if bool(options["merge"]) != bool(options["into"]):
            raise CommandError("--merge and --into go together.")
        if options["merge"]:
            self._merge(options)
        elif options["separate"]:
            row = self._named(options["kind"], options["separate"])
            service.separate(row=row)
            self._said({"name": row.name, "separated": True}, f"{row.name} is on its own again.")
        elif options["look_alikes"]:
            self._alike(options["kind"])
        else:
            self._board(options)

    def _named(self, kind: str, name: str) -> Named:
        row: Named | None = service.KINDS[kind].objects.filter(name__iexact=name.strip()).first()
        if row is None:
            raise CommandError(f"No {kind} is called {name!r}.")
        return row

    def _merge(self, options: Options) -> None:
        row, into = (self._named(options["kind"], options[key]) for key in ("merge", "into"))
        told = moving(row)
        if not options["dry_run"]:
            into = service.merge(row=row, into=into)
        verb = "would move" if options["dry_run"] else "moved"
        self._said(
            {
                "name": row.name,
                "into": into.name,
                "insights": told.insights,
                "merged": not options["dry_run"],
            },
            f"{told.insights} insights {verb} from {row.name} to {into.name}.",
        )

    def _alike(self, kind: str) -> None:
        found = look_alikes(service.KINDS[kind])
        rows = [{"name": one.row.name, "into": one.into.name, "reason": one.reason} for one in found]
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "look_alikes": rows})
        for row in [] if self.as_json else rows:
            self.say(f"{row['name']} and {row['into']}: {row['reason']}")

    def _board(self, options: Options) -> None:
        found = board(options["period"], by=options["by"])
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, **facts(found)})
            return
        for one in (*found.competitors, *found.groups, *found.reasons):
            told = percent_range(one.ratio.low, one.ratio.high)
            self.say(
                f"{one.name}: won {one.cases.won} of {one.cases.decided}, {percent(one.share)} ({told}). {one.verdict.words}"
            )

    def _said(self, facts: dict[str, object], words: str) -> None:
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, **facts})
        else:
            self.say(words)
