"""What an own field takes, how it is kept, and how it is written again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.errors import Refused
from prm.ownfields.rules import LONGEST_TEXT, Choice, Stored, plain, stored, to_number, to_units
from prm.ownfields.states import FieldType

CHOICES = (Choice("a", "Alpha"), Choice("b", "Beta", offered=False), Choice("c", "a and c"))
NUMBERS = st.decimals(min_value=Decimal(-(10**12)), max_value=Decimal(10**12), places=4)
DAYS = st.dates(min_value=date(1, 1, 1))


@given(NUMBERS)
def test_a_number_comes_back_as_it_was_said(number):
    kept = stored(FieldType.NUMBER, (), number)
    assert kept == stored(FieldType.NUMBER, (), plain(FieldType.NUMBER, kept))
    assert Decimal(plain(FieldType.NUMBER, kept)) == number


@given(NUMBERS, NUMBERS)
def test_kept_numbers_stand_in_the_order_of_the_numbers(one, other):
    assert (to_units(one) < to_units(other)) == (one < other)
    assert to_number(to_units(one)) == one


@given(DAYS)
def test_a_day_comes_back_as_it_was_said(day):
    kept = stored(FieldType.DATE, (), day)
    assert kept == Stored(day=day) == stored(FieldType.DATE, (), plain(FieldType.DATE, kept))


@given(st.text(max_size=LONGEST_TEXT))
def test_a_text_is_kept_on_one_line_or_is_nothing(text):
    kept = stored(FieldType.TEXT, (), text)
    assert (kept is None) == (not text.strip())
    assert kept is None or kept.text == " ".join(text.split())


@pytest.mark.parametrize("said", ["a", "Alpha", "ALPHA", " alpha "])
def test_a_choice_is_named_by_key_or_word(said):
    assert stored(FieldType.CHOICE, CHOICES, said) == Stored(text="a")


def test_a_choice_that_is_put_away_is_still_known():
    assert stored(FieldType.CHOICE, CHOICES, "Beta") == Stored(text="b")


@pytest.mark.parametrize(
    ("field_type", "said", "words"),
    [
        (FieldType.CHOICE, "Gamma", "no choice here; there are: Alpha, a and c"),
        (FieldType.NUMBER, "many", "as in 12.5"),
        (FieldType.NUMBER, "NaN", "go up to"),
        (FieldType.NUMBER, "Infinity", "go up to"),
        (FieldType.NUMBER, "1e30", "go up to"),
        (FieldType.NUMBER, "1.00001", "At most 4 digits"),
        (FieldType.NUMBER, True, "This is a number"),
        (FieldType.NUMBER, date(2026, 1, 1), "This is a number"),
        (FieldType.DATE, "2026-11-31", "Did you mean 1 December"),
        (FieldType.TEXT, "x" * (LONGEST_TEXT + 1), "At most 200"),
        (FieldType.TEXT, 5, "This is a text"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(field_type, said, words):
    with pytest.raises(Refused, match=words):
        stored(field_type, CHOICES, said)


@pytest.mark.parametrize("field_type", FieldType)
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_is_nothing(field_type, nothing):
    assert stored(field_type, CHOICES, nothing) is None


def test_the_last_day_there_is_can_be_kept():
    assert stored(FieldType.DATE, (), date.max - timedelta(0)).day == date.max
