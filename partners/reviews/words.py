"""What was decided, and what it was decided on, in words."""

from collections.abc import Sequence
from decimal import Decimal

from partners.reviews.cycle.models import CycleDecision
from partners.reviews.models import TierReview
from partners.states import Tier
from prm.ui.formatting import number, percent


def review_words(review: TierReview) -> str:
    """Say what was decided: "held at medium", "raised to high"."""
    tier = Tier.word_of(review.decided_tier)
    rises = Tier.rank_of(review.decided_tier) > Tier.rank_of(review.from_tier)
    words: dict[str, str] = {
        TierReview.Decision.INITIAL: f"first tier {tier}",
        TierReview.Decision.ACCEPT: f"{'raised' if rises else 'lowered'} to {tier}",
        TierReview.Decision.HOLD: f"held at {tier}",
        TierReview.Decision.OVERRIDE: f"overridden to {tier}",
        TierReview.Decision.UNDO: f"undone, back to {tier}",
    }
    return words[review.decision]


def decision_words(one: CycleDecision) -> str:
    """Say what was decided in a cycle: "high → medium, accepted"."""
    verb = TierReview.Decision(one.decision).label.lower()
    return f"{Tier.word_of(one.from_tier)} → {Tier.word_of(one.tier)}, {verb}"


def order_change(orders: Sequence[int]) -> str:
    """Compare the orders of twelve months with the twelve before: "164, +17%"."""
    now, before = sum(orders[-12:]), sum(orders[-24:-12])
    words = f"{number(now)} in 12 months"
    if not before:
        return words
    change = Decimal(now - before) / before
    return f"{words}, {'+' if change > 0 else ''}{percent(change)}"
