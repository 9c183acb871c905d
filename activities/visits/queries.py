"""Reads of visits for other rooms."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Max

from activities.visits.models import Visit
from activities.visits.sql import VISITS_PER_MONTH
from activities.visits.states import Channel
from partners.directory.models import Partner
from partners.standing.arrays import Days, Longs
from partners.standing.inputs import Wanted


def last_visits(partner_ids: Collection[UUID], *, before: datetime) -> dict[UUID, datetime]:
    """Return when each partner was last met (1 query)."""
    rows = Visit.objects.filter(partner_id__in=partner_ids, happened_at__lt=before)
    return dict(rows.values_list("partner_id").annotate(Max("happened_at")).order_by())


class MonthCounts(NamedTuple):
    """Columns of equal length: which of the wanted partners, the first day of a month, visits in it."""

    place: Longs
    month: Days
    visits: Longs


def visits_per_month(wanted: Wanted, *, timezone: str, since: datetime, end: datetime) -> MonthCounts:
    """Count the wanted partners' visits from one moment to another by month of the zone (1 query)."""
    return MonthCounts(*wanted.read(VISITS_PER_MONTH, 3, zone=timezone, since=since, end=end))


def visit_moments(partner: Partner, *, since: datetime, end: datetime) -> list[tuple[datetime, Channel]]:
    """Return when and how a partner was met from one moment to another (1 query)."""
    rows = Visit.objects.filter(partner=partner, happened_at__gte=since, happened_at__lt=end)
    return [(at, Channel(channel)) for at, channel in rows.values_list("happened_at", "channel")]
