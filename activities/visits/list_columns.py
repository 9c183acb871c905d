"""What this app adds to the list of partners: when somebody was met last, and who was not for so many days."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django_filters import NumberFilter

from activities.visits.models import Visit
from partners.directory.models import Partner, PartnerQuerySet
from partners.profiles.columns import ListColumn
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.tenancy.use_cases import require
from prm.ui import tables as ui

MOST_DAYS: Final = 3_650


class _LastVisit(ui.DayColumn):
    """How long ago; partners that nobody has met come last in both directions."""

    def order(self, queryset: QuerySet[Partner], is_descending: bool) -> tuple[QuerySet[Partner], bool]:
        """Order by the moment, then by name."""
        by = F("last_visit_at")
        first = by.desc(nulls_last=True) if is_descending else by.asc(nulls_last=True)
        return queryset.order_by(first, "name", "pk"), True


def _annotate(partners: PartnerQuerySet) -> PartnerQuerySet:
    latest = Visit.objects.filter(partner=OuterRef("pk")).order_by("-happened_at").values("happened_at")[:1]
    return partners.annotate(last_visit_at=Subquery(latest))


def _not_seen(partners: QuerySet[Partner], name: str, value: Decimal) -> QuerySet[Partner]:
    """Keep those who were not met for at least so many days, or never. Raises PermissionDenied."""
    del name
    require(Right.ACTIVITY_VIEW)
    since = now() - timedelta(days=float(value))
    return partners.filter(~Exists(Visit.objects.filter(partner=OuterRef("pk"), happened_at__gt=since)))


def _filters() -> dict[str, NumberFilter]:
    days = NumberFilter(
        lookup_expr="gte",
        label="Days without a visit",
        method=_not_seen,
        min_value=1,
        max_value=MOST_DAYS,
    )
    return {"not_seen": days}


COLUMNS = [
    ListColumn(
        key="last_visit",
        label="Last visit",
        right=Right.ACTIVITY_VIEW,
        make=lambda: _LastVisit(accessor="last_visit_at", verbose_name="Last visit", ago=True, priority=3),
        annotate=_annotate,
        filters=_filters,
    )
]
