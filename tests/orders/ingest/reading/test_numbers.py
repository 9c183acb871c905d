"""Numbers come out as they were meant, however they were written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.ingest.errors import BadCell
from orders.ingest.reading.numbers import (
    LARGEST_PRICE,
    canonical_number,
    currencies_of,
    currency_in,
    parse_number,
    sign_in,
)
from orders.ingest.reading.texts import NULL

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
LIMITS = {"limit": LARGEST_PRICE, "places": 4, "what": "amount"}


@given(amounts)
def test_english_groups_and_signs_are_read(amount):
    for text in (f"{amount}", f"{amount:,}", f"${amount:,}", f" {amount:,} ", f"€{amount}"):
        assert parse_number(text, ".") == amount


@given(amounts)
def test_decimal_comma_reads_what_was_written_with_it(amount):
    written = f"{amount:,}".translate(str.maketrans(",.", ".,"))
    assert parse_number(written, ",") == amount


@given(amounts)
def test_negative_numbers_by_minus_before_minus_behind_and_brackets_are_one(amount):
    size = abs(amount)
    readings = {
        parse_number(text, ".")
        for text in (f"-{size}", f"{size}-", f"({size})", f"\u2212{size}", f"-${size}")
    }
    assert readings == {-size}


@given(amounts)
def test_canonical_form_is_read_as_itself(amount):
    plain = canonical_number(str(amount), ".", **LIMITS)
    assert canonical_number(plain, ".", **LIMITS) == plain
    assert Decimal(plain) == amount
    assert not plain.endswith((".", "-")) and "e" not in plain.lower()


@given(st.decimals(min_value=0, max_value=1000, places=8))
def test_more_decimals_than_kept_are_rounded_half_up(number):
    kept = Decimal(canonical_number(f"{number:f}", ".", **LIMITS))
    assert abs(kept - number) <= Decimal("0.00005")


@pytest.mark.parametrize("sign", ["$", "£", "€", "¥", "₹", "₩", "₪", "₱"])
def test_currency_signs_of_cldr_are_no_part_of_the_number(sign):
    assert parse_number(f"{sign}5", ".") == parse_number(f"-{sign}5", ".") * -1 == 5


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("CHF 5", ".", "5"), ("1.234,56 €", ",", "1234.56"), ("USD 1,234.50", ".", "1234.50"), ("1’234.50", ".", "1234.50"),
        ("R$ 1.234,50", ",", "1234.50"), ("-R$ 5,00", ",", "-5"), ("¥1,234", ".", "1234"), ("￥1,234", ".", "1234"),
        ("5 CR", ".", "-5"), ("5.00 EUR CR", ".", "-5"), ("12,34,567.89", ".", "1234567.89"), ("–5.00", ".", "-5"),
        ("(USD 5.00)", ".", "-5"), ("5,00- EUR", ",", "-5"), ("12.– CHF", ".", "12"), ("1 234,50 zł", ",", "1234.50"),
    ],
)  # fmt: skip
def test_money_as_systems_of_many_countries_write_it(text, mark, number):
    assert parse_number(text, mark) == Decimal(number)


@pytest.mark.parametrize("text", ["USD", "R$", "USD 5 EUR", "1,23,4", "5 apples", "123,45,678", "1,234,56"])
def test_what_only_resembles_money_is_no_number(text):
    assert parse_number(text, ".") is None


@given(
    st.decimals(0, 10**9, places=2),
    st.sampled_from(["", "-", "–", "−"]),
    st.sampled_from(["EUR", "R$", "kr", "€"]),
)
def test_amount_reads_the_same_with_its_currency_before_and_behind(amount, sign, money):
    written = f"{amount:,.2f}"
    wanted = -amount if sign else amount
    assert (
        parse_number(f"{sign}{money} {written}", ".")
        == parse_number(f"{sign}{written} {money}", ".")
        == wanted
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [("5 €", "EUR"), ("USD 5", "USD"), ("5 kr", ""), ("$5", ""), ("5 zł", "PLN"), ("5", ""), ("5 CR", "")],
)
def test_currency_that_an_amount_names(text, code):
    assert currency_in(text) == code


@given(st.text(alphabet=" \t\n\u00a0"))
def test_blank_is_null(blank):
    assert canonical_number(blank, ".", **LIMITS) == NULL


def test_wrong_decimal_mark_is_hinted_at():
    with pytest.raises(BadCell, match="Is the decimal mark of the source right"):
        canonical_number("1.234,50", ".", **LIMITS)


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("12,-", ",", "12"), ("12.-", ".", "12"), ("12,--", ",", "12"), ("12.\u2014", ".", "12"), ("-12,-", ",", "-12"),
        ("1.234,-", ",", "1234"), ("12-", ".", "-12"), ("12,5-", ",", "-12.5"), ("5 CR", ".", "-5"), ("5.00CR", ".", "-5.00"),
        ("7 DR", ".", "7"), ("(5)", ".", "-5"), ("1\u2009234,5", ",", "1234.5"), ("1\u202f234", ",", "1234"),
        ("1\u2019234.50", ".", "1234.50"), ("\uff11\uff12\uff0e\uff15", ".", "12.5"), ("\u0661\u0662", ".", "12"),
        ("5 \u20ac", ",", "5"), ("+5", ".", "5"),
    ],
)  # fmt: skip
def test_one_number_in_many_hands(text, mark, number):
    assert parse_number(text, mark) == Decimal(number)


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize(
    "text",
    ["1,234 567", "1.234 567", "1 234'567", "12 5", "5%", "--5", "-5-", "(-5)", "-5 CR", "inf", "Infinity", "nan", "1e999", "1\u00b2",
     "\u00bd", "1,2,3", "1.2.3", "5 - 3", "0x10", "1_000", "12.,-", "CR", "-", ".", ","],
)  # fmt: skip
def test_what_may_be_two_numbers_is_none(text, mark):
    assert parse_number(text, mark) is None


@pytest.mark.parametrize(
    ("text", "mark"),
    [("0,123", "."), ("0.123", ","), ("-0,500", "."), ("00,123", "."), ("0 123", "."), ("0,12,345", ".")],
)
def test_no_group_of_thousands_begins_with_a_zero(text, mark):
    """`0,123` is a fraction in the other notation: read as 123 it would be a thousand times too much."""
    assert parse_number(text, mark) is None


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1,234.50", ""), ("1e3", ""), ("5 CR", ""), ("$5", "$"), ("US$ 5", "USD"), ("5 kr.", "kr"), ("\\1,234", "\\"),
        ("5,00 руб.", "RUB"), ("eur 5", "EUR"), ("Fr. 5", "Fr"),
    ],
)  # fmt: skip
def test_what_a_number_says_of_its_currency(text, sign):
    found = sign_in(text)
    assert currencies_of(found) == currencies_of(sign) and bool(found) == bool(sign)


def test_the_backslash_of_a_japanese_file_is_its_yen_sign():
    assert parse_number("\\1,234", ".") == 1234 and parse_number("-\\5", ".") == -5
    assert parse_number("5\\", ".") is None and parse_number("\\\\5", ".") is None
