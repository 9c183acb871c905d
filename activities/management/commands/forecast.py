"""`manage.py forecast`: what will come of open budgets."""

from argparse import ArgumentParser

from django.db import transaction

from activities.market.forecast.report import BY, facts, forecast
from activities.market.forecast.rules import FEWEST_CLOSED
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import money, money_range


class Command(TenantCommand):
    """`forecast --tenant SLUG [--by rep|partner|tier] [--json]`."""

    help = "Print what will come of open budgets in the next months, as ranges, from how closed ones fared."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take what the next three months are split by."""
        parser.add_argument("--by", choices=list(BY), default="rep")

    def work(self, options: Options) -> None:
        """Draw, and print."""
        with transaction.atomic():
            found = forecast(options["by"])
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, **facts(found)})
            return
        if found.next_range is None:
            self.say(f"No forecast yet: {found.closed} of {FEWEST_CLOSED} closed budgets.")
        for month in found.months:
            if month.came is not None:
                self.say(f"{month.first:%b %Y}: {money(month.came, self.tenant)} came.")
            elif month.forecast is not None:
                told = money_range(month.forecast.low, month.forecast.high, self.tenant)
                self.say(f"{month.first:%b %Y}: {told}; budgets say {money(month.budgets, self.tenant)}.")
        for part in found.parts:
            if part.forecast is not None:
                told = money_range(part.forecast.low, part.forecast.high, self.tenant)
                self.say(f"{part.name}: {told}; budgets say {money(part.budgets, self.tenant)}.")
