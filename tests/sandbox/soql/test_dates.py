import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.soql.dates import literal_range

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))
ONE = dt.timedelta(days=1)


@given(DAYS, st.sampled_from(["WEEK", "MONTH", "YEAR"]))
def test_last_this_and_next_follow_each_other_without_a_gap(today, unit):
    last, this, following = (literal_range(f"{when}_{unit}", today) for when in ("LAST", "THIS", "NEXT"))
    assert last[1] == this[0] <= today < this[1] == following[0]


@given(DAYS)
def test_yesterday_today_and_tomorrow_are_days(today):
    days = [literal_range(name, today) for name in ("YESTERDAY", "today", "Tomorrow")]
    assert days == [(today + step * ONE, today + (step + 1) * ONE) for step in (-1, 0, 1)]


@given(DAYS)
def test_weeks_begin_on_sunday(today):
    first, after = literal_range("THIS_WEEK", today)
    assert (first.isoweekday(), after - first) == (7, 7 * ONE)


@given(DAYS, st.integers(1, 400))
def test_counted_days_include_today_backwards_and_not_forwards(today, count):
    assert literal_range(f"LAST_N_DAYS:{count}", today) == (today - count * ONE, today + ONE)
    assert literal_range(f"NEXT_N_DAYS:{count}", today) == (today + ONE, today + (count + 1) * ONE)


@given(DAYS, st.integers(1, 24), st.sampled_from(["WEEK", "MONTH", "YEAR"]))
def test_counted_periods_lie_beside_the_present_one(today, count, unit):
    this = literal_range(f"THIS_{unit}", today)
    last, following = (literal_range(f"{side}_N_{unit}S:{count}", today) for side in ("LAST", "NEXT"))
    assert (last[1], following[0]) == this
    if count == 1:
        assert last == literal_range(f"LAST_{unit}", today)
        assert following == literal_range(f"NEXT_{unit}", today)


@pytest.mark.parametrize("word", ["null", "true", "LAST_N_DAYS", "LAST_N_HOURS:3", "TODAYS"])
def test_other_words_name_no_days(word):
    assert literal_range(word, dt.date(2026, 2, 28)) is None
