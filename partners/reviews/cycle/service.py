"""Writes of cycles: open, decide, take back, sign, open again; and their day."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from partners.directory.models import Partner
from partners.reviews.cycle.models import CycleDecision, ReviewCycle, ReviewSettings
from partners.reviews.cycle.queries import settings, to_decide, unsettled
from partners.reviews.cycle.rules import after_signing, effective_day
from partners.reviews.cycle.states import REOPENS, CycleState
from partners.reviews.models import TierReview
from partners.reviews.service import (
    SHORTEST_REASON,
    Asked,
    Verdict,
    check_decision,
    evidence_of,
    put_in_force,
    seen,
)
from partners.standing.service import lock_standings
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import quarter_start, quarter_word, today
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.fields import LONGEST_TEXT
from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

_CHUNK: Final = 100
Decision = TierReview.Decision


@requires(Right.TIER_DECIDE)
@transaction.atomic
def set_review_settings(*, two_people: bool, every_quarter: bool) -> ReviewSettings:
    """Say whether reviews need two signatures, and whether one opens by itself with every quarter."""
    kept = ReviewSettings.objects.select_for_update().first() or ReviewSettings()
    kept.two_people, kept.every_quarter = two_people, every_quarter
    kept.save()
    return kept


@requires(Right.TIER_DECIDE)
@transaction.atomic
def open_cycle(*, by: Membership | None, name: str = "", effective_on: date | None = None) -> ReviewCycle:
    """Open a review of all that is proposed. Raises `Refused` while another is not signed.

    In: its name (the quarter's without one), the day from which its decisions are in force (the next quarter's first).
    """
    tenant = current_tenant()
    day = today(tenant)
    starts = effective_on or effective_day(day, tenant.year_starts)
    if starts < day:
        raise Refused("Decisions are in force from today or later.", field="effective_on", code="past")
    name = name.strip() or quarter_word(day, tenant.year_starts)
    if len(name) > 60:
        raise Refused("At most 60 characters fit here.", field="name", code="max_length")
    try:
        with transaction.atomic():
            return ReviewCycle.objects.create(name=name, figures_on=day, effective_on=starts, opened_by=by)  # type: ignore[no-any-return]
    except IntegrityError as error:
        raise Refused("Another review is not signed yet: sign it first.", code="open") from error


# --- deciding -----------------------------------------------------------------------------------


class Decided(NamedTuple):
    """What deciding about several did: decisions kept, and why the others were not."""

    kept: list[CycleDecision]
    refused: list[str]


@requires(Right.TIER_DECIDE)
@transaction.atomic
def note_decisions(
    cycle_id: UUID,
    asked: Sequence[Asked],
    *,
    decision: str,
    by: Membership | None,
    tier: str = "",
    reason: str = "",
    until_changed: bool = False,
) -> Decided:
    """Keep decisions about proposals until the cycle is signed; a later one takes an earlier one's place.

    As for `decide_tier`, with the same rules of reasons. A proposal that has changed meanwhile is named and does not stop the rest.
    Raises `Refused` when the cycle is not open, or the words do not suffice.
    """
    cycle = _locked(cycle_id)
    if cycle.state != CycleState.OPEN:
        raise Refused(f"{cycle.name} is signed: open it again to change a decision.", code="signed")
    reason = reason.strip()
    done = Decided([], [])
    for one in sorted(set(asked)):
        check_decision(decision, one.proposed_tier, tier, reason)
        try:
            partner, standing = seen(one)
        except Refused as refused:
            done.refused.append(refused.message)
            continue
        chosen = {Decision.ACCEPT: one.proposed_tier, Decision.HOLD: one.from_tier}.get(
            Decision(decision), tier
        )
        kept, _ = CycleDecision.objects.update_or_create(
            cycle=cycle,
            partner=partner,
            defaults={
                "from_tier": one.from_tier, "proposed_tier": one.proposed_tier, "tier": chosen, "decision": decision,
                "reason": reason, "until_changed": until_changed, "evidence": evidence_of(standing), "by": by, "at": now(),
            },
        )  # fmt: skip
        done.kept.append(kept)
    return done


@requires(Right.TIER_DECIDE)
@transaction.atomic
def take_back(decision_ids: Sequence[UUID]) -> list[CycleDecision]:
    """Take decisions of an open cycle back, whoever made them; the audit trail keeps them. Returns those it took back."""
    some = list(CycleDecision.objects.filter(pk__in=decision_ids).select_related("partner"))
    for cycle_id in sorted({one.cycle_id for one in some}):
        if (cycle := _locked(cycle_id)).state != CycleState.OPEN:
            raise Refused(f"{cycle.name} is signed: open it again to change a decision.", code="signed")
    CycleDecision.objects.filter(pk__in=[one.pk for one in some]).delete()
    return some


# --- signing ------------------------------------------------------------------------------------


@requires(Right.TIER_DECIDE)
@transaction.atomic
def sign_cycle(cycle_id: UUID, *, by: Membership | None) -> ReviewCycle:
    """Sign a review whose proposals are all decided; where the tenant wants two people another one signs after the first.

    Signing what is signed changes nothing. What is due is put in force by a task at once, the rest on its day.
    """
    cycle = _locked(cycle_id)
    if cycle.state == CycleState.OPEN:
        left = to_decide(cycle, today(current_tenant())).count()
        if left:
            raise Refused(f"{left} are not decided yet. Decide them, then sign.", code="undecided")
    if cycle.state == CycleState.SIGNED_ONCE:
        if cycle.signed_by_id == (by.pk if by else None):
            raise Refused("A second person signs: whoever signed first cannot be both.", code="same_person")
        cycle.second_by, cycle.second_at = by, now()
    elif cycle.state == CycleState.OPEN:
        cycle.signed_by, cycle.signed_at = by, now()
    else:
        return cycle
    cycle.state = after_signing(CycleState(cycle.state), two_people=settings().two_people)
    cycle.save()
    if cycle.state == CycleState.SIGNED and cycle.effective_on <= today(current_tenant()):
        send_task("partners.put_reviews_in_force")
    return cycle


@requires(Right.TIER_DECIDE)
@transaction.atomic
def reopen_cycle(cycle_id: UUID, *, by: Membership | None, reason: str) -> ReviewCycle:
    """Open a signed review again before it is in force; who, when and why stay with it and in the audit trail."""
    cycle = _locked(cycle_id)
    reason = reason.strip()
    if cycle.state not in REOPENS:
        words = "is open already" if cycle.state == CycleState.OPEN else "is in force: decide anew instead"
        raise Refused(f"{cycle.name} {words}.", code="state")
    if not SHORTEST_REASON <= len(reason) <= LONGEST_TEXT:
        raise Refused(f"Say why, in {SHORTEST_REASON} characters or more.", field="reason", code="too_short")
    if CycleDecision.objects.filter(cycle=cycle).exclude(review=None).exists():
        raise Refused(f"{cycle.name} is being put in force. Decide anew afterwards.", code="state")
    other = unsettled()
    if other is not None and other.pk != cycle.pk:
        raise Refused(f"{other.name} is open: sign it first.", code="open")
    cycle.state = CycleState.OPEN
    cycle.signed_by = cycle.signed_at = cycle.second_by = cycle.second_at = None
    cycle.reopened_by, cycle.reopened_at, cycle.reopened_reason = by, now(), reason
    cycle.save()
    return cycle


def _locked(cycle_id: UUID) -> ReviewCycle:
    cycle: ReviewCycle | None = ReviewCycle.objects.select_for_update().filter(pk=cycle_id).first()
    if cycle is None:
        raise Refused("There is no such review.", code="stale")
    return cycle


# --- its day ------------------------------------------------------------------------------------


@needs_no_right("does what was signed, and opens what was arranged")
def apply_due() -> bool:
    """Put a chunk of signed decisions in force whose day has come; return whether more are left."""
    day = today(current_tenant())
    with transaction.atomic():
        due = ReviewCycle.objects.select_for_update().filter(state=CycleState.SIGNED, effective_on__lte=day)
        cycle = due.order_by("effective_on").first()
        if cycle is None:
            return False
        waiting = CycleDecision.objects.filter(cycle=cycle, review=None, left_out="").select_related(
            "by", "cycle"
        )
        some = list(waiting.order_by("partner_id")[:_CHUNK])
        lock_standings([one.partner_id for one in some])
        for one in some:
            _apply(one, cycle, day)
        if len(some) < _CHUNK:
            cycle.state = CycleState.IN_FORCE
            cycle.save()
        return True


def _apply(one: CycleDecision, cycle: ReviewCycle, day: date) -> None:
    partner = Partner.objects.select_for_update(no_key=True).filter(pk=one.partner_id).first()
    if partner is None:
        one.left_out = "Merged into another, or gone."
    elif partner.tier != one.from_tier:
        one.left_out = f"Decided otherwise meanwhile: {partner.tier or 'no tier'}."
    else:
        one.review = put_in_force(
            partner,
            Asked(partner.pk, one.from_tier, one.proposed_tier),
            verdict=Verdict(one.decision, one.tier, one.reason, one.until_changed), signed_by=cycle.signed_by, day=day,
            evidence={**one.evidence, "cycle": str(cycle.pk)},
        )  # fmt: skip
    one.save()


@needs_no_right("does what was arranged")
@transaction.atomic
def open_due() -> ReviewCycle | None:
    """Open a review on the first days of a quarter where the tenant has arranged it, and none was opened in it."""
    tenant = current_tenant()
    day = today(tenant)
    begun = quarter_start(day, tenant.year_starts)
    if not settings().every_quarter or unsettled() is not None:
        return None
    if ReviewCycle.objects.filter(figures_on__gte=begun).exists() or not to_decide(None, day).exists():
        return None
    name = quarter_word(day, tenant.year_starts)
    made: ReviewCycle = ReviewCycle.objects.create(
        name=name, figures_on=day, effective_on=effective_day(day, tenant.year_starts)
    )
    return made
