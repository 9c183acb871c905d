"""Filters of visits, for page and API alike."""

from datetime import date

import django_filters
from django.db.models import QuerySet

from activities.filters import member_filter, partner_filter
from activities.visits.models import Visit
from activities.visits.states import Channel, Purpose
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.ownfields.lists.filters import OwnFilters, own_words
from prm.ui.filters import MomentDayFilter, YesNoFilter
from prm.ui.formatting import day


class VisitFilter(OwnFilters):
    """Visits by partner, rep, channel, purpose, day, whether a promise is open, and the tenant's own fields."""

    own_of = "visit"

    partner = partner_filter()
    rep = member_filter()
    channel = django_filters.ChoiceFilter(choices=Channel.choices, label="How")
    purpose = django_filters.ChoiceFilter(choices=Purpose.choices, label="Purpose")
    after = MomentDayFilter(field_name="happened_at", lookup_expr="gte", label="From")
    before = MomentDayFilter(field_name="happened_at", lookup_expr="lte", label="To")
    promised = YesNoFilter(method="by_promise", label="Open next step")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()

    def by_promise(self, queryset: QuerySet[Visit], name: str, value: bool) -> QuerySet[Visit]:
        """Those with an open next step, or without."""
        open_steps = Visit.objects.exclude(next_step="").filter(next_step_done_at=None)
        return queryset.filter(pk__in=open_steps) if value else queryset.exclude(pk__in=open_steps)

    def chip_words(self, name: str, value: object) -> str | None:
        """Return a partner and a rep by name, days by themselves."""
        if isinstance(value, Partner):
            return value.name
        if isinstance(value, Membership):
            return str(value.user)
        if isinstance(value, date) and name in {"after", "before"}:
            return day(value)
        return own_words(name, value)
