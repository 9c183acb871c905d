"""Tests of activities.plans.rules: figures from effectiveness.md section 11 and the properties that matter."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.market.budgets.rules import pipeline
from activities.market.competition.rules import wilson
from activities.plans.rules import Period, attainment, engagement, period_before, period_of, poisson_at_most


@pytest.mark.parametrize(
    ("won", "decided", "low", "high"),
    [(0, 1, 0.0, 0.730), (5, 10, 0.269, 0.731), (0, 0, 0.0, 1.0)],
)
def test_wilson_gives_the_published_intervals(won, decided, low, high):
    ratio = wilson(won, decided)
    assert (round(ratio.low, 3), round(ratio.high, 3)) == (low, high)


def test_wilson_refuses_more_wins_than_decisions():
    with pytest.raises(ValueError, match="6 won of 5"):
        wilson(6, 5)


@given(st.integers(0, 200), st.integers(0, 200))
def test_wilson_interval_holds_the_ratio_and_mirrors(won, lost):
    ratio, mirrored = wilson(won, won + lost), wilson(lost, won + lost)
    assert 0 <= ratio.low <= ratio.centre <= ratio.high <= 1
    assert ratio.low == pytest.approx(1 - mirrored.high)
    if won + lost:
        assert ratio.low - 1e-9 <= won / (won + lost) <= ratio.high + 1e-9


def test_win_ratio_is_told_from_five_decisions():
    assert [wilson(n, n).is_told for n in (4, 5)] == [False, True]


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


def pipe(expected, raised=0, revenue=400_000, floor=100_000):
    return pipeline(
        expected=Decimal(expected), raised=Decimal(raised), revenue=Decimal(revenue), floor=Decimal(floor)
    )


def test_pipeline_worth_a_quarter_of_the_revenue_earns_half():
    assert pipe(100_000) == 0.5


def test_pipeline_without_open_budget_is_zero():
    assert pipe(0, raised=-50_000) == 0


def test_pipeline_of_a_prospect_is_weighed_against_the_floor():
    assert pipe(25_000, revenue=0) == 0.5


@given(st.integers(1, 10**7), st.integers(1, 10**6))
def test_pipeline_rises_with_a_raised_budget(expected, raised):
    assert 0 <= pipe(expected) < pipe(expected + raised, raised) <= 1


def test_poisson_at_most_matches_the_textbook():
    assert poisson_at_most(2, 3.0) == pytest.approx(0.42319, abs=1e-5)
    assert (poisson_at_most(-1, 3.0), poisson_at_most(0, 0.0)) == (0.0, 1.0)
