"""Win ratios: figures from effectiveness.md section 11 and the properties that matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.market.competition.rules import wilson


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
