"""When reviews take place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.reviews.rules import next_review_on
from partners.standing.rules import shift_months

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "review"),
    [
        (date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 1, 2), date(2026, 7, 1)),
        (date(2026, 11, 23), date(2027, 4, 1)),
        (date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_the_next_review_begins_a_quarter(day, review):
    assert next_review_on(day) == review


@given(days)
def test_a_review_is_three_to_six_months_away(day):
    review = next_review_on(day)
    assert shift_months(day, 3) <= review <= shift_months(day, 6)
    assert (review.day, review.month % 3) == (1, 1)


@given(days)
def test_no_quarter_that_is_far_enough_is_passed_over(day):
    assert shift_months(next_review_on(day), -3) < shift_months(day, 3)


@given(days, st.integers(1, 12))
def test_reviews_follow_the_quarters_of_the_companys_own_year(day, year_starts):
    review = next_review_on(day, year_starts)
    assert shift_months(day, 3) <= review <= shift_months(day, 6)
    assert (review.day, (review.month - year_starts) % 3) == (1, 0)
