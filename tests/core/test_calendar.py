"""Days and months as the tenant counts them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.calendar import add_months, local_date, month_of, month_range, months_between


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


def test_month_range_includes_both_ends():
    assert list(month_range(date(2025, 11, 30), date(2026, 1, 2))) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
