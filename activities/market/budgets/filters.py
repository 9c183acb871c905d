"""Filters of opportunities and budget updates, for page and API alike."""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from activities.filters import member_filter, partner_filter
from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.budgets.states import OpportunityState, Stage
from orders.catalogue.choosing import PRODUCTS
from orders.catalogue.models import Product
from orders.catalogue.queries import alike
from partners.directory.models import Partner
from prm.ui.filters import AmountFilter, DayFilter, MomentDayFilter
from prm.ui.pickers.fields import PickerFilter


class OpportunityFilter(django_filters.FilterSet):
    """Opportunities by state, stage, partner, owner, day and amount."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    state = django_filters.ChoiceFilter(choices=OpportunityState.choices, label="State")
    stage = django_filters.ChoiceFilter(choices=Stage.choices, label="Stage")
    owner = member_filter("Owner")
    partner = partner_filter("Partner")
    product = PickerFilter(PRODUCTS, label="Product or service", method="by_product")
    amount_from = AmountFilter("amount", "gte", label="Amount")
    after = DayFilter(field_name="close_date", lookup_expr="gte", label="Expected from")
    before = DayFilter(field_name="close_date", lookup_expr="lte", label="Expected to")

    class Meta:
        model = Opportunity
        fields: tuple[str, ...] = ()

    def by_product(self, queryset: QuerySet[Opportunity], name: str, value: Product) -> QuerySet[Opportunity]:
        """Those about it, alone or among several."""
        same = alike(value.pk)
        parts = OpportunityProduct.objects.filter(opportunity=OuterRef("pk"), product__in=same)
        return queryset.filter(Q(product__in=same) | Q(Exists(parts)))

    def by_words(self, queryset: QuerySet[Opportunity], name: str, value: str) -> QuerySet[Opportunity]:
        """Those whose name, or partner's name, contains the words."""
        partners = Partner.objects.matching(value).values("pk")
        return queryset.filter(name__icontains=value) | queryset.filter(partner_id__in=partners)


class OpportunityPageFilter(OpportunityFilter):
    """The same without the state, which the page has as tabs."""

    state = None


class BudgetUpdateFilter(django_filters.FilterSet):
    """Budget updates by opportunity, partner and day."""

    opportunity = django_filters.UUIDFilter(field_name="opportunity_id")
    partner = django_filters.UUIDFilter(field_name="opportunity__partner_id")
    after = MomentDayFilter(field_name="at", lookup_expr="gte", label="From")
    before = MomentDayFilter(field_name="at", lookup_expr="lte", label="To")

    class Meta:
        model = BudgetUpdate
        fields: tuple[str, ...] = ()
