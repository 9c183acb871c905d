"""Amounts as people type them: read as meant, or refused with what was probably meant."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.money import CURRENCY_WORDS
from prm.core.numbers import BadNumber, parse_amount, typed_amount

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("$60,000", "60000"),
        ("60 000", "60000"),
        ("60\u202f000", "60000"),
        ("1'000", "1000"),
        ("1,00,000", "100000"),
        ("1,234.50", "1234.50"),
        ("-5", "-5"),
        ("\u2212$3", "-3"),
        ("$-3", "-3"),
        ("USD 12", "12"),
        ("US$ 12", "12"),
        ("12 \u20ac", "12"),
        ("kr 5", "5"),
        ("kr. 5", "5"),
        ("Rs. 500", "500"),
        ("500 z\u0142", "500"),
        ("R$ 5", "5"),
        ("chf 5", "5"),
        ("$5 USD", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("\uff11\uff12", "12"),
    ],
)
def test_amount_is_read_as_it_is_written(typed, amount):
    assert parse_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "many",
        "12.3.4",
        "$",
        "12 apples a day",
        "NaN",
        "Infinity",
        "1e5",
        "--3",
        "-$-3",
        ",",
        ".",
        "12,34,56",
        "\u00bd",
        "365233x",
        "12 abc",
        "x12",
        "60 t",
    ],
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(BadNumber, match=r"^Write the amount in digits, as in 60000\.$"):
        parse_amount(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("12,5", "12.5"), ("12,50 \u20ac", "12.50"), ("1.234,50", "1234.50"), ("1,2345", "1.2345")],
)
def test_comma_for_the_point_is_refused_with_what_was_meant(typed, meant):
    """Read as 1250, a fee of 12,50 would be a hundred times too much."""
    with pytest.raises(BadNumber, match=f"Did you mean {meant}[?]"):
        parse_amount(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("60k", "60000"),
        ("1.5K", "1500"),
        ("$2m", "2000000"),
        ("0.25 Mio. EUR", "250000"),
        ("5 mln z\u0142", "5000000"),
    ],
)
def test_shortened_thousands_are_no_small_amounts(typed, meant):
    with pytest.raises(BadNumber, match=f"Did you mean {meant}[?]"):
        parse_amount(typed)


@given(st.integers(0, 10**6), st.text(st.characters(categories=["L"]), min_size=1, max_size=4))
def test_only_words_of_currencies_stand_beside_an_amount(number, letters):
    known = {word.strip(".").casefold() for word in CURRENCY_WORDS}
    if letters.casefold() not in known | {a + b for a in known for b in known if len(a + b) <= 4}:
        for typed in (f"{number}{letters}", f"{letters} {number}"):
            with pytest.raises(BadNumber):
                parse_amount(typed)


@given(amounts)
def test_what_the_product_writes_it_reads_back(amount):
    for written in (typed_amount(amount), f"{amount:,.2f}", f"$ {amount:f}", f"{amount} EUR"):
        assert parse_amount(written) == amount


@given(st.text(st.sampled_from("0123456789.,-$ 'EUR") | st.characters(codec="utf-8"), max_size=20))
def test_any_text_is_an_amount_or_refused(typed):
    with suppress(BadNumber):
        assert parse_amount(typed).is_finite()


@pytest.mark.parametrize(
    ("amount", "text"), [(None, ""), ("60000", "60000"), ("12.5", "12.50"), ("-3.00", "-3")]
)
def test_amounts_are_offered_for_typing_without_needless_cents(amount, text):
    assert typed_amount(amount and Decimal(amount)) == text
