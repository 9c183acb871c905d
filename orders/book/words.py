"""How a converted figure is explained wherever it stands."""

from decimal import Decimal

from orders.book.models import Order
from orders.states import Wait
from prm.tenancy.models import Tenant
from prm.ui.formatting import day, money_exact


def rate_words(rate: Decimal) -> str:
    """Write a rate without its empty decimals."""
    plain = format(rate, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def counted_words(order: Order, tenant: Tenant) -> str:
    """Say what an order in another currency counts as and why; "" for one in the tenant's own."""
    if order.waits:
        return f"Counts as nothing yet: {Wait(order.waits).label[0].lower()}{Wait(order.waits).label[1:]}"
    if order.rate is None or order.rate_on is None:
        return ""
    return (
        f"{money_exact(order.counted, tenant)}, converted at {rate_words(order.rate)} of {day(order.rate_on)}"
    )
