"""Attributed orders as closed-won opportunities of the partner's account.

Every order that counts here counts there, so that both sums agree: reversals as negative amounts,
received and scheduled orders too. A cancelled order is closed lost. An order that loses its partner
leaves Salesforce, since it would be revenue of the wrong account. To an organisation with one currency go amounts that
count here, in the tenant's currency, since it adds up what it gets; one whose rate is missing has none. To one with several
goes the order's own amount with its currency. The owner there is the partner's rep when the order comes.

Where a tenant wants products, the lines of an order go as line items: all of its counted lines, those of refunds too. A line
is known by its order, the code of its product and how many of that code stand before it, so that a line that is taken out of the
middle moves no other.
"""

from collections import Counter
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from orders.book.models import Order, OrderLine
from orders.states import OrderState
from partners.directory.models import Partner
from prm.core.calendar import local_date
from prm.core.ids import named_id
from prm.mapping import Field, Kind, Line, Lines, Mapping, Money, Parent, Removed, Sums, Touch, Values, aged
from prm.mapping import own as own_mapping
from prm.ownfields import values as own_values
from prm.ownfields.queries import here as own_fields
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant

_COLUMNS = ("partner_id", "source_id", "number", "placed_at", "counted", "amount", "currency", "state")
# Another version of an order may have other lines and the same sum.
_WATCHED = (*_COLUMNS, "revision")
_OWN = "order"
_READ = (*_COLUMNS, "source__name", "partner__rep_id")
_TIED = "SELECT o.id FROM orders_order o WHERE o.partner_id IS NOT NULL AND o.tenant_id = "

# Of a partner whose rep changes: those that are not there yet, since an owner goes with a new record only.
_NEW_OF_A_PARTNER = (
    "SELECT o.id FROM orders_order o WHERE o.tenant_id = r.tenant_id AND o.partner_id = r.id"
    " AND NOT EXISTS (SELECT 1 FROM prm_records_there('orders.order') t WHERE t.record_id = o.id)"
)


def read(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of attributed orders; others are not kept in step."""
    tenant = current_tenant()
    orders = Order.objects.filter(pk__in=ids, partner__isnull=False)
    orders = orders.select_related("source", "partner").only(*_READ)
    own, fields = own_values.values_of(_OWN, ids), own_fields(_OWN)
    return {
        order.pk: {
            "name": f"{order.source.name} {order.number}",
            "stage": "Closed Lost" if order.state == OrderState.CANCELLED else "Closed Won",
            "close_date": local_date(tenant, order.placed_at),
            "amount": order.counted,
            "own_amount": order.amount,
            "currency": order.currency,
            "rep": order.partner.rep_id if order.partner else None,
            "partner": order.partner_id,
            **own_mapping.values(fields, own[order.pk]),
        }
        for order in orders
    }


def read_lines(ids: Sequence[UUID], own: bool) -> dict[UUID, list[Line]]:
    """Return the counted lines of orders in their order, in the order's own currency or (`own` false) the tenant's (2 queries)."""
    rates = {} if own else dict(Order.objects.filter(pk__in=ids).values_list("pk", "rate"))
    rows = OrderLine.objects.filter(order__in=ids).exclude(state=OrderState.CANCELLED)
    found: dict[UUID, list[Line]] = {}
    seen: Counter[tuple[UUID, str]] = Counter()
    for row in rows.select_related("product__merged_into").order_by("order", "ordinal"):
        code = row.product.main.code if row.product is not None else ""
        seen[row.order_id, code] += 1
        found.setdefault(row.order_id, []).append(_line(row, seen[row.order_id, code], rates))
    return found


def _line(row: OrderLine, place: int, rates: Mapped[UUID, Decimal | None]) -> Line:
    product = row.product.main if row.product is not None else None
    code = product.code if product is not None else ""
    rate = rates.get(row.order_id)
    return Line(
        key=named_id(current_tenant().pk, "order line", str(row.order_id), code, str(place)),
        product=product.pk if product is not None else None,
        code=code,
        name=product.name if product is not None else "",
        quantity=row.quantity,
        amount=row.amount if rate is None else row.amount * rate,
    )


def _offers() -> list[Field]:
    return own_mapping.offered(own_fields(_OWN))


MAPPINGS = [
    Mapping(
        key="orders.order",
        singular="order",
        plural="orders",
        sobject="Opportunity",
        there_words="Opportunity, closed won",
        url_name="orders:detail",
        read=read,
        offers=_offers,
        parents=(
            Parent(here="partner", there="AccountId", mapping="partners.partner", column="r.partner_id"),
        ),
        aspects=(aged("placed", "r.placed_at"),),
        removed=Removed.DELETE,
        lines=Lines(read=read_lines, amount="Amount"),
        money=Money(amount="amount", own="own_amount", currency="currency"),
        sums=Sums(day="close_date", amount="amount", state="stage", counts="Closed Won"),
        fields=(
            Field(here="name", there="Name", length=120, cut=True),
            Field(here="stage", there="StageName", kind=Kind.PICKLIST),
            Field(here="close_date", there="CloseDate", kind=Kind.DATE),
            Field(here="amount", there="Amount", kind=Kind.CURRENCY, scale=2),
            # Whose partner it is when the order comes: a sale of the past is not given to the next rep, and whom they give it
            # to there keeps it.
            Field(here="rep", there="OwnerId", kind=Kind.OWNER, label="Owner", length=18, once=True),
        ),
        touched_by=(
            Touch(
                table="orders_order",
                watch=_WATCHED,
                only="r.partner_id IS NOT NULL",
            ),
            Touch(
                table="orders_ordersource",
                watch=("name",),
                records=f"{_TIED} r.tenant_id AND o.source_id = r.id",
            ),
            Touch(table=Partner._meta.db_table, watch=("rep_id",), records=_NEW_OF_A_PARTNER),
            *own_mapping.touches("orders_ordervalue", "order_id"),
            # Its time zone decides on which day an order was placed.
            Touch(
                table=Tenant._meta.db_table,
                watch=("timezone",),
                records=f"{_TIED} current_setting('prm.tenant')::uuid AND o.tenant_id = r.id",
                shared=True,
            ),
        ),
    ),
]
