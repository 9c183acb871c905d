"""How orders are moved to a partner or back to nobody, with the months of both sides; no decision is kept here."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from orders.book.models import Order
from orders.ingest.merging.months import recompute_months
from orders.ingest.merging.sharing import share_given
from orders.ingest.statement import create
from orders.ingest.temporary import GIVEN
from orders.states import OrderState
from prm.core.clock import now
from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import send_task

CANCELLED: Final = Q(state=OrderState.CANCELLED)
# Orders of a code that are moved at once, about half a second's work; those beyond follow as a task, as many at a time.
AT_ONCE: Final = 5_000


class Moved(NamedTuple):
    """Orders that an answer moves: how many, what counts of them, and which; `later` of them are not moved yet."""

    orders: int
    amount: Decimal
    ids: Sequence[UUID] = ()
    later: int = 0


class CodeOrders(NamedTuple):
    """The orders of a code: those that some sources sent, and that are one partner's (None: nobody's)."""

    code: str
    scheme: str
    sources: Sequence[UUID]
    held_by: UUID | None

    @property
    def which(self) -> Q:
        """Return the condition that finds them."""
        return Q(code=self.code, source__in=self.sources, partner=self.held_by)


def move_some(orders: CodeOrders, partner_id: UUID | None) -> Moved:
    """Move the first orders of a code; counts all of them."""
    return set_partner(orders.which, partner_id, most=AT_ONCE)


def move_code(orders: CodeOrders, partner_id: UUID | None) -> Moved:
    """Move the orders of a code, the first of them at once and the others as a task; counts all of them."""
    moved = move_some(orders, partner_id)
    if moved.later:
        send_task(
            "orders.settle_code",
            code=orders.code,
            scheme=orders.scheme,
            sources=[str(pk) for pk in orders.sources],
            held_by=str(orders.held_by) if orders.held_by else None,
        )
    return moved


def measured(orders: QuerySet[Order]) -> tuple[int, Decimal]:
    """Return how many orders these are, and what counts of them."""
    sums = orders.order_by().aggregate(n=Count("pk"), total=Sum("counted", filter=~CANCELLED))
    return sums["n"], sums["total"] or Decimal(0)


def set_partner(
    which: Q, partner_id: UUID | None, *, is_change: bool = True, most: int | None = None
) -> Moved:
    """Move orders (at `most` so many) to a partner or to nobody, and make the months of both sides true.

    The caller says by `which` of them it asks for; those that are there already are left alone.
    """
    values: dict[str, UUID | int | None] = {"partner": partner_id, "change": int(is_change)}
    chosen = Order.objects.filter(which)
    chosen = chosen.exclude(partner_id=partner_id) if partner_id else chosen.filter(partner__isnull=False)
    orders, amount = measured(chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS pg_temp.prm_touched, pg_temp.prm_month;"
            "CREATE TEMP TABLE prm_touched (partner_id uuid, month date) ON COMMIT DROP"
        )
        first = chosen.order_by().values_list("id", "partner_id", "month")[:most]
        sql, parameters = first.query.sql_with_params()
        cursor.execute(f"CREATE TEMP TABLE prm_moved ON COMMIT DROP AS {sql}", parameters)
        cursor.execute(
            "INSERT INTO pg_temp.prm_touched"
            " SELECT partner_id, month FROM pg_temp.prm_moved WHERE partner_id IS NOT NULL"
            " UNION SELECT %(partner)s::uuid, month FROM pg_temp.prm_moved WHERE %(partner)s::uuid IS NOT NULL",
            values,
        )
        cursor.execute(
            "UPDATE orders_order o SET partner_id = %(partner)s, updated_at = %(now)s,"
            " is_ignored = false, revision = revision + %(change)s"
            " FROM pg_temp.prm_moved m WHERE o.tenant_id = %(tenant)s AND o.id = m.id",
            values | {"tenant": current_tenant().pk, "now": now()},
        )
        if is_change:
            create(GIVEN)
            cursor.execute("INSERT INTO pg_temp.prm_given (order_id) SELECT id FROM pg_temp.prm_moved")
        cursor.execute("DROP TABLE pg_temp.prm_moved")
    if is_change:
        share_given()
    recompute_months()
    return Moved(orders, amount, later=max(orders - most, 0) if most else 0)
