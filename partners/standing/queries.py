"""Reads of partner-months."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from partners.standing.models import PartnerMonth
from prm.core.calendar import add_months


def orders_by_month(partner_ids: Sequence[UUID], last: date, months: int) -> dict[UUID, list[int]]:
    """Count orders per month, oldest first, for some partners (1 query)."""
    first = add_months(last, 1 - months)
    places = {add_months(first, step): step for step in range(months)}
    table = {pk: [0] * months for pk in partner_ids}
    rows = PartnerMonth.objects.filter(partner_id__in=partner_ids, month__gte=first, month__lte=last)
    for pk, at, orders in rows.values_list("partner_id", "month", "orders"):
        table[pk][places[at]] = orders
    return table


def revenue_by_month(partner_ids: Sequence[UUID], last: date, months: int) -> dict[UUID, list[Decimal]]:
    """Sum revenue per month, oldest first, for some partners (1 query)."""
    first = add_months(last, 1 - months)
    places = {add_months(first, step): step for step in range(months)}
    table = {pk: [Decimal(0)] * months for pk in partner_ids}
    rows = PartnerMonth.objects.filter(partner_id__in=partner_ids, month__gte=first, month__lte=last)
    for pk, at, revenue in rows.values_list("partner_id", "month", "revenue"):
        table[pk][places[at]] = revenue
    return table
