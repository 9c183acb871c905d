"""Attainment of panels: which plan holds, which visits count, and what that costs."""

from datetime import UTC, date, datetime, timedelta

import pytest

from activities.plans.models import CallPlan
from activities.plans.queries import (
    Attainment,
    end_of,
    month_attainment,
    panel_of,
    panels,
    planned_by_rep,
    plans_in_force,
    start_of,
    visits_done,
)
from activities.plans.rules import Plan, usual_plan
from activities.plans.service import set_call_plan
from partners.directory.models import Partner
from partners.policy.service import set_policy
from prm.accounts.rights import Right, roles_with
from prm.accounts.service import add_member
from tests.activities import factories as make

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # a Monday, 10:00 in New York
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _on_a_monday(clock_at):
    clock_at(NOW)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def visits_at(partner, rep, *moments):
    for moment in moments:
        make.visit(partner, rep, happened_at=moment)


def test_a_day_lasts_from_midnight_to_midnight_of_the_tenant(in_mercy):
    assert start_of(TODAY) == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert end_of(TODAY) == datetime(2026, 11, 24, 5, tzinfo=UTC)


def test_a_day_on_which_clocks_change_has_its_own_length(in_mercy):
    for day, hours in ((date(2026, 11, 1), 25), (date(2026, 3, 8), 23), (TODAY, 24)):
        assert end_of(day).astimezone(UTC) - start_of(day).astimezone(UTC) == timedelta(hours=hours)


def test_the_tiers_usual_plan_counts_until_somebody_sets_one(in_mercy, elena):
    assert plans_in_force({elena.pk: "high"}, TODAY) == {elena.pk: usual_plan("high")}
    set_call_plan(partner=elena, visits=5)
    assert plans_in_force({elena.pk: "high"}, TODAY) == {elena.pk: Plan(5)}


@pytest.mark.parametrize(("day", "visits"), [(date(2026, 10, 31), 2), (date(2026, 11, 1), 4), (TODAY, 4)])
def test_a_past_day_is_judged_by_the_plan_of_that_day(in_mercy, elena, day, visits):
    for valid_from, count in ((date(2026, 9, 1), 2), (date(2026, 11, 1), 4)):
        CallPlan.objects.create(partner=elena, visits=count, months=1, valid_from=valid_from)
    assert plans_in_force({elena.pk: ""}, day)[elena.pk] == Plan(visits)


def test_usual_plans_are_those_of_the_policy(in_mercy, elena):
    set_policy(usual_visits={"high": [3, 1], "medium": [1, 1], "low": [0, 12]})
    found = plans_in_force({elena.pk: "high"}, TODAY)
    assert (found[elena.pk].words, found[elena.pk].is_usual) == ("3 visits a month", True)


def test_nobody_needs_no_query(in_mercy, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert visits_done({}, TODAY) == {}


def test_visits_count_in_the_block_of_the_plan_and_the_block_before(in_mercy, elena):
    visits_at(
        elena,
        in_mercy.rep,
        datetime(2026, 11, 2, 15, tzinfo=UTC),
        datetime(2026, 11, 20, 15, tzinfo=UTC),
        datetime(2026, 10, 5, 15, tzinfo=UTC),
        datetime(2026, 7, 5, 15, tzinfo=UTC),
    )
    assert visits_done({elena.pk: Plan(4, 1)}, TODAY)[elena.pk] == (2, 1)
    assert visits_done({elena.pk: Plan(1, 3)}, TODAY)[elena.pk] == (3, 1)
    assert visits_done({elena.pk: Plan(1, 12)}, TODAY)[elena.pk] == (4, 0)


def test_a_visit_belongs_to_the_month_of_the_tenants_calendar(in_mercy, elena):
    """Half past nine in the evening of 31 October in New York is November in Greenwich."""
    visits_at(elena, in_mercy.rep, datetime(2026, 11, 1, 1, 30, tzinfo=UTC))
    assert visits_done({elena.pk: Plan(4, 1)}, TODAY)[elena.pk] == (0, 1)


def test_a_visit_after_the_day_does_not_count_on_it(in_mercy, elena):
    visits_at(elena, in_mercy.rep, datetime(2026, 11, 20, 15, tzinfo=UTC))
    assert visits_done({elena.pk: Plan(4, 1)}, date(2026, 11, 19))[elena.pk] == (0, 0)


def test_a_panel_is_read_with_as_many_queries_for_one_partner_as_for_many(
    in_mercy, elena, django_assert_num_queries
):
    mine = Partner.objects.filter(rep=in_mercy.rep)
    with django_assert_num_queries(5):
        assert [row.partner for row in panel_of(mine, TODAY)] == [elena]
    for name in ("Dr. Aisha Siddiqui", "Dr. Samuel Okafor", "Dr. Karen Lindqvist"):
        make.visit(make.partner(name, rep=in_mercy.rep), in_mercy.rep)
    with django_assert_num_queries(5):
        rows = panel_of(mine, TODAY)
    assert [row.partner.name for row in rows] == sorted(row.partner.name for row in rows)
    assert len(rows) == 4


def test_a_row_says_what_is_missing_and_when_the_partner_was_last_seen(in_mercy, elena):
    set_call_plan(partner=elena, visits=3)
    visits_at(elena, in_mercy.rep, datetime(2026, 11, 21, 2, tzinfo=UTC))
    (row,) = panel_of(Partner.objects.all(), TODAY)
    assert (row.missing, row.period_word) == (2, "month")
    assert row.last_visit_on == date(2026, 11, 20)  # nine in the evening, in New York
    assert row.state.last_visit_on == row.last_visit_on


def test_more_visits_than_planned_leave_nothing_missing(in_mercy, elena):
    set_call_plan(partner=elena, visits=1)
    visits_at(elena, in_mercy.rep, NOW - timedelta(days=1), NOW - timedelta(days=2))
    (row,) = panel_of(Partner.objects.all(), TODAY)
    assert (row.missing, row.done.now) == (0, 2)


def test_a_partner_never_seen_has_no_last_visit(in_mercy, elena):
    (row,) = panel_of(Partner.objects.all(), TODAY)
    assert row.last_visit_on is None


def test_attainment_of_a_month_takes_longer_plans_with_their_monthly_part(in_mercy, elena):
    set_call_plan(partner=elena, visits=2)
    quarterly = make.partner("Dr. Samuel Okafor", rep=in_mercy.rep)
    set_call_plan(partner=quarterly, visits=3, months=3)
    visits_at(elena, in_mercy.rep, NOW - timedelta(days=1))
    month = month_attainment(panel_of(Partner.objects.all(), TODAY), TODAY)
    assert month == Attainment(done=1, planned=3)
    assert month.share == pytest.approx(1 / 3)


@pytest.mark.parametrize(("done", "planned", "share"), [(0, 0, None), (3, 0, None), (2, 4, 0.5), (9, 4, 1.0)])
def test_the_share_is_never_above_one_and_unknown_without_a_plan(done, planned, share):
    assert Attainment(done, planned).share == share


def test_every_rep_has_a_row_also_without_partners(in_mercy, elena):
    make.visit(elena, in_mercy.rep)
    otto = add_member(email="otto@mercy.example", role="rep", name="Otto")
    rows = {row.rep: row for row in panels(TODAY)}
    assert set(rows) == {in_mercy.rep, otto}
    assert (rows[in_mercy.rep].partners, rows[in_mercy.rep].month.done) == (1, 1)
    assert (rows[otto].partners, rows[otto].month.planned, rows[otto].score) == (0, 0, None)


def test_a_manager_with_partners_has_a_row_too(in_mercy, elena):
    make.partner("Dr. Samuel Okafor", rep=in_mercy.manager)
    assert {row.rep for row in panels(TODAY)} == {in_mercy.rep, in_mercy.manager}
    assert in_mercy.manager.role not in roles_with(Right.PANEL_KEEP)


def test_plans_of_panels_are_summed_without_loading_them(in_mercy, elena, django_assert_num_queries):
    for place, tier in enumerate(("high", "medium", "low", "low", "")):
        one = make.partner(f"Dr. {place}", rep=in_mercy.manager if place % 2 else in_mercy.rep)
        Partner.objects.filter(pk=one.pk).update(tier=tier)
        if place < 3:
            set_call_plan(
                partner=one, visits=place + 1, months=3, valid_from=TODAY - timedelta(days=40 * place)
            )
    with django_assert_num_queries(3):
        planned = planned_by_rep(TODAY)
    for row in panels(TODAY):
        assert round(planned[row.rep.pk]) == row.month.planned
    before = planned_by_rep(TODAY - timedelta(days=60))
    assert before[in_mercy.rep.pk] != planned[in_mercy.rep.pk]


def test_panels_cost_the_same_for_more_reps(in_mercy, elena, django_assert_num_queries):
    with django_assert_num_queries(7):
        panels(TODAY)
    for name in ("Otto", "Ina"):
        rep = add_member(email=f"{name.lower()}@mercy.example", role="rep", name=name)
        make.partner(f"Dr. {name}", rep=rep)
    with django_assert_num_queries(7):
        assert len(panels(TODAY)) == 3


def test_plans_kept_and_missed_are_counted(in_mercy, elena):
    set_call_plan(partner=elena, visits=1)
    missed = make.partner("Dr. Samuel Okafor", rep=in_mercy.rep)
    set_call_plan(partner=missed, visits=1)
    make.visit(elena, in_mercy.rep)
    (row,) = panels(TODAY)
    assert (row.complete, row.behind) == (1, 1)
