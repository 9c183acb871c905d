"""Filters of insights, for page and API alike."""

import django_filters

from activities.filters import member_filter, partner_filter
from activities.market.competition.models import Differentiator, Insight, InsightQuerySet
from activities.market.competition.pickers import COMPETITORS, DIFFERENTIATORS
from activities.market.competition.states import Outcome
from prm.ui.filters import DayFilter
from prm.ui.pickers.fields import PickerFilter


class InsightFilter(django_filters.FilterSet):
    """Insights by what they say, about whom and when."""

    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label="What happened")
    competitor = PickerFilter(COMPETITORS, label="Competitor")
    differentiator = PickerFilter(DIFFERENTIATORS, label="Because of", method="by_differentiator")
    partner = partner_filter("Partner")
    rep = member_filter("Rep")
    after = DayFilter(field_name="happened_on", lookup_expr="gte", label="From")
    before = DayFilter(field_name="happened_on", lookup_expr="lte", label="To")

    class Meta:
        model = Insight
        fields: tuple[str, ...] = ()

    def by_differentiator(
        self, queryset: InsightQuerySet, name: str, value: Differentiator
    ) -> InsightQuerySet:
        """Those that name it."""
        return queryset.naming(value.pk)
