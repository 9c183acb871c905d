"""Columns of the rates, and of what waits for one, as files."""

from typing import Final

from orders.rates.models import ExchangeRate
from orders.rates.queries import WaitingMonth
from prm.tenancy.models import Tenant
from prm.ui.export.answers import Columns
from prm.ui.export.cells import Amount

WAITING: Final[Columns[WaitingMonth]] = {
    "Currency": lambda entry: entry.currency,
    "Month": lambda entry: entry.month,
    "Why": lambda entry: entry.words,
    "Orders": lambda entry: entry.orders,
    "Amount": lambda entry: Amount(entry.amount, entry.currency),
}


def rates(tenant: Tenant) -> Columns[ExchangeRate]:
    """Return the columns of the rates into the tenant's currency."""
    return {
        "Currency": lambda rate: rate.currency,
        "From": lambda rate: rate.since,
        "Came by": lambda rate: rate.source,
        f"One unit in {tenant.currency}": lambda rate: rate.rate,
    }
