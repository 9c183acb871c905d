"""Moments with any offset that ISO 8601 knows reach the database as the moment they are."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from partners.directory.models import Partner
from prm.tenancy.backend.moments import FARTHEST, readable

MOMENTS = st.datetimes(
    timezones=st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)


@given(MOMENTS)
def test_any_moment_can_be_read_and_stays_the_same(moment):
    written = readable(moment)
    assert abs(written.utcoffset()) < FARTHEST
    if datetime(2, 1, 1, tzinfo=UTC) < moment < datetime(9998, 12, 31, tzinfo=UTC):
        assert written == moment


@pytest.mark.parametrize("text", ["2026-10-05T22:06:57-23:34", "2026-10-05T22:06:57+16:00"])
def test_the_database_reads_the_same_moment(db, text):
    moment = datetime.fromisoformat(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, %s::timestamptz[]", [moment, [moment]])
        assert cursor.fetchone() == (moment, [moment])


@pytest.mark.parametrize(
    ("text", "edge"),
    [("0001-01-01T00:00:00+23:59", datetime.min), ("9999-12-31T23:59:59-23:59", datetime.max)],
)
def test_what_lies_beyond_the_calendar_is_its_edge(text, edge):
    assert readable(datetime.fromisoformat(text)) == edge.replace(tzinfo=UTC)


def test_naive_moments_and_near_ones_are_left_alone(in_mercy):
    naive = datetime(2026, 1, 1)
    assert readable(naive) is naive
    assert Partner.objects.filter(created_at__gt=datetime(2026, 1, 1, tzinfo=UTC)).count() == 0


@pytest.mark.parametrize("offset", ["-23:34", "+23:59", "%2B16:00"])
def test_a_filter_of_the_api_takes_any_offset(mercy, client_for, offset):
    address = f"/api/v1/mercy/orders/?changed_since=0035-10-05T22:06:57{offset.replace('+', '%2B')}"
    assert client_for(mercy.rep).get(address).status_code == 200
