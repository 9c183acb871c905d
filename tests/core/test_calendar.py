"""Days and months as the tenant counts them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from prm.core.calendar import (
    add_months,
    is_timezone,
    local_date,
    month_of,
    month_range,
    months_between,
    quarter_start,
    quarter_word,
    validate_timezone,
)


@dataclass
class Zone:
    timezone: str


def test_moment_belongs_to_the_tenants_own_day_and_month():
    moment = datetime(2026, 12, 1, 3, 30, tzinfo=UTC)
    assert local_date(Zone("America/New_York"), moment) == date(2026, 11, 30)
    assert month_of(Zone("America/New_York"), moment) == date(2026, 11, 1)
    assert month_of(Zone("Europe/London"), moment) == date(2026, 12, 1)


def test_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        local_date(Zone("UTC"), datetime(2026, 1, 1))


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.integers(-500, 500))
def test_adding_and_counting_months_agree(day, count):
    there = add_months(day, count)
    assert there.day == 1
    assert months_between(day, there) == count
    assert add_months(there, -count) == day.replace(day=1)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.integers(1, 12))
def test_a_quarter_begins_at_most_three_months_ago_with_a_month_of_the_companys_own_year(day, year_starts):
    begun = quarter_start(day, year_starts)
    assert begun <= day < add_months(begun, 3)
    assert (begun.day, (begun.month - year_starts) % 3) == (1, 0)
    assert quarter_word(begun, year_starts) == quarter_word(day, year_starts)
    assert quarter_word(add_months(begun, 3), year_starts) != quarter_word(day, year_starts)


@pytest.mark.parametrize(
    ("day", "year_starts", "word"),
    [
        (date(2026, 11, 23), 1, "Q4 2026"),
        (date(2026, 11, 23), 7, "Q2 2027"),
        (date(2027, 6, 30), 7, "Q4 2027"),
        (date(2026, 1, 31), 2, "Q4 2026"),
        (date(2026, 2, 1), 2, "Q1 2027"),
    ],
)
def test_a_quarter_is_named_by_the_year_in_which_the_companys_own_year_ends(day, year_starts, word):
    assert quarter_word(day, year_starts) == word


def test_month_range_includes_both_ends():
    assert list(month_range(date(2025, 11, 30), date(2026, 1, 2))) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "CET", "EET", "MET", "WET", "EST", "EST5EDT", "localtime", "Factory", "posix/Europe/London", "right/UTC",
        "Etc/GMT+5", "posixrules", "europe/london", "Europe/", "", "Mars/Olympus", "../etc/passwd",
    ],
)  # fmt: skip
def test_a_name_that_the_database_may_read_otherwise_is_no_time_zone(name):
    assert not is_timezone(name)
    with pytest.raises(ValidationError, match="is no time zone of a place"):
        validate_timezone(name)


@pytest.mark.django_db
def test_python_and_the_database_keep_the_same_time_in_every_zone_that_is_taken():
    moments = [
        datetime(year, month, 1, 3, 30, tzinfo=UTC)
        for year in range(1990, 2030, 3)
        for month in (1, 4, 7, 10)
    ]
    zones = sorted(name for name in available_timezones() if is_timezone(name))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names WHERE name = ANY(%s)", [zones])
        known = {name for (name,) in cursor}
        assert set(zones) - known == set()
        for zone in (
            "Europe/Berlin",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Sydney",
            "Africa/Cairo",
            "UTC",
        ):
            cursor.execute("SELECT m AT TIME ZONE %s FROM unnest(%s::timestamptz[]) AS m", [zone, moments])
            here = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]
            assert [there for (there,) in cursor] == here
