from datetime import date

import pytest

from partners.share.rules import age_words, is_old

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("as_of", "words", "old"),
    [
        (DAY, "this month", False),
        (date(2026, 10, 31), "1 month old", False),
        (date(2025, 11, 1), "12 months old", False),
        (date(2025, 10, 31), "13 months old", True),
        (date(2024, 11, 30), "2 years old", True),
        (date(2023, 1, 1), "3 years old", True),
    ],
)
def test_age(as_of, words, old):
    assert (age_words(as_of, DAY), is_old(as_of, DAY)) == (words, old)
