"""What a win ratio says: intervals, verdicts, ranking of small numbers, days that are counted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.market.board import rules

CASES = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    "won, decided, low, high",
    [
        (38, 99, 0.29, 0.48),
        (57, 109, 0.43, 0.61),
        (3, 7, 0.16, 0.75),
        (1, 2, 0.09, 0.91),
        (31, 71, 0.33, 0.55),
    ],
)
def test_the_interval_is_that_of_the_pictures(won, decided, low, high):
    found = rules.ratio(won, decided)
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)


@given(CASES)
def test_the_interval_lies_in_0_to_1_and_holds_the_ratio(case):
    won, n = case
    found = rules.ratio(won, n)
    assert 0 <= found.low <= found.high <= 1
    assert n == 0 or found.low - 1e-9 <= won / n <= found.high + 1e-9


@given(CASES)
def test_what_they_win_is_what_we_lose(case):
    won, n = case
    ours, theirs = rules.ratio(won, n), rules.ratio(n - won, n)
    assert ours.low == pytest.approx(1 - theirs.high) and ours.high == pytest.approx(1 - theirs.low)


@pytest.mark.parametrize(
    "won, decided, words, state",
    [
        (38, 99, "We lose more than we win", "them"),
        (57, 109, "Even", "none"),
        (64, 95, "We win clearly", "us"),
        (33, 55, "Probably ahead, not certain", "none"),
        (22, 55, "Probably behind, not certain", "none"),
        (26, 45, "No clear lead", "none"),
        (3, 7, "7 cases: cannot tell yet", "unknown"),
        (1, 1, "1 case: cannot tell yet", "unknown"),
        (19, 19, "19 cases: cannot tell yet", "unknown"),
        (20, 20, "We win clearly", "us"),
    ],
)
def test_verdicts(won, decided, words, state):
    assert rules.verdict(won, decided) == rules.Verdict(words, state)


@given(CASES)
def test_a_firm_verdict_is_never_given_where_even_is_inside_the_range(case):
    won, n = case
    found = rules.ratio(won, n)
    if found.low <= 0.5 <= found.high:
        assert rules.verdict(won, n).state in {"none", "unknown"}


@given(CASES, st.floats(0, 1), st.floats(2, 20))
def test_a_small_number_is_drawn_towards_the_mean_and_not_beyond(case, mean, k):
    won, n = case
    rank = rules.shrunk(won, n, mean=mean, k=k)
    low, high = sorted((mean, won / n if n else mean))
    assert low - 1e-9 <= rank <= high + 1e-9


@given(CASES, st.floats(0.05, 0.95), st.floats(2, 20))
def test_one_more_win_never_ranks_lower(case, mean, k):
    won, n = case
    assert rules.shrunk(won + 1, n + 1, mean=mean, k=k) > rules.shrunk(won, n, mean=mean, k=k)


def test_one_of_one_is_not_first():
    groups = {"one of one": (1, 1), "forty of fifty": (40, 50), "twenty of sixty": (20, 60)}
    won, n = (sum(column) for column in zip(*groups.values(), strict=True))
    k = rules.weight(groups.values())
    order = sorted(groups, key=lambda name: -rules.shrunk(*groups[name], mean=won / n, k=k))
    assert order == ["forty of fifty", "one of one", "twenty of sixty"]


@given(st.lists(CASES, max_size=20))
def test_the_weight_stays_within_2_and_20(groups):
    assert 2 <= rules.weight(groups) <= 20


def test_groups_alike_draw_small_ones_more_than_groups_that_differ():
    alike = rules.weight([(50, 100), (48, 96), (51, 101)])
    apart = rules.weight([(10, 100), (90, 100), (50, 100)])
    assert (alike, apart) == (20.0, 2.0)


@pytest.mark.parametrize(
    "key, today, first",
    [
        ("year", date(2026, 11, 27), date(2025, 11, 28)),
        ("year", date(2028, 2, 29), date(2027, 3, 1)),
        ("half", date(2026, 8, 31), date(2026, 3, 1)),
        ("quarter", date(2026, 1, 15), date(2025, 10, 16)),
        ("all", date(2026, 1, 15), None),
        ("nonsense", date(2026, 11, 27), date(2025, 11, 28)),
    ],
)
def test_a_period_ends_today_and_begins_the_day_after_the_same_day(key, today, first):
    assert rules.span(key, today).first == first


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_six_quarters_end_with_the_running_one(today):
    found = rules.span("year", today)
    assert len(found.quarters) == 6
    assert found.quarters[-1] <= today and list(found.quarters) == sorted(found.quarters)
    assert found.reaches <= found.quarters[0]
    assert all(one.month in {1, 4, 7, 10} and one.day == 1 for one in found.quarters)


def test_quarters_in_words():
    assert rules.quarter_words(rules.span("year", date(2026, 11, 27)).quarters) == "Q3 25 to Q4 26"
