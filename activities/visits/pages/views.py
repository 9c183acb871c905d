"""The list of visits."""

from django.db.models import Model, QuerySet
from django.utils.decorators import method_decorator

from activities.visits.filters import VisitFilter
from activities.visits.models import Visit
from activities.visits.pages.tables import VisitTable
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.urls import tenant_url
from prm.ownfields.lists.columns import extra_columns, with_values
from prm.tenancy.context import current_tenant
from prm.ui.lists import Empty, ListPage

# Own fields that stand in the list; all are in the form, among the filters and in files.
OWN_SHOWN = 3


@method_decorator(page_requires(Right.ACTIVITY_VIEW), name="dispatch")
class VisitList(ListPage):
    """All visits, filtered."""

    rights = (Right.ACTIVITY_VIEW,)
    table_class = VisitTable
    filterset_class = VisitFilter
    template_name = "activities/visits.html"
    most_counted = 10_000
    quick_sorts = ("happened_at",)
    nouns = ("visit", "visits")
    own_shown: int | None = OWN_SHOWN
    request: TenantRequest

    def get_queryset(self) -> QuerySet[Visit]:
        """Return the tenant's visits with names, and the own fields that the page shows."""
        return with_values(Visit.objects.with_people(), "visit", most=OWN_SHOWN)

    def for_export(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Return them with all own fields."""
        self.own_shown = None
        return with_values(queryset, "visit")

    def get_table_kwargs(self) -> dict[str, object]:
        """Return the columns of own fields as well: the first on the page, all in a file."""
        extra = extra_columns("visit", then=("-happened_at",), most=self.own_shown)
        return super().get_table_kwargs() | {"extra_columns": extra}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Stand in the menu where panels do."""
        key = "panels" if allows(self.request, Right.ACTIVITY_MANAGE) else "panel"
        return super().get_context_data(nav_key=key, **kwargs)

    def get_empty(self) -> Empty:
        """Say where visits come from."""
        may = allows(self.request, Right.ACTIVITY_WRITE)
        return Empty(
            title="No visits yet",
            text="Visits and calls appear here when somebody logs one, or a history is brought from a file.",
            icon="walk",
            action_url=tenant_url(current_tenant(), "activities:log") if may else "",
            action_label="Log a visit",
        )
