"""Tests of the demo's activities: plausible, legal, the same every time."""

from datetime import UTC, datetime

import pytest

from activities import demo
from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.competition.models import Insight
from activities.market.news.models import MarketNews
from activities.plans.models import CallPlan
from activities.visits.models import Visit
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.activities import factories as make

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(clock_at):
    clock_at(NOW)


def people(house, kind="physician"):
    from partners.directory.models import Partner

    for n, tier in enumerate(("high", "high", "medium", "medium", "low", "")):
        one = make.partner(f"Partner {n}", rep=house.rep, kind=kind)
        Partner.objects.filter(pk=one.pk).update(tier=tier)
    make.partner("Nobody's partner")


def counts():
    return [model.objects.count() for model in (Visit, Insight, Opportunity, BudgetUpdate, CallPlan)]


def test_fill_makes_two_years_of_activities_once(mercy):
    with tenant_scope(mercy.tenant):
        people(mercy)
    with bound_tenant(mercy.tenant):
        demo.fill(mercy.tenant, 6)
    with tenant_scope(mercy.tenant):
        made = counts()
        assert all(count > 0 for count in made)
        first = Visit.objects.order_by("happened_at").first()
        assert (NOW - first.happened_at).days > 600
        assert not Visit.objects.filter(happened_at__gt=NOW).exists()
        assert not Visit.objects.filter(partner__name="Nobody's partner").exists()
        assert (
            Visit.objects.filter(partner__tier="high").count()
            > 2 * Visit.objects.filter(partner__tier="low").count()
        )
    with bound_tenant(mercy.tenant):
        demo.fill(mercy.tenant, 6)
    with tenant_scope(mercy.tenant):
        assert counts() == made


def test_fill_is_the_same_for_the_same_tenant_on_the_same_day(mercy, anchor):
    figures = []
    for house in (mercy, anchor):
        house.tenant.slug = "same"
        house.tenant.timezone = "UTC"
        with tenant_scope(house.tenant):
            people(house)
            demo.fill(house.tenant, 6)
            visits = Visit.objects.order_by("happened_at", "learned", "next_step")
            figures.append(list(visits.values_list("happened_at", "learned", "next_step", "next_step_due")))
    assert figures[0] == figures[1]


def test_fill_speaks_the_insurers_language_to_agents(anchor):
    with tenant_scope(anchor.tenant):
        people(anchor, kind="agent")
        demo.fill(anchor.tenant, 6)
        known = {demo.INSURER.newcomer, *(name for name, _ in demo.INSURER.competitors)}
        assert set(Insight.objects.values_list("competitor__name", flat=True)) <= known
        assert set(MarketNews.objects.values_list("kind", flat=True)) == {"losses"}


def test_fill_without_partners_does_nothing(mercy):
    with tenant_scope(mercy.tenant):
        demo.fill(mercy.tenant, 6)
        assert counts() == [0] * 5
