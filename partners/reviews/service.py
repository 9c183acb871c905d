"""Tier reviews: what the rules propose becomes the tier in force only by a manager's decision."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from partners.directory.models import Partner
from partners.policy.queries import policy_in_force
from partners.reviews.models import ReviewComment, TierReview
from partners.reviews.rules import next_review_on
from partners.standing.models import Standing
from partners.standing.service import lock_standings, recompute_standings
from partners.states import Tier
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.fields import LONGEST_TEXT
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import needs_no_right, requires

Decision = TierReview.Decision
SHORTEST_REASON = 20
LONGEST_COMMENT = 500
UNDO_WITHIN = timedelta(minutes=15)
UNTIL_CHANGED = date(2199, 12, 31)
"""Until when a decision holds that lasts until somebody changes it."""


class Asked(NamedTuple):
    """A partner together with the change the caller saw proposed."""

    partner_id: UUID
    from_tier: str
    proposed_tier: str


class Verdict(NamedTuple):
    """What was decided, the tier that this makes, why, and whether it lasts until somebody changes it."""

    decision: str
    tier: str
    reason: str
    until_changed: bool


@requires(Right.TIER_DECIDE)
@transaction.atomic
def decide_tier(
    partner_id: UUID,
    *,
    decision: str,
    by: Membership | None,
    from_tier: str,
    proposed_tier: str,
    tier: str = "",
    reason: str = "",
    until_changed: bool = False,
) -> TierReview:
    """Sign a decision about one proposal; it is in force at once.

    decision: "accept" puts the proposed tier in force; "hold" keeps the present one and "override"
    sets `tier`, both until the next review (`until_changed`: until somebody changes it) as far as this proposal
    goes, both with a reason of 20 characters or more. `from_tier` and `proposed_tier` are what the caller saw: when either has
    changed meanwhile (a colleague was faster, new orders came) the decision is refused with code
    "stale" and nothing happens.
    """
    reason = reason.strip()
    check_decision(decision, proposed_tier, tier, reason)
    asked = Asked(partner_id, from_tier, proposed_tier)
    lock_standings([partner_id])
    partner, standing = seen(asked)
    chosen = {Decision.ACCEPT: proposed_tier, Decision.HOLD: from_tier}.get(Decision(decision), tier)
    return put_in_force(
        partner, asked, verdict=Verdict(decision, chosen, reason, until_changed), signed_by=by,
        day=today(current_tenant()), evidence=evidence_of(standing),
    )  # fmt: skip


@needs_no_right("the last step of a decision that was allowed")
def put_in_force(
    partner: Partner,
    asked: Asked,
    *,
    verdict: Verdict,
    signed_by: Membership | None,
    day: date,
    evidence: Mapping[str, object],
) -> TierReview:
    """Set the tier of a locked partner on its day, hold the proposal off where it was not accepted, and keep the signed review."""
    before = _before(partner)
    if verdict.tier != partner.tier:
        partner.tier, partner.tier_since = verdict.tier, day
    held = verdict.decision != Decision.ACCEPT
    until = UNTIL_CHANGED if verdict.until_changed else next_review_on(day, current_tenant().year_starts)
    partner.tier_held = asked.proposed_tier if held else ""
    partner.tier_held_until = until if held else None
    review = _sign(
        partner,
        from_tier=asked.from_tier,
        proposed_tier=asked.proposed_tier,
        decision=verdict.decision,
        reason=verdict.reason,
        signed_by=signed_by,
        effective_on=day,
        policy_version=policy_in_force().version,
        evidence={**evidence, "before": before},
    )
    recompute_standings([partner.pk])
    return review


@needs_no_right("says what is wrong with a decision")
def check_decision(decision: str, proposed_tier: str, tier: str, reason: str) -> None:
    """Raise `Refused` for a decision without its tier or its reason."""
    if decision not in (Decision.ACCEPT, Decision.HOLD, Decision.OVERRIDE):
        raise Refused("Accept, hold or override.", field="decision", code="invalid")
    if decision == Decision.OVERRIDE and tier not in Tier.values:
        raise Refused("Choose the tier to set.", field="tier", code="required")
    if decision == Decision.OVERRIDE and tier == proposed_tier:
        raise Refused(
            f"{tier.capitalize()} is what the rules propose: accept it.", field="tier", code="proposed"
        )
    if len(reason) > LONGEST_TEXT:
        raise Refused(
            f"At most {figure(LONGEST_TEXT)} characters fit here.", field="reason", code="max_length"
        )
    missing = SHORTEST_REASON - len(reason)
    if decision != Decision.ACCEPT and missing > 0:
        raise Refused(
            f"Say enough for next quarter’s reader: at least {SHORTEST_REASON} characters. {missing} to go.",
            field="reason",
            code="too_short",
        )


@needs_no_right("locks, writes nothing")
def seen(asked: Asked) -> tuple[Partner, Standing]:
    """Lock the partner and make sure that tier and proposal still are what was decided on."""
    partner = Partner.objects.select_for_update(no_key=True).filter(pk=asked.partner_id).first()
    standing = Standing.objects.filter(partner_id=asked.partner_id).first()
    if partner is None or standing is None:
        raise Refused("This partner does not exist any more.", code="stale")
    day = today(current_tenant())
    held = (
        partner.tier_held == asked.proposed_tier
        and partner.tier_held_until is not None
        and partner.tier_held_until > day
    )
    if partner.tier != asked.from_tier or standing.tier_proposal != asked.proposed_tier or held:
        raise Refused(_what_happened(partner, standing), code="stale")
    if partner.tier == asked.proposed_tier:
        raise Refused(f"{partner.name} is {partner.tier} already.", code="stale")
    return partner, standing


def _what_happened(partner: Partner, standing: Standing) -> str:
    last = (
        TierReview.objects.select_related("signed_by__user")
        .filter(partner=partner)
        .exclude(signed_by=None)
        .first()
    )
    if last is not None and now() - last.signed_at < timedelta(days=1):
        return (
            f"{last.signed_by.user} has decided this meanwhile: "
            f"{partner.name} is {partner.get_tier_display().lower()}. Nothing was changed by you."
        )
    return (
        f"The figures of {partner.name} have changed: the rules now propose "
        f"{standing.get_tier_proposal_display().lower() or 'nothing'}. Look at the evidence again."
    )


def _before(partner: Partner) -> dict[str, str]:
    return {
        "tier": partner.tier,
        "since": partner.tier_since.isoformat() if partner.tier_since else "",
        "held": partner.tier_held,
        "held_until": partner.tier_held_until.isoformat() if partner.tier_held_until else "",
    }


@needs_no_right("reads")
def evidence_of(standing: Standing) -> dict[str, object]:
    """Return the figures that a decision rests on, as they are stored with it."""
    return {
        **standing.proposal,
        "revenue_12m": str(standing.revenue_12m),
        "orders_12m": standing.orders_12m,
        "share": None if standing.share is None else str(standing.share),
        "score": None if standing.score is None else str(standing.score),
    }


def _sign(partner: Partner, **decided: object) -> TierReview:
    """Save the partner as it now is, and the review (fields of TierReview) that made it so."""
    partner.version += 1
    partner.updated_at = now()
    partner.save()
    review: TierReview = TierReview.objects.create(
        partner=partner,
        decided_tier=partner.tier,
        tier_since=partner.tier_since,
        signed_at=now(),
        **decided,
    )
    return review


@requires(Right.ACTIVITY_WRITE)
@transaction.atomic
def add_comment(partner_id: UUID, *, text: str, by: Membership | None) -> ReviewComment:
    """Keep what a rep says about a partner for the next review; the latest is shown."""
    text = text.strip()
    if not text:
        raise Refused("Say something.", field="text", code="required")
    if len(text) > LONGEST_COMMENT:
        raise Refused(f"At most {LONGEST_COMMENT} characters fit here.", field="text", code="max_length")
    made: ReviewComment = ReviewComment.objects.create(partner_id=partner_id, text=text, by=by)
    return made


@needs_no_right("reads, for who dates a policy")
def check_day(valid_from: date, **_: object) -> None:
    """Raise `Refused` for a day on which rules cannot begin, because decisions after it rest on others."""
    later = TierReview.objects.filter(effective_on__gt=valid_from)
    first = later.order_by("effective_on").select_related("partner").first()
    if first is not None:
        raise Refused(
            f"{first.partner.name} was decided on {first.effective_on} by version {first.policy_version}, and "
            f"{later.count()} in all since {valid_from}: rules begin after the decisions made by others.",
            field="valid_from",
            code="decided",
        )


class Signed(NamedTuple):
    """What deciding about several did: reviews signed, and why the others were not."""

    reviews: list[TierReview]
    refused: list[str]


@requires(Right.TIER_DECIDE)
@transaction.atomic
def decide_many(
    asked: Sequence[Asked],
    *,
    decision: str,
    by: Membership | None,
    tier: str = "",
    reason: str = "",
    until_changed: bool = False,
) -> Signed:
    """Decide about several proposals alike, as `decide_tier` does; one that has changed meanwhile is named and does not stop the rest."""
    ordered = sorted(set(asked))
    for one in ordered:
        check_decision(decision, one.proposed_tier, tier, reason.strip())
    lock_standings([one.partner_id for one in ordered])
    done = Signed([], [])
    for one in ordered:
        try:
            with transaction.atomic():
                review = decide_tier(
                    one.partner_id, decision=decision, by=by, from_tier=one.from_tier,
                    proposed_tier=one.proposed_tier, tier=tier, reason=reason, until_changed=until_changed,
                )  # fmt: skip
        except Refused as refused:
            done.refused.append(refused.message)
        else:
            done.reviews.append(review)
    return done


@requires(Right.TIER_DECIDE)
@transaction.atomic
def undo_reviews(review_ids: Sequence[UUID], *, by: Membership | None) -> Signed:
    """Take several of one's own decisions back, as `undo_review` does; one that cannot be is named and does not stop the rest."""
    done = Signed([], [])
    for review_id in review_ids:
        try:
            with transaction.atomic():
                done.reviews.append(undo_review(review_id, by=by))
        except Refused as refused:
            done.refused.append(refused.message)
    return done


@requires(Right.TIER_DECIDE)
@transaction.atomic
def undo_review(review_id: UUID, *, by: Membership | None) -> TierReview:
    """Take one's own latest decision back within a quarter of an hour; recorded as a review too."""
    review = TierReview.objects.filter(pk=review_id).first()
    if review is None or review.decision in (Decision.INITIAL, Decision.UNDO):
        raise Refused("There is nothing to undo.", code="stale")
    lock_standings([review.partner_id])
    partner = Partner.objects.select_for_update(no_key=True).get(pk=review.partner_id)
    latest = TierReview.objects.filter(partner=partner).first()
    if latest is None or latest.pk != review.pk:
        raise Refused(f"{partner.name} was decided again since; that stands.", code="stale")
    if review.signed_by_id != (by.pk if by else None) or now() - review.signed_at > UNDO_WITHIN:
        raise Refused("Only the signer can undo, within 15 minutes.", code="too_late")
    before = review.evidence["before"]
    partner.tier, partner.tier_held = before["tier"], before["held"]
    partner.tier_since = date.fromisoformat(before["since"]) if before["since"] else None
    until = before["held_until"]
    partner.tier_held_until = date.fromisoformat(until) if until else None
    day = today(current_tenant())
    policy = policy_in_force()
    undone = _sign(
        partner,
        from_tier=review.decided_tier,
        proposed_tier=review.proposed_tier,
        decision=Decision.UNDO,
        signed_by=by,
        effective_on=day,
        policy_version=policy.version,
        evidence={"undone": str(review.pk)},
    )
    recompute_standings([partner.pk])
    return undone
