"""When a digest is due: by the reader's own clock, not long after, and not before it was chosen."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.digest.choices.rules import LONGEST_LOOK, Timing, is_due, last_due, look_from
from prm.digest.choices.states import Frequency, Weekday

NEW_YORK = "America/New_York"
MONDAY = datetime(2026, 11, 23, 12, 40, tzinfo=UTC)
"""7:40 in New York."""


def timing(frequency=Frequency.DAILY, *, weekday=Weekday.MONDAY, at=time(7, 30), timezone=NEW_YORK):
    return Timing(frequency, weekday, at, timezone)


zones = st.sampled_from([NEW_YORK, "Asia/Kolkata", "Pacific/Auckland", "Europe/London", "UTC"])
timings = st.builds(
    timing,
    st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]),
    weekday=st.sampled_from(Weekday),
    at=st.times(),
    timezone=zones,
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def test_words_say_when_and_where():
    assert timing().words == "Workdays at 7:30, New York"
    assert (
        timing(Frequency.WEEKLY, weekday=Weekday.THURSDAY, at=time(18, 5)).words
        == "Thursdays at 18:05, New York"
    )
    assert timing(Frequency.OFF).words == "No digest"


@pytest.mark.parametrize(
    ("arranged", "moment", "due"),
    [
        (timing(), MONDAY, "2026-11-23 07:30"),
        (timing(), MONDAY - timedelta(minutes=11), "2026-11-20 07:30"),
        (timing(), datetime(2026, 11, 22, 20, tzinfo=UTC), "2026-11-20 07:30"),
        (timing(Frequency.WEEKLY), MONDAY, "2026-11-23 07:30"),
        (timing(Frequency.WEEKLY, weekday=Weekday.TUESDAY), MONDAY, "2026-11-17 07:30"),
        (timing(timezone="Asia/Tokyo"), datetime(2026, 11, 22, 23, tzinfo=UTC), "2026-11-23 07:30"),
    ],
)
def test_a_digest_goes_by_the_readers_own_clock_and_daily_ones_on_workdays(arranged, moment, due):
    found = last_due(arranged, moment)
    assert found.strftime("%Y-%m-%d %H:%M") == due
    assert str(found.tzinfo) == arranged.timezone


def test_who_wants_none_is_never_due():
    assert last_due(timing(Frequency.OFF), MONDAY) is None
    assert not is_due(timing(Frequency.OFF), MONDAY, chosen_at=MONDAY - timedelta(days=9))


@given(timings, moments)
def test_the_latest_moment_is_in_the_past_at_the_time_arranged_and_no_longer_ago_than_a_week(
    arranged, moment
):
    found = last_due(arranged, moment)
    assert found <= moment
    assert moment - found <= timedelta(days=7, hours=2)
    local = found.astimezone(ZoneInfo(arranged.timezone))
    if arranged.frequency == Frequency.DAILY:
        assert local.weekday() < 5
    # On the night the clocks go forward the hour that is left out comes an hour later.
    assert found.replace(tzinfo=None).time() == arranged.at


@given(timings, moments)
def test_somebody_who_has_just_chosen_hears_at_the_next_time_only(arranged, moment):
    assert not is_due(arranged, moment, chosen_at=moment)


def test_a_server_that_was_down_in_the_morning_sends_in_the_afternoon_and_not_at_night():
    ago = MONDAY - timedelta(days=30)
    assert is_due(timing(), MONDAY + timedelta(hours=9), chosen_at=ago)
    assert not is_due(timing(), MONDAY + timedelta(hours=10), chosen_at=ago)


def test_news_are_told_since_the_last_digest_or_over_the_weekend():
    due = last_due(timing(), MONDAY)
    assert look_from(timing(), due, last_sent=None) == due - timedelta(days=3)
    tuesday = due + timedelta(days=1)
    assert look_from(timing(), tuesday, last_sent=None) == tuesday - timedelta(days=1)
    assert look_from(timing(Frequency.WEEKLY), due, last_sent=None) == due - timedelta(days=7)
    before = due - timedelta(days=5)
    assert look_from(timing(), due, last_sent=before) == before
    assert look_from(timing(), due, last_sent=due - timedelta(days=90)) == due - LONGEST_LOOK
