"""What can be found in this app: orders by number, and codes that wait for their partner."""

from urllib.parse import quote

from orders.attribution.queries import waiting_codes_from
from orders.book.models import Order
from orders.book.queries import orders_numbered
from partners.directory.codes import normalise
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.search.registry import MOST_COUNTED, NOTHING, Asked, Found, Hit, HitAction, SearchSource
from prm.tenancy.context import current_tenant, orders_heading, said_of_orders
from prm.ui.formatting import day, money


def find_orders(asked: Asked) -> Found:
    """Find orders whose number begins with the text, as typed or in capitals, in every source."""
    ids = orders_numbered(asked.text, most=MOST_COUNTED)
    rows = {order.pk: order for order in Order.objects.with_names().filter(pk__in=ids[: asked.most])}
    return Found([_hit(rows[pk]) for pk in ids[: asked.most] if pk in rows], len(ids))


def _hit(order: Order) -> Hit:
    whose = f"sent by {order.partner.name}" if order.partner else "nobody’s yet"
    return Hit(
        title=order.number,
        url=order.get_absolute_url(),
        id=str(order.pk),
        detail=f"{order.source.name} · {whose}",
        aside=f"{day(order.placed_at)} · {money(order.amount, order.currency)}",
    )


def find_waiting(asked: Asked) -> Found:
    """Find codes in the queue that begin with the text."""
    normal = normalise(asked.text)
    if not normal:
        return NOTHING
    codes = waiting_codes_from(normal, most=asked.most + 1)
    queue = tenant_url(current_tenant(), "orders:unattributed")
    noun = current_tenant().partner_noun
    hits = [Hit(code, f"{queue}?code={quote(code)}", aside=f"no {noun} yet") for code in codes]
    return Found(hits[: asked.most], len(codes))


def orders_list(text: str) -> str:
    """Return the list of orders, filtered by a text."""
    return f"{tenant_url(current_tenant(), 'orders:list')}?q={quote(text)}"


SEARCHES = [
    SearchSource(
        key="waiting-codes",
        label="Codes that wait",
        icon="help-hexagon",
        right=Right.ORDER_TIE,
        find=find_waiting,
        order=25,
    ),
    SearchSource(
        key="orders",
        label=orders_heading,
        icon="package",
        right=Right.ORDER_VIEW,
        find=find_orders,
        everything=orders_list,
        order=30,
    ),
]

ACTIONS = [
    HitAction(
        key="orders-of-partner",
        on="partners",
        words=said_of_orders("{Orders} of"),
        icon="package",
        right=Right.ORDER_VIEW,
        url=lambda hit: f"{tenant_url(current_tenant(), 'orders:list')}?partner={hit.id}",
        order=20,
    )
]
