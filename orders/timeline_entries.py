"""What this app tells on a partner's timeline: the orders of each week."""

from datetime import datetime

from orders.book.queries import order_weeks
from partners.directory.models import Partner
from partners.directory.timeline import Entry, MayChange, TimelineSource
from prm.core import calendar
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import day_span, money, plural
from prm.ui.parts import Item


def _orders(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    entries = []
    for row in order_weeks(partner)[:most]:
        title = f"{plural(row['orders'], *order_nouns())}, {money(row['amount'], row['currency'])}"
        item = Item(icon="package", title=title, when=_span(row["first"], row["last"]))
        entries.append(Entry(row["last"], item))
    return entries


def _span(first: datetime, last: datetime) -> str:
    """Return "19–21 Nov", or one day."""
    tenant = current_tenant()
    return day_span(calendar.local_date(tenant, first), calendar.local_date(tenant, last))


def _count(partner: Partner) -> int:
    return order_weeks(partner).count()


ENTRIES = [TimelineSource("orders", 60, _orders, _count)]
