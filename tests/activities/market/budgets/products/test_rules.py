"""Parts follow an amount to the cent."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from activities.market.budgets.products.rules import CENT, scaled

MONEY = st.decimals(0, 9_999_999, places=2)
PARTS = st.dictionaries(st.integers(0, 50), MONEY, min_size=1, max_size=20)


@given(parts=PARTS, total=MONEY)
def test_parts_add_up_and_none_is_a_cent_off_its_proportion(parts, total):
    found = scaled(parts, total)
    assert sum(found.values()) == total
    whole = sum(parts.values())
    for key, amount in parts.items():
        share = total * amount / whole if whole else total / len(parts)
        assert found[key] >= 0
        assert abs(found[key] - share) < CENT


@given(parts=PARTS)
def test_the_same_amount_changes_nothing(parts):
    if whole := sum(parts.values()):
        assert scaled(parts, whole) == parts


def test_cents_left_over_go_to_whoever_lost_most_and_of_nothing_parts_are_equal():
    assert scaled({"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)}, Decimal(100)) == {
        "a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33"),
    }  # fmt: skip
    assert scaled({"a": Decimal(0), "b": Decimal(0)}, Decimal(9)) == {
        "a": Decimal("4.5"),
        "b": Decimal("4.5"),
    }
    assert scaled({}, Decimal(9)) == {}
