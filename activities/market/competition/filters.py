"""Filters of insights, for page and API alike."""

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from activities.filters import member_filter, partner_filter
from activities.market.competition.models import Competitor, Differentiator, Insight, InsightQuerySet
from activities.market.competition.states import Outcome
from prm.ui.filters import DayFilter


def _competitors(request: HttpRequest | None) -> QuerySet[Competitor]:
    return Competitor.objects.all()


def _differentiators(request: HttpRequest | None) -> QuerySet[Differentiator]:
    return Differentiator.objects.all()


class InsightFilter(django_filters.FilterSet):
    """Insights by what they say, about whom and when."""

    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label="What happened")
    competitor = django_filters.ModelChoiceFilter(queryset=_competitors, label="Competitor")
    differentiator = django_filters.ModelChoiceFilter(
        queryset=_differentiators, label="Because of", method="by_differentiator"
    )
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
