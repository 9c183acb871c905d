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
        ("soon", "%d.%m.%Y", "'soon' cannot be read as a date (%d.%m.%Y)."),
        ("soon", "iso", "'soon' cannot be read as a date (2026-11-23 14:30)."),
    ],
)
def test_unreadable_day_says_why(text, pattern, words):
    with pytest.raises(BadCell) as caught:
        read(text, pattern)
    assert words in caught.value.message
