"""Sample data comes only where there are no orders."""

from orders.book.models import Order
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant


def refuse_beside_own(**_: object) -> None:
    """Raise `Refused` where the company has orders: sums would hold both."""
    if Order.objects.exists():
        raise Refused(
            f"There are {current_tenant().order_noun_plural} here already. Sample data goes into an organisation without "
            "any, so that the two are never mixed.",
            code="not_empty",
        )
