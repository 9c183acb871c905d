"""Filters of insights, for page and API alike."""

import django_filters
from django import forms

from activities.filters import member_filter, partner_filter
from activities.market.competition.models import Insight, InsightQuerySet
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.names.models import Differentiator
from activities.market.names.pickers import COMPETITORS, DIFFERENTIATORS
from orders.catalogue.choosing import PRODUCTS
from orders.catalogue.models import Product
from orders.catalogue.queries import alike
from prm.ui.filters import DayFilter, YesNoFilter
from prm.ui.pickers.fields import PickerFilter


class InsightFilter(django_filters.FilterSet):
    """Insights by what they say, about whom and when."""

    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label="What happened")
    decided = YesNoFilter(method="by_decided", label="Decided", widget=forms.HiddenInput)
    competitor = PickerFilter(COMPETITORS, label="Competitor")
    differentiator = PickerFilter(DIFFERENTIATORS, label="Because of", method="by_differentiator")
    product = PickerFilter(PRODUCTS, label="Product or service", method="by_product")
    source = django_filters.ChoiceFilter(choices=Source.choices, label="Who says so")
    confidence = django_filters.ChoiceFilter(choices=Confidence.choices, label="How sure")
    region = django_filters.CharFilter(field_name="partner__region", lookup_expr="iexact", label="Region")
    partner = partner_filter("Partner")
    rep = member_filter("Rep")
    after = DayFilter(field_name="happened_on", lookup_expr="gte", label="From")
    before = DayFilter(field_name="happened_on", lookup_expr="lte", label="To")

    class Meta:
        model = Insight
        fields: tuple[str, ...] = ()

    def by_decided(self, queryset: InsightQuerySet, name: str, value: bool) -> InsightQuerySet:
        """Those that ended one way or the other, or those that were only heard of."""
        return queryset.decided() if value else queryset.filter(outcome=Outcome.OBSERVED)

    def by_product(self, queryset: InsightQuerySet, name: str, value: Product) -> InsightQuerySet:
        """Those about it, or about an opportunity that is."""
        return queryset.about(alike(value.pk))

    def by_differentiator(
        self, queryset: InsightQuerySet, name: str, value: Differentiator
    ) -> InsightQuerySet:
        """Those that name it."""
        return queryset.naming(value.pk)
