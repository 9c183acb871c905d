"""What parts of an amount come to: the largest remainder."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.book.shares import parts_of

AMOUNTS = st.decimals(-(10**9), 10**9, places=4)
CUTS = st.lists(st.integers(1, 9_999), min_size=1, max_size=5, unique=True).map(sorted)


def percents(cuts):
    ends = [0, *cuts, 10_000]
    return sorted((Decimal(end - begin) / 100 for begin, end in pairwise(ends)), reverse=True)


@settings(max_examples=60)
@given(AMOUNTS, CUTS, st.sampled_from([0, 2, 3]))
def test_parts_are_the_amount_and_none_is_further_than_one_unit_from_its_per_cent(amount, cuts, places):
    shares = percents(cuts)
    parts = parts_of(amount, shares, places)
    assert sum(parts) == amount
    unit = Decimal(1).scaleb(-places)
    assert all(abs(part - amount * share / 100) < 2 * unit for part, share in zip(parts, shares, strict=True))
    assert all(part == 0 or (part < 0) == (amount < 0) for part in parts)


def test_what_is_left_goes_to_who_lost_most_and_of_equals_to_the_larger_then_the_first():
    third = [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert parts_of(Decimal(100), third, 2) == third
    assert parts_of(Decimal("0.01"), [Decimal(50), Decimal(50)], 2) == [Decimal("0.01"), 0]
    assert parts_of(Decimal("-10.005"), [Decimal(60), Decimal(40)], 2) == [
        Decimal("-6.005"),
        Decimal("-4.00"),
    ]
    assert parts_of(Decimal(5), [Decimal(50), Decimal(50)], 0) == [3, 2]
