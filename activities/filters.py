"""One FilterSet per list, for page and API alike. Choices are bound to the tenant in scope."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from activities.models import BudgetUpdate, CallPlan, Competitor, Differentiator, Insight, Opportunity, Visit
from activities.states import Channel, OpportunityState, Outcome, Purpose, Stage
from partners.models import Partner
from prm.tenancy.models import Membership
from prm.ui.filters import DayFilter, day_field


def _partners(request: Any) -> QuerySet[Partner]:
    return Partner.objects.all()


def _members(request: Any) -> QuerySet[Membership]:
    return Membership.objects.exclude(role="partner").with_people()


def _competitors(request: Any) -> QuerySet[Competitor]:
    return Competitor.objects.all()


def _differentiators(request: Any) -> QuerySet[Differentiator]:
    return Differentiator.objects.all()


def _day(name: str, lookup: str, label: str, *, of_moment: bool) -> django_filters.Filter:
    kind = DayFilter if of_moment else django_filters.DateFilter
    return kind(field_name=name, lookup_expr=lookup, label=label, widget=day_field())


class VisitFilter(django_filters.FilterSet):
    """Visits by partner, rep, channel, purpose, day and whether a promise is open."""

    partner = django_filters.ModelChoiceFilter(queryset=_partners)
    rep = django_filters.ModelChoiceFilter(queryset=_members)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    purpose = django_filters.ChoiceFilter(choices=Purpose.choices)
    after = _day("happened_at", "gte", "From", of_moment=True)
    before = _day("happened_at", "lte", "To", of_moment=True)
    promised = django_filters.BooleanFilter(method="by_promise", label="Open next step")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()

    def by_promise(self, queryset: QuerySet[Visit], name: str, value: bool) -> QuerySet[Visit]:
        """Those with an open next step, or without."""
        open_steps = Visit.objects.exclude(next_step="").filter(next_step_done_at=None)
        return queryset.filter(pk__in=open_steps) if value else queryset.exclude(pk__in=open_steps)


class InsightFilter(django_filters.FilterSet):
    """Insights by what they say, about whom and when."""

    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, label="What happened")
    competitor = django_filters.ModelChoiceFilter(queryset=_competitors, label="Competitor")
    differentiator = django_filters.ModelChoiceFilter(
        queryset=_differentiators, label="Because of", method="by_differentiator"
    )
    partner = django_filters.ModelChoiceFilter(queryset=_partners, label="Partner")
    rep = django_filters.ModelChoiceFilter(queryset=_members, label="Rep")
    after = _day("happened_on", "gte", "From", of_moment=False)
    before = _day("happened_on", "lte", "To", of_moment=False)

    class Meta:
        model = Insight
        fields: tuple[str, ...] = ()

    def by_differentiator(self, queryset: Any, name: str, value: Differentiator) -> QuerySet[Insight]:
        """Those that name it."""
        found: QuerySet[Insight] = queryset.naming(value.pk)
        return found


class OpportunityFilter(django_filters.FilterSet):
    """Opportunities by state, stage, partner, owner, day and amount."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    state = django_filters.ChoiceFilter(choices=OpportunityState.choices, label="State")
    stage = django_filters.ChoiceFilter(choices=Stage.choices, label="Stage")
    owner = django_filters.ModelChoiceFilter(queryset=_members, label="Owner")
    partner = django_filters.ModelChoiceFilter(queryset=_partners, label="Partner")
    amount_from = django_filters.NumberFilter(field_name="amount", lookup_expr="gte", label="Amount")
    after = _day("close_date", "gte", "Expected from", of_moment=False)
    before = _day("close_date", "lte", "Expected to", of_moment=False)

    class Meta:
        model = Opportunity
        fields: tuple[str, ...] = ()

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
    after = _day("at", "gte", "From", of_moment=True)
    before = _day("at", "lte", "To", of_moment=True)

    class Meta:
        model = BudgetUpdate
        fields: tuple[str, ...] = ()


class CallPlanFilter(django_filters.FilterSet):
    """Call plans by partner."""

    partner = django_filters.UUIDFilter(field_name="partner_id")

    class Meta:
        model = CallPlan
        fields: tuple[str, ...] = ()
