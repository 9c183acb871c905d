"""What will come of open budgets, and how budgets came true."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.market.forecast import rules
from activities.market.forecast.rules import Closed, Open

CLOSED = [Closed(1.0, 0)] * 10 + [Closed(0.0, 0)] * 10


def test_too_few_closed_budgets_forecast_nothing():
    assert rules.draw(CLOSED[:14], [Open(100, 1)]) is None
    assert rules.draw(CLOSED[:15], [Open(100, 1)]) is not None


def test_where_every_budget_came_in_full_and_in_time_the_forecast_is_the_budget():
    told = rules.draw([Closed(1.0, 0)] * 20, [Open(100, 1), Open(50, 2)])
    assert told.total([1]) == rules.Range(100, 100, 100)
    assert told.total([1, 2]) == rules.Range(150, 150, 150)


def test_where_every_budget_came_two_months_late_so_will_these():
    told = rules.draw([Closed(1.0, 2)] * 20, [Open(100, 1)])
    assert (told.total([1]).high, told.total([3]).middle) == (0, 100)


def test_what_is_overdue_is_expected_from_now_on():
    told = rules.draw([Closed(1.0, -1)] * 20, [Open(100, -5)])
    assert told.total([0]).middle == 100


def test_the_same_input_gives_the_same_range():
    first, again = (rules.draw(CLOSED, [Open(100, 1)] * 9).total([1]) for _ in range(2))
    assert first == again


def test_a_persons_own_budgets_count_more_than_those_of_others():
    closed = [Closed(1.0, 0, "ann")] * 20 + [Closed(0.0, 0, "bob")] * 40
    ann, bob = (
        rules.draw(closed, [Open(10, 1, name) for _ in range(40)]).total([1]).middle
        for name in ("ann", "bob")
    )
    whole = rules.draw(closed, [Open(10, 1) for _ in range(40)]).total([1]).middle
    assert bob < whole < ann


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 3), st.integers(-3, 9)), min_size=15, max_size=40),
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(-2, 5)), min_size=1, max_size=12),
)
def test_a_range_is_ordered_never_below_nothing_and_months_add_up(closed, budgets):
    told = rules.draw([Closed(*one) for one in closed], [Open(*one) for one in budgets], draws=60)
    whole = told.total(range(20))
    assert 0 <= whole.low <= whole.middle <= whole.high
    assert told.came.sum() == pytest.approx(
        sum((told.came * (told.month == month)).sum() for month in range(20))
    )


def test_accuracy_is_the_ratio_of_sums_with_its_range():
    told = rules.accuracy([100] * 20, [100, 0] * 10, [5, 9, 40])
    assert (told.part, told.days_late, told.is_told) == (0.5, 9, True)
    assert told.low < 0.3 and told.high > 0.7


def test_accuracy_of_few_is_not_told():
    told = rules.accuracy([100] * 7, [100] * 7, [])
    assert rules.reading(told, told) == ("Cannot tell: 7 of 15 closed", "unknown")


def test_reading_compares_with_everybody():
    everybody = rules.accuracy([100] * 60, [100, 0] * 30, [])
    assert rules.reading(rules.accuracy([100] * 30, [100] * 30, []), everybody)[1] == "us"
    assert rules.reading(rules.accuracy([100] * 30, [0] * 30, []), everybody)[1] == "them"
    assert rules.reading(everybody, everybody)[1] == "none"


# Nothing, or at least a cent.
AMOUNTS = st.just(0.0) | st.floats(0.01, 1e6)


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=30))
def test_accuracy_never_fails_and_holds_its_ratio(rows):
    told = rules.accuracy([x for x, _ in rows], [y for _, y in rows], [])
    assert 0 <= told.low <= told.part <= told.high
