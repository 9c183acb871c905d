"""What this app puts beside a proposal of a tier: the largest order, and what part of the revenue it is."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Sum

from orders.book.models import Order
from partners.directory.models import Partner
from partners.reviews.registry import EvidenceSource
from partners.standing.models import PartnerMonth
from prm.core.calendar import local_date, month_start
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import day, money, percent


def _facts(partner: Partner, first: date, last: date) -> Sequence[tuple[str, str]]:
    """Return the largest order that counts (2 queries); nothing without one."""
    months = (month_start(first), month_start(last))
    some = Order.objects.filter(partner=partner, month__range=months, is_reversal=False, counted__gt=0)
    largest = some.order_by("-counted", "pk").first()
    if largest is None or largest.counted is None:
        return []
    revenue = PartnerMonth.objects.filter(partner=partner, month__range=months).aggregate(sum=Sum("revenue"))[
        "sum"
    ]
    part = f", {percent(min(1, largest.counted / revenue))} of it" if revenue and revenue > 0 else ""
    on = day(local_date(current_tenant(), largest.placed_at))
    return [(f"Largest {order_nouns()[0]}", f"{money(largest.counted, current_tenant())}{part}, {on}")]


EVIDENCE = [EvidenceSource(key="orders", facts=_facts, order=10)]
