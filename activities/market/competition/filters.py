"""Filters of insights, for page and API alike."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from activities.choices import (
    competitors_choices,
    differentiators_choices,
    members_choices,
    partners_choices,
)
from activities.market.competition.models import Differentiator, Insight
from activities.market.competition.states import Outcome
from prm.ui.filters import DayFilter


class InsightFilter(django_filters.FilterSet):
    """Insights by what they say, about whom and when."""

    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label="What happened")
    competitor = django_filters.ModelChoiceFilter(queryset=competitors_choices, label="Competitor")
    differentiator = django_filters.ModelChoiceFilter(
        queryset=differentiators_choices, label="Because of", method="by_differentiator"
    )
    partner = django_filters.ModelChoiceFilter(queryset=partners_choices, label="Partner")
    rep = django_filters.ModelChoiceFilter(queryset=members_choices, label="Rep")
    after = DayFilter(field_name="happened_on", lookup_expr="gte", label="From")
    before = DayFilter(field_name="happened_on", lookup_expr="lte", label="To")

    class Meta:
        model = Insight
        fields: tuple[str, ...] = ()

    def by_differentiator(self, queryset: Any, name: str, value: Differentiator) -> QuerySet[Insight]:
        """Those that name it."""
        found: QuerySet[Insight] = queryset.naming(value.pk)
        return found
