"""Call plans: their blocks, who is due, and how well a plan is kept (figures from effectiveness.md section 11)."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.plans.rules import (
    PanelState,
    Period,
    Plan,
    attainment,
    due_now,
    engagement,
    period_before,
    period_of,
    usual_plan,
)

TODAY = date(2026, 11, 23)  # a Monday
A = UUID(int=1)


@pytest.mark.parametrize(
    ("months", "start", "end"),
    [
        (1, date(2026, 11, 1), date(2026, 12, 1)),
        (2, date(2026, 11, 1), date(2027, 1, 1)),
        (3, date(2026, 10, 1), date(2027, 1, 1)),
        (6, date(2026, 7, 1), date(2027, 1, 1)),
        (12, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_period_of_aligns_with_the_calendar(months, start, end):
    assert period_of(date(2026, 11, 23), months) == Period(start, end)


def test_period_before_crosses_the_year():
    assert period_before(period_of(date(2026, 2, 10), 3), 3) == Period(date(2025, 10, 1), date(2026, 1, 1))


def test_workdays_left_counts_today_and_leaves_out_weekends():
    november = period_of(date(2026, 11, 23), 1)
    assert november.workdays_left(date(2026, 11, 23)) == 6
    assert november.workdays_left(date(2026, 11, 28)) == 1
    assert november.workdays_left(date(2026, 12, 1)) == 0


def test_attainment_is_unknown_without_a_plan_and_never_above_one():
    assert (attainment(3, 0), attainment(3, 4), attainment(9, 4)) == (None, 0.75, 1.0)


def test_engagement_of_the_pictured_partner():
    # 3 of 4 done on 23 November, 1 of 4 in October: 11 of 15 points on the partner page.
    value = engagement(done=3, planned=4, done_before=1, planned_before=4, elapsed=23 / 30)
    assert int(value * 15) == 11


def test_engagement_runs_on_over_the_turn_of_the_month():
    at_the_end = engagement(done=3, planned=4, done_before=0, planned_before=4, elapsed=1.0)
    at_the_start = engagement(done=0, planned=4, done_before=3, planned_before=4, elapsed=0.0)
    assert at_the_end == at_the_start == 0.75


def test_engagement_is_unknown_when_no_visit_is_planned():
    assert engagement(done=2, planned=0, done_before=0, planned_before=0, elapsed=0.5) is None


@given(st.integers(0, 8), st.integers(1, 8), st.integers(0, 8), st.integers(0, 8), st.floats(0, 1))
def test_engagement_never_falls_when_a_visit_is_logged(done, planned, before, planned_before, elapsed):
    was, now = (
        engagement(
            done=n, planned=planned, done_before=before, planned_before=planned_before, elapsed=elapsed
        )
        for n in (done, done + 1)
    )
    assert 0 <= was <= now <= 1


def state(done=0, visits=4, months=1, seen=date(2026, 11, 3), first=None):
    return PanelState(A, Plan(visits, months), done, 0, seen, first)


@pytest.mark.parametrize(
    ("done", "is_due"),
    [(0, True), (1, True), (2, True), (3, False), (4, False), (7, False)],
)
def test_due_now_spreads_the_visits_over_the_month(done, is_due):
    assert (due_now(state(done=done), TODAY) is not None) is is_due


def test_due_now_says_how_many_are_done_and_left():
    due = due_now(state(done=2), TODAY)
    assert due.reason == "2 of 4 visits done, 6 workdays left"
    assert due.behind == pytest.approx(4 * 23 / 30 - 2)


def test_due_now_leaves_out_who_was_seen_today():
    assert due_now(state(done=1, seen=TODAY), TODAY) is None


def test_due_now_when_fewer_workdays_than_visits_are_left():
    assert due_now(state(done=3, visits=4), date(2026, 11, 25)) is None
    assert due_now(state(done=3, visits=4), date(2026, 11, 30)).reason == "3 of 4 visits done, 1 workday left"


def test_due_now_leaves_out_partners_without_planned_visits():
    assert due_now(state(visits=0), TODAY) is None


def test_due_now_names_a_quarterly_call_and_when_it_was_last_seen():
    due = due_now(state(visits=1, months=3, seen=date(2026, 9, 9)), TODAY)
    assert due.reason == "Quarterly call, last seen 9 September"


def test_due_now_thanks_for_first_orders_not_yet_thanked_for():
    fresh = date(2026, 10, 14)
    assert (
        due_now(state(visits=2, seen=None, first=fresh), TODAY).reason
        == "First orders in October: say thank you"
    )
    assert "thank" not in due_now(state(visits=2, seen=date(2026, 10, 20), first=fresh), TODAY).reason


def test_due_now_of_a_partner_never_visited():
    assert due_now(state(seen=None), TODAY).reason == "Never visited; 4 visits a month planned"


@pytest.mark.parametrize(
    ("tier", "words"),
    [
        ("high", "2 visits a month"),
        ("medium", "1 visit a month"),
        ("low", "1 visit a quarter"),
        ("", "1 visit a quarter"),
    ],
)
def test_usual_plan_follows_the_tier(tier, words):
    assert usual_plan(tier).words == words
    assert usual_plan(tier).is_usual
