"""What was decided, in words."""

import pytest

from partners.reviews.models import TierReview
from partners.reviews.words import order_change, review_words


@pytest.mark.parametrize(
    ("decision", "before", "tier", "words"),
    [
        ("initial", "", "low", "first tier low"),
        ("accept", "low", "high", "raised to high"),
        ("accept", "high", "medium", "lowered to medium"),
        ("hold", "medium", "medium", "held at medium"),
        ("override", "medium", "low", "overridden to low"),
        ("undo", "high", "low", "undone, back to low"),
    ],
)
def test_a_review_says_what_was_decided(decision, before, tier, words):
    assert review_words(TierReview(decision=decision, from_tier=before, decided_tier=tier)) == words


def test_every_decision_has_words():
    for decision in TierReview.Decision.values:
        assert review_words(TierReview(decision=decision, from_tier="low", decided_tier="high"))


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ([0] * 12 + [1] * 12, "12 in 12 months"),
        ([10] * 12 + [12] * 12, "144 in 12 months, +20%"),
        ([10] * 12 + [5] * 12, "60 in 12 months, −50%"),
        ([1] * 24, "12 in 12 months, 0%"),
    ],
)
def test_a_year_is_compared_with_the_one_before(orders, words):
    assert order_change(orders) == words
