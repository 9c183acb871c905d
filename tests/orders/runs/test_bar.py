"""The bar of a preview shows every part that exists, side by side, within its width."""

from hypothesis import given
from hypothesis import strategies as st

from orders.runs.bar import WIDTH, bar_of
from orders.runs.preview import Share

shares = st.lists(st.integers(0, 10**6), min_size=1, max_size=5).map(
    lambda counts: [Share(str(place), "", count) for place, count in enumerate(counts)]
)


@given(shares)
def test_parts_follow_one_another_and_fill_the_bar(shares):
    parts = bar_of(shares)
    assert [part.key for part in parts] == [share.key for share in shares if share.count]
    end = 0.0
    for part in parts:
        assert part.x >= end - 0.2 and part.width > 0
        end = part.x + part.width
    assert not parts or abs(end - WIDTH) < 1


def test_a_single_reject_among_many_is_seen():
    parts = bar_of([Share("new", "", 10**6), Share("rejected", "", 1)])
    assert parts[1].width > 5


def test_nothing_has_no_bar():
    assert bar_of([Share("new", "", 0)]) == []
