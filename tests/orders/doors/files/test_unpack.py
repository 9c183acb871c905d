"""Cells of a workbook read like those of a CSV export."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.doors.files.unpack import DATE_CELL, masked, text
from orders.ingest.reading import identifiers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "=1+1"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (17850.0, "17850"),
        (-3.0, "-3"),
        (10.5, "10.5"),
        (1e20, "1e+20"),
        (7, "7"),
        (date(2026, 5, 3), "2026-05-03 (date cell)"),
        (time(14, 30), "14:30:00"),
        (datetime(2026, 5, 3, 14, 30), "2026-05-03 14:30:00 (date cell)"),
    ],
)
def test_cell_as_text(value, written):
    assert text(value) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_means_the_same_as_text(number):
    assert float(text(number)) == number


@given(st.datetimes())
def test_moment_is_in_iso_form(moment):
    assert datetime.fromisoformat(text(moment).removesuffix(DATE_CELL)) == moment


def test_both_sides_of_the_process_call_a_date_cell_alike():
    assert DATE_CELL == identifiers.DATE_CELL


def test_a_number_has_the_decimal_mark_of_the_source_and_no_other():
    assert text(1.234, ",") == "1,234" and text(1234.0, ",") == "1234" and text(1.234) == "1.234"


@pytest.mark.parametrize(
    ("number", "mask", "shown"),
    [
        (123, "00000", "00123"), (123456, "00000", "123456"), (0, "000", "000"),
        (123456789, r"000\-00\-0000", "123-45-6789"), (7, '"KD-"0000', "KD-0007"), (1234567, "00-000", "1234-567"),
    ],
)  # fmt: skip
def test_a_whole_number_is_shown_by_its_format_of_zeros(number, mask, shown):
    assert masked(number, mask) == shown
