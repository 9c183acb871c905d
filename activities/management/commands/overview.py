"""`manage.py overview`: how a tenant stands, what moved, who slips."""

from argparse import ArgumentParser

from django.db import transaction

from activities.overview.report import facts, report
from activities.overview.rules import PERIODS
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`overview --tenant SLUG [--period month|quarter|year] [--json]`."""

    help = "Print how a tenant stands in the running period, against as many days of the one before."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the period."""
        parser.add_argument("--period", choices=list(PERIODS), default="quarter")

    def work(self, options: Options) -> None:
        """Count, and print."""
        with transaction.atomic():
            found = report(options["period"])
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, **facts(found)})
            return
        for sentence in found.sentences:
            self.say(sentence)
        for words, rows in (("Slipping", found.trends.slipping), ("Rising", found.trends.rising)):
            for row in rows:
                self.say(f"{words}: {row.partner.name}. {row.words}")
