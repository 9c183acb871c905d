"""Tests of the writes of insights, opportunities, budgets and call plans."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.service import (
    change_opportunity,
    close_opportunity,
    reopen_opportunity,
    reverse_budget,
    update_budget,
)
from activities.market.competition.models import Competitor, Differentiator, Insight
from activities.market.competition.service import (
    add_insight,
    change_insight,
    competitor_named,
    remove_insight,
    rename,
)
from activities.plans.models import CallPlan
from activities.plans.service import set_call_plan
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make

SOON = clock.now().date() + timedelta(days=60)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)


# --- insights


def test_add_insight_makes_new_names_once(in_mercy, elena, asked):
    make.insight(
        elena, in_mercy.rep, competitor=" St.  Brendan ", differentiators=["Price", "price", "Location"]
    )
    make.insight(elena, in_mercy.rep, competitor="st. brendan", outcome="won", differentiators=["PRICE"])
    assert list(Competitor.objects.values_list("name", flat=True)) == ["St. Brendan"]
    assert set(Differentiator.objects.values_list("name", flat=True)) == {"Price", "Location"}
    assert sorted(i.differentiators.count() for i in Insight.objects.all()) == [1, 2]
    assert asked() == {elena.pk}


def test_add_insight_sent_twice_is_one(in_mercy, elena):
    insight_id = uuid4()
    first, again = (
        add_insight(
            partner=elena, rep=in_mercy.rep, insight=make.insight_input(outcome=o), insight_id=insight_id
        )
        for o in ("lost", "won")
    )
    assert first == again
    assert Insight.objects.get().outcome == "lost"
    other = make.partner("Dr. Samuel Okafor")
    refused(
        lambda: add_insight(partner=other, rep=None, insight=make.insight_input(), insight_id=insight_id),
        "id",
        "id_taken",
    )


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"outcome": "drawn"}, "outcome", "invalid_choice"),
        ({"competitor": "  "}, "competitor", "required"),
        ({"competitor": "x" * 121}, "competitor", "max_length"),
        ({"amount": Decimal(-1)}, "amount", "out_of_range"),
        ({"amount": Decimal("NaN")}, "amount", "out_of_range"),
        ({"happened_on": date(1889, 1, 1)}, "happened_on", "too_early"),
        ({"happened_on": SOON}, "happened_on", "future"),
        ({"differentiators": [str(n) for n in range(11)]}, "differentiators", "too_many"),
    ],
)
def test_add_insight_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: make.insight(elena, in_mercy.rep, **change), field, code)
    assert not Insight.objects.exists()


def test_add_insight_refuses_the_opportunity_of_another_partner(in_mercy, elena):
    other = make.opportunity(make.partner("Dr. Samuel Okafor"))
    refused(lambda: make.insight(elena, in_mercy.rep, opportunity=other), "opportunity", "other_partner")


def test_change_and_remove_insight_ask_for_the_score(in_mercy, elena, asked):
    insight = make.insight(elena, in_mercy.rep, differentiators=["Price"])
    asked.clear()
    change_insight(insight=insight, details=make.insight_input(outcome="won", differentiators=["Location"]))
    assert Insight.objects.get().outcome == "won"
    assert asked() == {elena.pk}
    asked.clear()
    assert [d.differentiator.name for d in insight.differentiators.all()] == ["Location"]
    remove_insight(insight=insight)
    assert not Insight.objects.exists()
    assert asked() == {elena.pk}


def test_rename_refuses_a_name_that_is_there(in_mercy):
    first, second = competitor_named(name="Alpha"), competitor_named(name="Beta")
    refused(lambda: rename(row=second, name=" alpha "), "name", "unique")
    rename(row=first, name="ALPHA")
    assert Competitor.objects.get(pk=first.pk).name == "ALPHA"


def test_competitors_of_two_tenants_do_not_meet(mercy, anchor):
    with tenant_scope(mercy.tenant):
        ours = competitor_named(name="Alpha")
    with tenant_scope(anchor.tenant):
        assert competitor_named(name="Alpha") != ours


# --- opportunities and budgets


def test_update_budget_adds_a_row_and_keeps_the_old_figures(in_mercy, elena, asked):
    echo = make.opportunity(elena)
    update = update_budget(opportunity=echo, by=in_mercy.rep, amount=Decimal("120000.004"), close_date=SOON)
    echo.refresh_from_db()
    assert (echo.amount, echo.close_date) == (120_000, SOON)
    assert (update.old_amount, update.new_amount, update.by) == (90_000, 120_000, in_mercy.rep)
    assert asked() == {elena.pk}


def test_update_budget_without_change_writes_nothing(in_mercy, elena):
    echo = make.opportunity(elena)
    assert update_budget(opportunity=echo, by=None, amount=echo.amount, close_date=echo.close_date) is None
    assert BudgetUpdate.objects.count() == 1


def test_update_budget_sent_twice_is_one(in_mercy, elena):
    echo = make.opportunity(elena)
    update_id = uuid4()
    first, again = (
        update_budget(opportunity=echo, by=None, amount=Decimal(n), update_id=update_id) for n in (100, 200)
    )
    assert first == again
    other = make.opportunity(elena, name="Other")
    refused(
        lambda: update_budget(opportunity=other, by=None, amount=Decimal(1), update_id=update_id),
        "id",
        "id_taken",
    )


def test_reverse_budget_restores_and_keeps_the_history(in_mercy, elena):
    echo = make.opportunity(elena)
    update = update_budget(opportunity=echo, by=None, amount=Decimal(120_000))
    reverse = reverse_budget(update=update, by=in_mercy.rep)
    echo.refresh_from_db()
    assert echo.amount == 90_000
    assert (reverse.reverses, reverse.old_amount, reverse.new_amount) == (update, 120_000, 90_000)
    refused(lambda: reverse_budget(update=update, by=None), None, "changed_since")


def test_closed_opportunities_do_not_change_until_reopened(in_mercy, elena):
    echo = make.opportunity(elena)
    closed = close_opportunity(opportunity=echo, state="won")
    assert close_opportunity(opportunity=echo, state="won").closed_at == closed.closed_at
    refused(lambda: update_budget(opportunity=echo, by=None, amount=Decimal(1)), "opportunity", "closed")
    refused(lambda: close_opportunity(opportunity=echo, state="lost"), "state", "closed")
    refused(lambda: close_opportunity(opportunity=echo, state="open"), "state", "invalid_choice")
    reopen_opportunity(opportunity=closed)
    assert update_budget(opportunity=echo, by=None, amount=Decimal(1)).new_amount == 1


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"stage": "dreaming"}, "stage", "invalid_choice"),
        ({"amount": "-1"}, "amount", "out_of_range"),
        ({"amount": "1e30"}, "amount", "out_of_range"),
        ({"days": 40_000}, "close_date", "too_late"),
        ({"currency": "EUR"}, "currency", "currency"),
    ],
)
def test_create_opportunity_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: make.opportunity(elena, **change), field, code)
    assert not Opportunity.objects.exists()


def test_change_opportunity_refuses_an_empty_name(in_mercy, elena):
    echo = make.opportunity(elena)
    refused(lambda: change_opportunity(opportunity=echo, name="", stage="proposal"), "name", "required")
    assert change_opportunity(opportunity=echo, name="Echo", stage="proposal").stage == "proposal"


# --- call plans


def test_set_call_plan_judges_the_running_block_by_the_new_plan(in_mercy, elena, asked):
    set_call_plan(partner=elena, visits=4, valid_from=date(2020, 1, 1))
    set_call_plan(partner=elena, visits=2, months=3)
    assert CallPlan.objects.in_force(calendar.today(in_mercy.tenant)).get().plan.words == "2 visits a quarter"
    assert CallPlan.objects.in_force(date(2020, 6, 1)).get().visits == 4
    set_call_plan(partner=elena, visits=1, months=3)
    assert CallPlan.objects.count() == 2
    assert asked() == {elena.pk}


def test_set_call_plan_for_a_longer_block_replaces_what_began_inside_it(in_mercy, elena, clock_at):
    from datetime import UTC, datetime

    clock_at(datetime(2026, 11, 23, 12, tzinfo=UTC))
    set_call_plan(partner=elena, visits=4)  # from 1 November
    set_call_plan(partner=elena, visits=2, months=3)  # from 1 October
    assert CallPlan.objects.in_force(date(2026, 11, 23)).get().plan.words == "2 visits a quarter"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"visits": 32}, "visits", "out_of_range"),
        ({"visits": -1}, "visits", "out_of_range"),
        ({"visits": 1, "months": 5}, "months", "invalid_choice"),
        ({"visits": 1, "valid_from": date(1901, 1, 1)}, "valid_from", "too_early"),
    ],
)
def test_set_call_plan_refuses_what_cannot_be(in_mercy, elena, change, field, code):
    refused(lambda: set_call_plan(partner=elena, **change), field, code)
