"""Reads of visits for other rooms."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from activities.visits.models import Visit

MONTHS_READ = 15


def last_visits(partner_ids: Collection[UUID], *, before: datetime) -> dict[UUID, datetime]:
    """Return when each partner was last met (1 query)."""
    rows = Visit.objects.filter(partner_id__in=partner_ids, happened_at__lt=before)
    return dict(rows.values_list("partner_id").annotate(Max("happened_at")).order_by())
