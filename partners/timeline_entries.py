"""What this app tells on a partner's timeline: tier decisions."""

from partners.directory.models import Partner
from partners.directory.timeline import Entry, MayChange, TimelineSource, day_words, moment_of
from partners.reviews.models import TierReview
from prm.ui.formatting import short_name
from prm.ui.parts import Item

TITLES = {
    TierReview.Decision.INITIAL: "First tier: {tier}",
    TierReview.Decision.ACCEPT: "Tier review: now {tier}",
    TierReview.Decision.HOLD: "Tier review: held at {tier}",
    TierReview.Decision.OVERRIDE: "Tier review: set to {tier}",
    TierReview.Decision.UNDO: "Tier review undone: back to {tier}",
}


def _reviews(partner: Partner, may_change: MayChange, most: int) -> list[Entry]:
    rows = TierReview.objects.filter(partner=partner).select_related("signed_by__user")
    return [
        Entry(moment_of(row.effective_on, row.signed_at), review_item(row))
        for row in rows.order_by("-signed_at")[:most]
    ]


def review_item(review: TierReview) -> Item:
    """Return a tier decision as an item: what was decided, by whom and why."""
    who = short_name(str(review.signed_by.user)) if review.signed_by else ""
    why = f"“{review.reason}”" if review.reason else ""
    return Item(
        icon="stairs",
        title=review_title(review),
        when=day_words(moment_of(review.effective_on, review.signed_at)),
        text=f"{who}: {why}" if who and why else (why or who),
    )


def review_title(review: TierReview) -> str:
    """Return what was decided: "Tier review: now high"."""
    tier = review.decided_tier or review.from_tier or "no tier"
    return TITLES[TierReview.Decision(review.decision)].format(tier=tier)


def _count(partner: Partner) -> int:
    return TierReview.objects.filter(partner=partner).count()


ENTRIES = [TimelineSource("reviews", 50, _reviews, _count)]
