import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.clock import Clock, parse_moment, parse_stamp, stamp_text

MOMENTS = st.datetimes(dt.datetime(1700, 1, 2), dt.datetime(3999, 12, 30), timezones=st.just(dt.UTC))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


@given(MOMENTS)
def test_stamps_keep_whole_seconds(moment):
    assert parse_stamp(stamp_text(moment)) == moment.replace(microsecond=0)


@given(MOMENTS, ZONES)
def test_a_moment_is_read_in_any_zone(moment, zone):
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    assert parse_moment(text) == moment.replace(microsecond=0)
    assert parse_moment(text[:-3] + text[-2:]) == moment.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "2026-01-31", "2026-02-30T00:00:00Z", "1699-12-31T23:59:59Z", None, 5])
def test_what_is_no_moment_is_none(text):
    assert parse_moment(text) is None


def test_a_stopped_clock_is_moved_and_goes_on_from_where_it_stands():
    clock = Clock()
    clock.freeze(NOON)
    clock.advance(60)
    assert clock.now() == NOON + dt.timedelta(seconds=60)
    clock.run()
    moved = clock.now()
    assert NOON + dt.timedelta(seconds=60) <= moved
    assert clock.now() >= moved
    clock.reset()
    assert abs(clock.now().timestamp() - time.time()) < 60


def test_only_the_date_header_is_skewed():
    clock = Clock()
    clock.freeze(NOON)
    clock.skew_date_header(-3600)
    assert clock.http_date() == "Sat, 31 Jan 2026 11:00:00 GMT"
    assert clock.stamp() == "2026-01-31T12:00:00Z"
