"""Partners for tests, made through the services wherever there is one. Call inside a tenant's scope."""

from datetime import date
from decimal import Decimal
from itertools import count

from partners.directory import service as directory_service
from partners.share import service as share_service
from partners.standing.models import PartnerMonth
from prm.core.calendar import add_months

_numbers = count(1)


def make_partner(name=None, *, kind="agent", codes=(), **details):
    """A partner; codes are plain strings or (scheme, code) pairs."""
    pairs = [("", code) if isinstance(code, str) else code for code in codes]
    return directory_service.create_partner(
        name=name or f"Partner {next(_numbers)}", kind=kind, codes=pairs, **details
    )


def make_month(partner, month, *, orders=1, revenue=100, units=None, day=1):
    """One partner-month, as the orders app would have written it."""
    on = month.replace(day=day) if orders else None
    return PartnerMonth.objects.create(
        partner=partner,
        month=month,
        orders=orders,
        units=orders if units is None else units,
        revenue=Decimal(revenue),
        first_on=on,
        last_on=on,
    )


def make_months(partner, last, revenues, *, orders=1):
    """Months in a row that end with `last`, one per revenue given."""
    first = add_months(last, 1 - len(revenues))
    return [
        make_month(partner, add_months(first, step), revenue=revenue, orders=orders)
        for step, revenue in enumerate(revenues)
    ]


def make_estimate(partner, low, middle, high, *, source="Claims data", as_of=date(2026, 1, 1), by=None):
    """An estimate of what the partner orders in a year."""
    return share_service.add_estimate(
        partner.pk,
        low=Decimal(low),
        middle=Decimal(middle),
        high=Decimal(high),
        source=source,
        as_of=as_of,
        by=by,
    )
