"""Cells of a workbook read like those of a CSV export."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.doors.files.unpack import text


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
        (date(2026, 5, 3), "2026-05-03"),
        (time(14, 30), "14:30:00"),
        (datetime(2026, 5, 3, 14, 30), "2026-05-03 14:30:00"),
    ],
)
def test_cell_as_text(value, written):
    assert text(value) == written


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_means_the_same_as_text(number):
    assert float(text(number)) == number


@given(st.datetimes())
def test_moment_is_in_iso_form(moment):
    assert datetime.fromisoformat(text(moment)) == moment
