"""The interval, its verdict and the cost of one more."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.campaigns.results.rules import cost_of_one, difference, verdict, wilson

SIDE = st.integers(1, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("sides", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table II, method 10.
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_is_newcombe_s(sides, low, high):
    found = difference(*sides)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(SIDE, SIDE)
def test_the_range_holds_the_middle_and_stays_within_everything(one, other):
    found = difference(*one, *other)
    assert -1 <= found.low <= found.middle <= found.high <= 1
    turned = difference(*other, *one)
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))


@given(SIDE)
def test_a_share_lies_in_its_interval_and_more_cases_narrow_it(side):
    done, of = side
    low, high = wilson(done, of)
    assert 0 <= low <= done / of <= high <= 1
    wide = wilson(done * 4, of * 4)
    assert wide[1] - wide[0] < high - low


@pytest.mark.parametrize(
    ("sides", "state", "words"),
    [
        ((46, 164, 12, 82), "us", "2 to 23 more of 100"),
        ((12, 82, 46, 164), "them", "2 to 23 fewer of 100"),
        ((19, 164, 7, 82), "unknown", "Cannot tell yet: 26 of about 69"),
        ((400, 4000, 200, 2000), "none", "No effect seen: at most 2 more of 100"),
        ((5, 38, 0, 0), "unknown", "Cannot tell: nobody held out"),
        ((5, 38, 1, 9), "unknown", "Cannot tell: at least 10 on each side are needed"),
    ],
)
def test_verdicts(sides, state, words):
    found = verdict(*sides)
    assert (found.state, found.words) == (state, words)


@given(SIDE, SIDE)
def test_more_is_said_only_when_the_range_stays_on_one_side(one, other):
    found, said = difference(*one, *other), verdict(*one, *other)
    assert (said.state == "us") <= (found.low > 0)
    assert (said.state == "them") <= (found.high < 0)


def test_the_cost_of_one_more_is_a_range_as_well():
    least, middle, most = cost_of_one(Decimal(6150), 164, difference(46, 164, 12, 82))
    assert 155 < least < 170 and 270 < middle < 290 and 1_600 < most < 2_400
    assert cost_of_one(Decimal(6150), 164, difference(19, 164, 7, 82)) is None
