"""`manage.py forecast`: what will come of open budgets."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.db import transaction

from activities.market.forecast.filters import same_products
from activities.market.forecast.report import BY, Asked, facts, forecast
from activities.market.forecast.rules import FEWEST_CLOSED
from orders.catalogue.models import Product
from partners.states import Tier
from prm.accounts.models import Membership
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import money, money_range


class Command(TenantCommand):
    """`forecast --tenant SLUG [--by rep|partner|tier] [--rep EMAIL] [--tier TIER] [--product CODE] [--json]`."""

    help = "Print what will come of open budgets in the next months, as ranges, from how closed ones fared."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take what the next three months are split by."""
        parser.add_argument("--by", choices=list(BY), default="rep")
        parser.add_argument("--rep", default="", metavar="EMAIL", help="budgets of one member")
        parser.add_argument(
            "--tier", default="", choices=["", *Tier.values], help="budgets of partners of one tier"
        )
        parser.add_argument("--product", default="", metavar="CODE", help="budgets for one product")

    def work(self, options: Options) -> None:
        """Draw, and print."""
        with transaction.atomic():
            found = forecast(options["by"], _asked(options))
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


def _asked(options: Options) -> Asked:
    owner, product = None, None
    if options["rep"]:
        owner = Membership.objects.filter(user__email__iexact=options["rep"]).first()
        if owner is None:
            raise CommandError(f"There is no member {options['rep']} here.")
    if options["product"]:
        product = (
            Product.objects.filter(code__iexact=options["product"]).select_related("merged_into").first()
        )
        if product is None:
            raise CommandError(f"There is no product {options['product']} here.")
    return Asked(
        owner=owner.pk if owner else None,
        tier=options["tier"],
        products=same_products(product.main) if product else frozenset(),
    )
