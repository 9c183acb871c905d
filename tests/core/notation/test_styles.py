"""Numbers, days and times in the notation of the page's reader."""

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.notation.reader import notation, use_notation
from prm.core.notation.styles import NOTATION_CHOICES, NOTATIONS
from prm.core.numbers import BadNumber, parse_amount, typed_amount
from prm.ui.fields import AmountField
from prm.ui.formatting import clock, day, money, number, percent

KEYS = [one.key for one in NOTATIONS]


@pytest.mark.parametrize(
    ("key", "numbers", "days"),
    [
        ("", "1,234,567.50", ("23 Nov", "23 Nov 2020", "15:40")),
        ("us", "1,234,567.50", ("Nov 23", "Nov 23, 2020", "3:40\N{NO-BREAK SPACE}PM")),
        ("in", "12,34,567.50", ("23 Nov", "23 Nov 2020", "15:40")),
        ("de", "1.234.567,50", ("23.11.", "23.11.2020", "15:40")),
        ("ch", "1’234’567.50", ("23.11.", "23.11.2020", "15:40")),
        ("fr", "1\u202f234\u202f567,50", ("23/11", "23/11/2020", "15:40")),
        ("se", "1\u202f234\u202f567,50", ("2026-11-23", "2020-11-23", "15:40")),
    ],
)
def test_each_writes_numbers_and_days_its_way(key, numbers, days):
    with use_notation(key):
        assert number(Decimal("1234567.5"), 2) == numbers
        writes = notation()
        assert writes.day(date(2026, 11, 23), "Nov", with_year=False) == days[0]
        assert writes.day(date(2020, 11, 23), "Nov", with_year=True) == days[1]
        assert writes.time(time(15, 40)) == days[2]
        assert money(-412000, "USD").startswith("−$4")
        assert percent(0.43) == "43%"
        assert (day(None), clock(None)) == ("–", "–")


def test_noon_and_midnight_are_twelve():
    us = next(one for one in NOTATIONS if one.key == "us")
    assert [us.time(time(hour, 5)).replace("\N{NO-BREAK SPACE}", " ") for hour in (0, 12)] == [
        "12:05 AM",
        "12:05 PM",
    ]


def test_a_notation_ends_with_its_block_and_unknown_ones_are_the_default():
    with use_notation("de"):
        with use_notation("gone"):
            assert number(1234) == "1,234"
        assert number(1234) == "1.234"
    assert number(1234) == "1,234"


def test_choices_differ_and_fit_the_column():
    assert len({label for _, label in NOTATION_CHOICES}) == len(NOTATION_CHOICES) == len(set(KEYS))
    assert all(len(key) <= 8 for key in KEYS)


@pytest.mark.parametrize("key", KEYS)
@given(amount=st.decimals(min_value=0, max_value=10**11, places=2))
def test_what_is_written_is_read_as_the_same_amount(key, amount):
    with use_notation(key):
        for written in (typed_amount(amount), number(amount, 2), str(AmountField().prepare_value(amount))):
            assert parse_amount(written) == amount


@pytest.mark.parametrize(
    ("key", "typed", "meant"),
    [
        ("de", "12.5", "12,5"),
        ("de", "1,234.50", "1234,50"),
        ("", "1.234,50", "1234.50"),
        ("fr", "1,234.50", "1234,50"),
    ],
)
def test_another_notation_is_refused_with_what_was_probably_meant(key, typed, meant):
    with use_notation(key), pytest.raises(BadNumber, match=f"Did you mean {meant}"):
        parse_amount(typed)


@pytest.mark.parametrize(
    ("typed", "amount"), [("1.234", "1234"), ("1.234,5", "1234.5"), ("0,5", "0.5"), ("€ 12,00", "12")]
)
def test_a_german_types_as_a_german_does(typed, amount):
    with use_notation("de"):
        assert parse_amount(typed) == Decimal(amount)
