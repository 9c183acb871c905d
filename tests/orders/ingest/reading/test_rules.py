"""The rules of single cells."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.ingest.errors import BadCell
from orders.ingest.reading.numbers import parse_number
from orders.ingest.reading.rules import MEMORY_LIMIT, Memory, Rules
from orders.ingest.reading.texts import NULL, escape, unescape
from orders.sources.spec import Spec

COLUMNS = {"number": "a", "date": "b", "amount": "c"}


def rules(**spec):
    return Rules(Spec(columns=COLUMNS, **spec), ZoneInfo("America/New_York"), "USD", date(2026, 11, 23))


def reason(rule, raw):
    with pytest.raises(BadCell) as caught:
        rule(raw)
    return caught.value


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("5", "5"), ("-5", "-5"), ("5-", "-5"), ("(5)", "-5"), ("\u22125", "-5"), ("+5", "5"), (".5", "0.5"),
        ("5.", "5"), ("1,234", "1234"), ("1,234,567.50", "1234567.50"), ("$1,234.5", "1234.5"),
        ("-$3", "-3"), ("1e3", "1E+3"), (" 7 ", "7"), ("1'234.5", "1234.5"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(raw, number):
    assert parse_number(raw, ".") == Decimal(number)


@pytest.mark.parametrize(
    "raw", ["abc", "1,5", "1.2.3", "12,345,67", "=1+1", "--5", "NaN", "inf", "1 2", "0x10", "٣"]
)
def test_other_texts_are_no_numbers(raw):
    if raw == "٣":
        assert parse_number(raw, ".") in (None, Decimal(3))
    else:
        assert parse_number(raw, ".") is None


def test_decimal_comma():
    assert parse_number("1.234,50", ",") == Decimal("1234.50")
    assert "decimal mark" in reason(rules().quantity, "1,5").message


def test_equal_numbers_have_one_canonical_form():
    price = rules().price
    assert {price("2.5"), price("2.50"), price("2.500000"), price("+2.5"), price("25e-1")} == {"2.5"}
    assert price("-0") == "0" and price("") == NULL
    assert price("0.1234567") == "0.123457"


def test_numbers_no_field_holds():
    assert reason(rules().quantity, "1" + "0" * 9).reason == "number_too_large"
    assert reason(rules().quantity, "9" * 41).reason == "not_a_number"


def test_moments_become_utc():
    moment = rules().moment
    assert moment("2026-05-03 09:00") == "2026-05-03 13:00:00+00"
    assert moment("2026-05-03T09:00:00+02:00") == "2026-05-03 07:00:00+00"
    assert moment("2026-01-03") == "2026-01-03 05:00:00+00"


@pytest.mark.parametrize("raw", ["1899-12-31", "1989-12-31", "3026-01-01", "2027-12-01"])
def test_dates_out_of_range(raw):
    assert reason(rules().moment, raw).reason == "date_out_of_range"


def test_day_that_does_not_exist_is_explained():
    error = reason(rules(date_formats=("%m/%d/%Y",)).moment, "11/31/2026")
    assert error.message.startswith("31 November does not exist")
    assert "November 2026 has 30 days" in error.message
    error = reason(rules(date_formats=("%m/%d/%Y",)).moment, "25/11/2026")
    assert "the other way round" in error.message
    assert reason(rules().moment, "").reason == "date_missing"
    assert reason(rules().moment, "soon").reason == "date_unreadable"


def test_several_formats_are_tried_in_order():
    moment = rules(date_formats=("%d.%m.%Y", "iso")).moment
    assert moment("03.05.2026") == moment("2026-05-03")


def test_currency_is_any_of_iso_4217_and_blank_is_what_the_source_says():
    code = rules().currency_code
    assert (code("usd"), code(" EUR ")) == ("USD", "EUR")
    assert reason(code, "").reason == reason(code, "#N/A").reason == "currency_missing"
    assert reason(code, "XQZ").reason == "unknown_currency"
    assert rules(currency="GBP").currency_code("") == "GBP"
    assert rules(currency="GBP").currency_code("EUR") == "EUR"


def test_states_by_the_sources_table_or_our_words():
    state = rules(states={"x": "cancelled"}).state
    assert (state("X"), state("Scheduled")) == ("cancelled", "scheduled")
    assert reason(state, "Z").reason == "unknown_state"


@pytest.mark.parametrize("blank", ["", " ", "-", "NULL", "nan", "#N/A", "\u200b"])
def test_a_blank_state_is_never_completed_unless_the_source_says_so(blank):
    assert reason(rules(states={"x": "cancelled"}).state, blank).reason == "state_missing"
    assert rules(states={"": "received"}).state(blank) == "received"


def test_codes_and_numbers():
    assert rules().code(" 17850.0 ") == "17850"
    assert reason(rules().code, "x" * 121).reason == "code_too_long"
    assert reason(rules().number, "  ").reason == "number_missing"
    assert reason(rules().number, "x" * 65).reason == "number_too_long"
    assert reason(rules().number, "a\0b").reason == "nul_character"


def test_formula_is_a_text():
    assert rules().by_field()["product_name"]("=HYPERLINK(1)") == "=HYPERLINK(1)"
    assert reason(rules().quantity, "=1+1").reason == "not_a_number"


@given(st.text())
def test_escaping_is_undone(text):
    assert unescape(escape(text)) == text or text == NULL


def test_memory_asks_once_and_stays_bounded():
    asked = []

    def rule(raw):
        asked.append(raw)
        return raw

    memory = Memory(rule)
    assert memory["a"] == memory["a"] == "a" and asked == ["a"]
    for number in range(MEMORY_LIMIT + 5):
        memory[str(number)]
    assert len(memory) <= MEMORY_LIMIT
