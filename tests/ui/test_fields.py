"""What people type is read as meant, or refused beside the field with what was probably meant."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from prm.core.numbers import typed_amount
from prm.ui.fields import AmountField, DayField, MomentField

NEW_YORK = ZoneInfo("America/New_York")
amounts = st.decimals(min_value=0, max_value=10**11, places=2)


def refused(field, typed):
    with pytest.raises(forms.ValidationError) as error:
        field.clean(typed)
    return str(error.value.messages[0])


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("60000", "60000"),
        ("$60,000", "60000"),
        ("60 000", "60000"),
        ("1'000", "1000"),
        ("1,234.50", "1234.50"),
        ("-5", "-5"),
        ("\u2212$3", "-3"),
        ("USD 12", "12"),
        ("12 €", "12"),
        (".5", "0.5"),
        ("", None),
        ("  ", None),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, amount):
    field = AmountField(required=False, min_value=None)
    assert field.clean(typed) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("typed", ["many", "12.3.4", "$", "12 apples a day", "NaN", "Infinity", "--3", "1e5"])
def test_what_is_no_amount_is_refused_with_an_example(typed):
    assert refused(AmountField(), typed) == "Write the amount in digits, as in 60000."


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        (AmountField(), "-1", "An amount cannot be negative."),
        (AmountField(), "1.005", "no more than 2 decimal places"),
        (AmountField(), "1,000,000,000,000.00", "no more than 14 digits"),
        (AmountField(min_value=1), "0", "greater than or equal to 1"),
        (AmountField(), "1.234,50", "Did you mean 1234.50?"),
        (AmountField(), "", "required"),
    ],
)
def test_amounts_out_of_bounds_are_refused(field, typed, words):
    assert words in refused(field, typed)


@given(amounts)
def test_an_amount_written_into_the_field_comes_back(amount):
    assert AmountField().clean(typed_amount(amount)) == amount


@given(st.dates(min_value=date(1, 1, 1), max_value=date(9998, 12, 31)))
def test_a_day_written_into_the_field_comes_back(day):
    assert DayField().clean(DayField().prepare_value(day).isoformat()) == day


def test_an_impossible_day_is_refused_with_the_one_meant():
    assert refused(DayField(), "2026-11-31") == "November has 30 days. Did you mean 1 December?"


@pytest.mark.parametrize("field", [DayField(required=False), MomentField(required=False)])
@pytest.mark.parametrize("empty", ["", None])
def test_nothing_is_nothing(field, empty):
    assert field.clean(empty) is None


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))
def test_a_moment_shown_in_the_field_comes_back_to_the_minute(moment):
    """Of an hour that happens twice only the first can be written."""
    shown = moment.replace(second=0, microsecond=0, tzinfo=UTC).astimezone(NEW_YORK)
    with timezone.override(NEW_YORK):
        field = MomentField()
        came_back = field.clean(field.prepare_value(shown))
    assert came_back.replace(tzinfo=None) == shown.replace(tzinfo=None)
    assert came_back == shown or shown.fold


def test_a_moment_is_read_in_the_active_time_zone():
    with timezone.override(NEW_YORK):
        moment = MomentField().clean("2026-01-15T09:40")
    assert moment == datetime(2026, 1, 15, 14, 40, tzinfo=UTC)


def test_an_hour_that_clocks_skip_is_refused_with_the_one_meant():
    with timezone.override(NEW_YORK):
        assert "Did you mean 3:30?" in refused(MomentField(), "2026-03-08T02:30")
