"""What this app adds to the list of partners: when somebody was met last."""

from django.db.models import F, OuterRef, QuerySet, Subquery

from activities.visits.models import Visit
from partners.directory.models import Partner, PartnerQuerySet
from partners.profiles.columns import ListColumn
from prm.accounts.rights import Right
from prm.ui import tables as ui


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


COLUMNS = [
    ListColumn(
        key="last_visit",
        label="Last visit",
        right=Right.ACTIVITY_VIEW,
        make=lambda: _LastVisit(accessor="last_visit_at", verbose_name="Last visit", ago=True, priority=3),
        annotate=_annotate,
    )
]
