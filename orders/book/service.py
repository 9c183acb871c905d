"""Writes of the tenant's own fields of orders. All else of an order comes in by the one path (`orders.ingest`)."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from orders.book.models import Order
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.ownfields import values as own_values
from prm.ownfields.rules import Raw
from prm.tenancy.use_cases import requires


@requires(Right.ORDER_TIE, Right.ORDER_WRITE)
@transaction.atomic
def set_own(values: Mapping[UUID, Mapping[str, Raw]]) -> dict[UUID, dict[str, str]]:
    """Set values of own fields of many orders, by id and key; returns what those that changed had before.

    What is not named stays, None takes a value away. A fixed number of statements for each batch. Raises `Refused` for
    a field or a value that is none.
    """
    here = set(Order.objects.filter(pk__in=list(values)).values_list("pk", flat=True))
    before = own_values.write("order", {pk: said for pk, said in values.items() if pk in here})
    Order.objects.filter(pk__in=list(before)).update(updated_at=now())
    return before
