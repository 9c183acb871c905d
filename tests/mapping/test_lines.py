"""Line items whose products add up to the amount of their record, whatever quantities and fractions it has."""

from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.mapping import Line, Unbalanced, items_of

QUANTITIES = st.decimals(-1000, 1000, places=4)
AMOUNTS = st.decimals(-100_000, 100_000, places=4)


def line(quantity, amount):
    return Line(
        key=UUID(int=0),
        product=UUID(int=1),
        code="A",
        name="",
        quantity=Decimal(quantity),
        amount=Decimal(amount),
    )


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(st.lists(st.tuples(QUANTITIES, AMOUNTS), min_size=1, max_size=30))
def test_quantity_times_price_adds_up_to_the_cent(pairs):
    lines = [line(*pair) for pair in pairs]
    total = cents(sum((one.amount for one in lines), Decimal(0)))
    items = items_of(lines, total, 2)
    assert sum(one.quantity * one.price for one in items) == total
    for one, given_line in zip(items, lines, strict=True):
        assert one.quantity > 0 and cents(one.quantity) == one.quantity and cents(one.price) == one.price
        assert abs(one.quantity * one.price - given_line.amount) <= Decimal("0.01")
        assert one.note or one.quantity == abs(given_line.quantity)


@pytest.mark.parametrize(
    ("quantity", "amount", "item"),
    [
        ("3", "9", ("3", "3.00", "")),
        ("3", "10", ("1", "10", "Quantity 3")),
        ("-2", "-10", ("2", "-5.00", "")),
        ("0", "-4", ("1", "-4", "Quantity 0")),
        ("1.125", "9", ("1", "9", "Quantity 1.125")),
        ("5", "0", ("5", "0.00", "")),
    ],
)
def test_one_line(quantity, amount, item):
    (one,) = items_of([line(quantity, amount)], Decimal(amount), 2)
    assert (one.quantity, one.price, one.note) == (Decimal(item[0]), Decimal(item[1]), item[2])


def test_lines_that_make_another_amount_are_none():
    with pytest.raises(Unbalanced):
        items_of([line("1", "5"), line("1", "5")], Decimal("10.03"), 2)
