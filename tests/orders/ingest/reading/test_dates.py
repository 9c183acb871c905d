"""Moments come out in UTC as they were meant, or with the reason why not."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.ingest.errors import BadCell
from orders.ingest.reading.dates import EARLIEST, FUTURE, canonical_moment

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 23)
moments = st.datetimes(
    min_value=datetime(1990, 1, 3),
    max_value=datetime(2027, 11, 20),
    timezones=st.sampled_from([UTC, NEW_YORK, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11))]),
)


def read(text, *formats):
    return canonical_moment(text, formats or ("iso",), zone=NEW_YORK, today=TODAY)


@given(moments)
def test_moment_with_an_offset_stays_the_same_moment(moment):
    assert datetime.fromisoformat(read(moment.isoformat())) == moment.astimezone(UTC)


@given(moments, moments)
def test_texts_compare_like_the_moments_they_stand_for(one, other):
    texts = read(one.isoformat()), read(other.isoformat())
    seconds = [moment.astimezone(UTC).replace(microsecond=0) for moment in (one, other)]
    if seconds[0] != seconds[1]:
        assert (texts[0] < texts[1]) == (seconds[0] < seconds[1])


@given(st.dates(EARLIEST, TODAY + FUTURE))
def test_day_alone_is_midnight_in_the_sources_zone(day):
    expected = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    assert datetime.fromisoformat(read(day.isoformat())) == expected.astimezone(UTC)
    assert read(f"{day:%d %B %Y}", "%d %B %Y") == read(day.isoformat()) == read(f"{day:%d.%m.%Y}", "%d.%m.%Y")


@pytest.mark.parametrize("day", [EARLIEST - timedelta(days=1), TODAY + FUTURE + timedelta(days=1)])
def test_day_beyond_the_range_is_said_in_words(day):
    with pytest.raises(BadCell, match=rf"is read as {day:%d} {day:%B} {day:%Y}; orders are taken from"):
        read(day.isoformat())


@pytest.mark.parametrize(
    ("text", "pattern", "words"),
    [
        ("31.04.2026", "%d.%m.%Y", "31 April does not exist: '31.04.2026'. April 2026 has 30 days."),
        ("29/02/2026", "%d/%m/%Y", "29 February does not exist: '29/02/2026'. February 2026 has 28 days."),
        ("2026-13-04", "iso", "has no month 13. Are day and month the other way round in this source?"),
        ("3/May/2026:10:00", "iso", "'3/May/2026:10:00' cannot be read as a date (2026-11-23 14:30)."),
        (
            "2026-05-03 24:00",
            "%d.%m.%Y %H:%M",
            "'2026-05-03 24:00' cannot be read as a date (%d.%m.%Y %H:%M).",
        ),
        ("soon", "%d.%m.%Y", "'soon' cannot be read as a date (%d.%m.%Y)."),
        ("soon", "iso", "'soon' cannot be read as a date (2026-11-23 14:30)."),
    ],
)
def test_unreadable_day_says_why(text, pattern, words):
    with pytest.raises(BadCell) as caught:
        read(text, pattern)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "pattern", "day"),
    [
        ("23. Oktober 2026", "%d. %B %Y", "2026-10-23"), ("23 août 2026", "%d %B %Y", "2026-08-23"),
        ("5 Okt. 2026", "%d %b. %Y", "2026-10-05"), ("5 May 2026", "%d %B %Y", "2026-05-05"),
        ("5 MAY 2026", "%d %b %Y", "2026-05-05"), ("7 grudnia 2025", "%d %B %Y", "2025-12-07"),
        ("7 декабря 2025", "%d %B %Y", "2025-12-07"), ("46349", "excel", "2026-11-23"),
    ],
)  # fmt: skip
def test_days_in_many_languages_and_as_spreadsheets_count_them(text, pattern, day):
    assert read(text, pattern) == read(day)


def test_half_a_spreadsheets_day_is_noon():
    assert read("46349.5", "excel") == read("2026-11-23 12:00")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2026-11-22 24:00", "iso"),
        ("22.11.2026 24:00:00", "%d.%m.%Y %H:%M:%S"),
        ("11/22/2026 24:00", "%m/%d/%Y %H:%M"),
    ],
)
def test_24_o_clock_is_the_beginning_of_the_next_day(text, pattern):
    assert read(text, pattern) == read("2026-11-23 00:00")


@pytest.mark.parametrize(
    ("text", "pattern", "why"),
    [
        ("2026-11-23T10:00+02:00 CET", "iso", "has two time zones"),
        ("2026-11-23 10:00Z+01:00", "iso", "has two time zones"),
        ("5 listopad 2026", "%d %B %Y", "October or November, by the language"),
        ("2026-11-23 24:30", "iso", "cannot be read as a date"),
        ("123", "excel", "a spreadsheet's day such as 46349"),
    ],
)
def test_what_two_people_would_read_differently_is_refused_in_words(text, pattern, why):
    with pytest.raises(BadCell, match=why):
        read(text, pattern)


@given(
    st.dates(EARLIEST, TODAY), st.sampled_from(["de", "fr", "es", "it", "nl", "pt", "sv", "hu", "tr", "fi"])
)
def test_a_day_with_its_month_by_name_is_that_day_in_every_language(day, language):
    from babel.dates import get_month_names

    name = get_month_names("wide", locale=language)[day.month]
    assert read(f"{day.day} {name} {day.year}", "%d %B %Y") == read(day.isoformat())
