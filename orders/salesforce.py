"""Attributed orders as closed-won opportunities of the partner's account.

Every order that counts here counts there, so that both sums agree: reversals as negative amounts,
received and scheduled orders too. A cancelled order is closed lost. An order that loses its partner
leaves Salesforce, since it would be revenue of the wrong account. To an organisation with one currency go amounts that
count here, in the tenant's currency, since it adds up what it gets; one whose rate is missing has none. To one with several
goes the order's own amount with its currency. The owner there is the partner's rep when the order comes.
"""

from collections.abc import Sequence
from uuid import UUID

from orders.book.models import Order
from orders.states import OrderState
from prm.core.calendar import local_date
from prm.mapping import Field, Kind, Mapping, Money, Parent, Removed, Sums, Touch, Values, aged
from prm.mapping import own as own_mapping
from prm.ownfields import values as own_values
from prm.ownfields.queries import here as own_fields
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant

_COLUMNS = ("partner_id", "source_id", "number", "placed_at", "counted", "amount", "currency", "state")
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
                watch=_COLUMNS,
                only="r.partner_id IS NOT NULL",
            ),
            Touch(
                table="orders_ordersource",
                watch=("name",),
                records=f"{_TIED} r.tenant_id AND o.source_id = r.id",
            ),
            Touch(table="partners_partner", watch=("rep_id",), records=_NEW_OF_A_PARTNER),
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
