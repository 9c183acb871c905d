"""Tests of prm.core.days: what people type, and what they are told."""

from datetime import UTC, date, datetime

import pytest

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
    ],
)
def test_parse_local_says_what_is_wrong(typed, words):
    with pytest.raises(BadDay) as error:
        parse_local(typed, NEW_YORK)
    assert str(error.value) == words


def test_day_and_time_round_trips():
    assert day_and_time(parse_local("2026-11-23T09:40", NEW_YORK), NEW_YORK) == "2026-11-23T09:40"
