"""Filters of visits, for page and API alike."""

import django_filters
from django.db.models import QuerySet

from activities.filters import member_filter, partner_filter
from activities.visits.models import Visit
from activities.visits.states import Channel, Purpose
from prm.ui.filters import MomentDayFilter, YesNoFilter


class VisitFilter(django_filters.FilterSet):
    """Visits by partner, rep, channel, purpose, day and whether a promise is open."""

    partner = partner_filter()
    rep = member_filter()
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    purpose = django_filters.ChoiceFilter(choices=Purpose.choices)
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
