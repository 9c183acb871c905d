"""Tests of prm.core.days: what people type, and what they are told."""

from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.days import BadDay, day_and_time, parse_day, parse_local

NEW_YORK = "America/New_York"


def test_parse_day_reads_iso_days():
    assert parse_day(" 2026-11-3 ") == date(2026, 11, 3)
    assert parse_day("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2026-11-31", "November has 30 days. Did you mean 1 December?"),
        ("2026-02-29", "February 2026 has 28 days. Did you mean 1 March?"),
        ("2026-12-45", "December has 31 days. Did you mean 14 January?"),
        ("2026-13-01", "There is no month 13. Months go from 1 to 12."),
        ("2026-01-00", "“2026-01-00” is no day. Check it."),
        ("0000-01-01", "“0000-01-01” is no day. Check it."),
        ("9999-12-32", "December has 31 days."),
        ("tomorrow", "Write the day as year-month-day, as in 2026-11-23."),
        ("23/11/2026", "Write the day as year-month-day, as in 2026-11-23."),
    ],
)
def test_parse_day_says_what_is_wrong(typed, words):
    with pytest.raises(BadDay) as error:
        parse_day(typed)
    assert str(error.value) == words


def test_parse_local_takes_the_zone_of_the_tenant():
    assert parse_local("2026-11-23T09:40", NEW_YORK).astimezone(UTC) == datetime(
        2026, 11, 23, 14, 40, tzinfo=UTC
    )


def test_parse_local_of_an_hour_that_happens_twice_is_the_first():
    assert parse_local("2026-11-01T01:30", NEW_YORK).astimezone(UTC) == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2026-03-08T02:30", "2:30 did not happen on 8 March: clocks went forward. Did you mean 3:30?"),
        ("2026-11-23T25:00", "25:00 is no time of day."),
        ("2026-11-31T09:40", "November has 30 days. Did you mean 1 December?"),
        ("yesterday", "Write day and time as in 2026-11-23 09:40."),
        ("9999-12-31T23:59", "9999 is no year for a moment. Check it."),
        ("0001-01-01T00:00", "0001 is no year for a moment. Check it."),
    ],
)
def test_parse_local_says_what_is_wrong(typed, words):
    with pytest.raises(BadDay) as error:
        parse_local(typed, NEW_YORK)
    assert str(error.value) == words


def test_day_and_time_round_trips():
    assert day_and_time(parse_local("2026-11-23T09:40", NEW_YORK), NEW_YORK) == "2026-11-23T09:40"


zones = st.sampled_from(sorted(available_timezones()))


@given(st.dates())
def test_every_day_is_read_as_it_is_written(day):
    assert parse_day(day.isoformat()) == day


@given(st.from_regex(r"\d{4}-\d{1,2}-\d{1,2}", fullmatch=True) | st.text(max_size=12))
def test_any_text_is_a_day_or_refused(typed):
    with suppress(BadDay):
        assert isinstance(parse_day(typed), date)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)), zones)
def test_a_local_time_is_read_as_itself_or_did_not_happen(local, zone):
    """Where it is read, the moment says the same time of day in the zone, whatever the clocks do."""
    typed = f"{local:%Y-%m-%dT%H:%M}".rjust(16, "0")
    with suppress(BadDay):
        assert day_and_time(parse_local(typed, zone), zone).rjust(16, "0") == typed


@given(st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)), zones)
def test_every_moment_is_offered_so_that_it_is_read_back(moment, zone):
    """But of an hour that happens twice, the first is read."""
    aware = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    read = parse_local(day_and_time(aware, zone), zone)
    assert read.replace(tzinfo=None) == aware.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert read <= aware
