"""Why a tier or a score was what it was on a day: the rule, the figures, who signed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.reviews.models import TierReview
from partners.reviews.words import review_words
from partners.standing.models import StandingMonth
from partners.standing.registry import Facts
from partners.states import Ruling, Tier
from prm.company.settings.queries import currency_at
from prm.ui.formatting import day as day_words
from prm.ui.formatting import money, month


@dataclass(frozen=True)
class Explained:
    """How a partner stood on a day. `score` and `components` are those of the last month end up to it."""

    partner: Partner
    on: date
    tier: str
    sentence: str
    review: TierReview | None
    policy: StandingPolicy | None
    score: Decimal | None
    score_on: date | None
    components: list[Facts]


def explain_on(partner: Partner, on: date) -> Explained:
    """Explain tier and score of a partner on a day."""
    reviews = TierReview.objects.select_related("signed_by__user").filter(partner=partner)
    review: TierReview | None = (
        reviews.filter(effective_on__lte=on).order_by("-effective_on", "-signed_at", "-id").first()
    )
    policy = None
    if review is not None:
        policy = StandingPolicy.objects.filter(version=review.policy_version).first()
    month_end = StandingMonth.objects.filter(partner=partner, month__lt=on.replace(day=1))
    snapshot: StandingMonth | None = month_end.order_by("-month").first()
    return Explained(
        partner=partner,
        on=on,
        tier=review.decided_tier if review else "",
        sentence=_sentence(review, policy, on),
        review=review,
        policy=policy,
        score=snapshot.score if snapshot else None,
        score_on=snapshot.month if snapshot else None,
        components=snapshot.components if snapshot else [],
    )


def _sentence(review: TierReview | None, policy: StandingPolicy | None, on: date) -> str:
    if review is None:
        return f"No tier on {day_words(on)}: none had been decided yet."
    signer = (
        f"signed by {review.signed_by.user}" if review.signed_by else "set by the rules, signed by nobody"
    )
    parts = [
        f"{Tier.word_of(review.decided_tier).capitalize() or 'No tier'} since {day_words(review.tier_since)}: "
        f"{review_words(review)} on {day_words(review.effective_on)}, {signer}, by version {review.policy_version}."
    ]
    # What was signed was counted in the money of that day.
    evidence, currency = review.evidence, currency_at(review.signed_at)
    if "revenue" in evidence:
        revenue = money(Decimal(evidence["revenue"]), currency)
        until = month(date.fromisoformat(evidence["to"]), year=True)
        parts.append(f"{revenue} in {evidence['months']} months to {until}{_rule(evidence, currency)}.")
    if policy is not None:
        parts.append(
            f"That version: medium from {money(policy.medium_from, currency)}, high from {money(policy.high_from, currency)}."
        )
    if review.reason:
        parts.append(f"Reason: {review.reason}")
    return " ".join(parts)


def _rule(evidence: Facts, currency: str) -> str:
    ruling = Ruling(evidence["rule"])
    if ruling == Ruling.SAME or not evidence.get("threshold"):
        return f", the band of {Tier.word_of(evidence['band'])}"
    return f"; {ruling.label.lower()} at {money(Decimal(evidence['threshold']), currency)}"
