"""Filters of lists and API: what is left when people narrow a list, in the tenant's own days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone

from activities.market.budgets.filters import BudgetUpdateFilter, OpportunityFilter
from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.competition.filters import InsightFilter
from activities.market.competition.models import Insight
from activities.market.names.models import Competitor, Differentiator
from activities.visits.filters import VisitFilter
from activities.visits.models import Visit
from prm.accounts.service import add_member
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on_a_monday_in_new_york(clock_at):
    clock_at(NOW)
    with timezone.override("America/New_York"):
        yield


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def narrowed(filterset, model, **query):
    data = QueryDict(mutable=True)
    data.update({name: str(value) for name, value in query.items()})
    found = filterset(data=data, queryset=model.objects.all(), request=None)
    assert found.is_valid(), found.errors
    return list(found.qs)


def errors(filterset, model, **query):
    return set(filterset(data=query, queryset=model.objects.all(), request=None).errors)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"after": "2026-11-01"}, False),
        ({"after": "2026-10-31"}, True),
        ({"before": "2026-10-31"}, True),
        ({"before": "2026-10-30"}, False),
        ({"after": "2026-10-31", "before": "2026-10-31"}, True),
    ],
)
def test_days_of_visits_are_the_tenants(in_mercy, elena, query, is_found):
    """Half past eleven in the evening of 31 October in New York is November in Greenwich."""
    visit = make.visit(elena, in_mercy.rep, happened_at=datetime(2026, 11, 1, 3, 30, tzinfo=UTC))
    assert narrowed(VisitFilter, Visit, **query) == ([visit] if is_found else [])


@pytest.mark.parametrize(("promised", "steps"), [("true", {"Call"}), ("false", {""})])
def test_visits_with_an_open_promise_are_found_or_left_out(in_mercy, elena, promised, steps):
    make.visit(elena, in_mercy.rep, next_step="Call")
    make.visit(elena, in_mercy.rep)
    assert {visit.next_step for visit in narrowed(VisitFilter, Visit, promised=promised)} == steps


@pytest.mark.parametrize("name", ["channel", "purpose"])
def test_visits_are_narrowed_by_what_they_were(in_mercy, elena, name):
    make.visit(elena, in_mercy.rep, channel="phone", purpose="service_issue")
    make.visit(elena, in_mercy.rep, channel="video", purpose="outcome_review")
    for visit in Visit.objects.all():
        assert narrowed(VisitFilter, Visit, **{name: getattr(visit, name)}) == [visit]


def test_visits_are_narrowed_by_partner_and_rep(in_mercy, elena):
    other = make.partner("Dr. Samuel Okafor")
    mine, theirs = make.visit(elena, in_mercy.rep), make.visit(other, in_mercy.manager)
    assert narrowed(VisitFilter, Visit, partner=elena.pk) == [mine]
    assert narrowed(VisitFilter, Visit, rep=in_mercy.manager.pk) == [theirs]


def test_a_partners_own_sign_in_is_no_choice_of_rep(in_mercy):
    theirs = add_member(email="elena@mercy.example", role="partner", name="Elena")
    assert errors(VisitFilter, Visit, rep=theirs.pk) == {"rep"}


def test_rows_of_another_tenant_are_no_choice(mercy, anchor):
    with tenant_scope(anchor.tenant):
        theirs = make.partner("Agent Smith")
        competitor = Competitor.objects.create(name="Their rival")
    with tenant_scope(mercy.tenant):
        assert errors(VisitFilter, Visit, partner=theirs.pk) == {"partner"}
        assert errors(InsightFilter, Insight, competitor=competitor.pk) == {"competitor"}


@pytest.mark.parametrize("name", ["after", "before"])
def test_a_day_that_is_none_is_refused_with_a_hint(in_mercy, name):
    filterset = VisitFilter(data={name: "2026-11-31"}, queryset=Visit.objects.all(), request=None)
    assert filterset.errors == {name: ["November has 30 days. Did you mean 1 December?"]}


@pytest.mark.parametrize(
    ("typed", "names"), [("$100,000", {"Large"}), ("90 000", {"Large", "Small"}), ("-1", {"Large", "Small"})]
)
def test_opportunities_are_narrowed_by_amounts_as_people_type_them(in_mercy, elena, typed, names):
    make.opportunity(elena, name="Large", amount=Decimal(100_000))
    make.opportunity(elena, name="Small", amount=Decimal(90_000))
    assert {row.name for row in narrowed(OpportunityFilter, Opportunity, amount_from=typed)} == names


def test_an_amount_that_is_none_is_refused(in_mercy):
    assert errors(OpportunityFilter, Opportunity, amount_from="many") == {"amount_from"}


@pytest.mark.parametrize(("words", "is_found"), [("echo", True), ("marchetti", True), ("knee", False)])
def test_opportunities_are_found_by_their_name_or_their_partners(in_mercy, elena, words, is_found):
    opportunity = make.opportunity(elena, name="Echo lab")
    assert narrowed(OpportunityFilter, Opportunity, q=words) == ([opportunity] if is_found else [])


@pytest.mark.parametrize(
    ("lookup", "days", "is_found"),
    [("after", 90, True), ("after", 91, False), ("before", 90, True), ("before", 89, False)],
)
def test_opportunities_are_narrowed_by_the_day_they_are_expected(in_mercy, elena, lookup, days, is_found):
    opportunity = make.opportunity(elena, days=90)
    day = date(2026, 11, 23) + timedelta(days=days)
    assert narrowed(OpportunityFilter, Opportunity, **{lookup: day}) == ([opportunity] if is_found else [])


def test_budget_updates_are_narrowed_by_partner_and_opportunity(in_mercy, elena):
    opportunity = make.opportunity(elena)
    make.opportunity(make.partner("Dr. Samuel Okafor"))
    for query in ({"partner": elena.pk}, {"opportunity": opportunity.pk}):
        assert [row.opportunity for row in narrowed(BudgetUpdateFilter, BudgetUpdate, **query)] == [
            opportunity
        ]


def test_insights_are_narrowed_by_what_decided_and_against_whom(in_mercy, elena):
    price = make.insight(elena, in_mercy.rep, differentiators=["Price", "Location"])
    make.insight(elena, in_mercy.rep, competitor="University", differentiators=["Location"], outcome="won")
    reason = Differentiator.objects.get(name="Price")
    rival = Competitor.objects.get(name="St. Brendan")
    assert narrowed(InsightFilter, Insight, differentiator=reason.pk) == [price]
    assert narrowed(InsightFilter, Insight, competitor=rival.pk) == [price]
    assert narrowed(InsightFilter, Insight, outcome="lost") == [price]


def test_without_a_question_everything_is_there(in_mercy, elena):
    make.visit(elena, in_mercy.rep, insight=make.insight_input())
    make.opportunity(elena)
    for filterset, model in (
        (VisitFilter, Visit),
        (InsightFilter, Insight),
        (OpportunityFilter, Opportunity),
    ):
        assert len(narrowed(filterset, model)) == 1
