"""Writes of competition insights, competitors and differentiators."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from activities.checks import check_day, check_people, checked_amount, choice, id_taken, own, text
from activities.market.budgets.models import Opportunity
from activities.market.competition.models import Competitor, Differentiator, Insight, InsightDifferentiator
from activities.market.competition.states import Outcome
from activities.rights import require_change, require_own_name
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.audit import TenantEvent, bring_back, gone, was
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

MOST_DIFFERENTIATORS = 10

Named = TypeVar("Named", Competitor, Differentiator)


@dataclass(frozen=True, kw_only=True, slots=True)
class InsightInput:
    """One fact about the competition. Competitor and differentiators may be given by (new) names."""

    competitor: Competitor | str
    outcome: str
    happened_on: date | None = None
    note: str = ""
    amount: Decimal | None = None
    differentiators: Sequence[Differentiator | str] = ()
    opportunity: Opportunity | None = None


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def add_insight(
    *,
    partner: Partner,
    rep: Membership | None,
    insight: InsightInput,
    insight_id: UUID | None = None,
) -> Insight:
    """Keep one fact about the competition.

    The same ``insight_id`` for the same partner again gives the first result. Raises Refused.
    """
    check_people(partner, rep)
    if insight_id and (earlier := _sent_before(insight_id, partner)):
        return earlier
    day = insight.happened_on or calendar.today(current_tenant())
    try:
        with transaction.atomic():
            return keep_insight(partner=partner, rep=rep, insight=insight, day=day, insight_id=insight_id)
    except IntegrityError:
        if insight_id and (earlier := _sent_before(insight_id, partner)):
            return earlier
        raise id_taken() from None


def _sent_before(insight_id: UUID, partner: Partner) -> Insight | None:
    earlier = Insight.objects.filter(pk=insight_id).first()
    if earlier and earlier.partner_id != partner.pk:
        raise id_taken()
    return earlier


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def keep_insight(
    *,
    partner: Partner,
    rep: Membership | None,
    insight: InsightInput,
    day: date,
    visit_id: UUID | None = None,
    insight_id: UUID | None = None,
) -> Insight:
    """Save an insight inside the caller's transaction."""
    require_own_name(rep)
    kept = Insight(id=insight_id or uuid7(), partner=partner, rep=rep, visit_id=visit_id)
    _fill(kept, insight, insight.happened_on or day)
    kept.save(force_insert=True)
    _name(kept, insight.differentiators)
    return kept


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def change_insight(*, insight: Insight, details: InsightInput) -> Insight:
    """Correct an insight; it stays with its partner. Raises Refused."""
    require_change(insight.rep_id)
    _fill(insight, details, details.happened_on or insight.happened_on)
    insight.save()
    insight.differentiators.all().delete()
    _name(insight, details.differentiators)
    return insight


def _fill(kept: Insight, insight: InsightInput, day: date) -> None:
    check_day(day, "happened_on", past_only=True)
    opportunity = insight.opportunity
    own(opportunity, "opportunity")
    if opportunity is not None and opportunity.partner_id != kept.partner_id:
        raise Refused("This opportunity is with another partner.", field="opportunity", code="other_partner")
    kept.outcome = choice(Outcome, insight.outcome, "outcome")
    kept.happened_on = day
    kept.note = text(insight.note, "note")
    kept.amount = None if insight.amount is None else checked_amount(insight.amount)
    kept.opportunity = opportunity
    kept.competitor = _known(Competitor, insight.competitor, "competitor", 120)


def _name(kept: Insight, differentiators: Sequence[Differentiator | str]) -> None:
    if len(differentiators) > MOST_DIFFERENTIATORS:
        raise Refused(
            f"Name at most {MOST_DIFFERENTIATORS} reasons.", field="differentiators", code="too_many"
        )
    named = {
        row.pk: row for row in (_known(Differentiator, d, "differentiators", 80) for d in differentiators)
    }
    InsightDifferentiator.objects.bulk_create(
        [InsightDifferentiator(insight=kept, differentiator=row) for row in named.values()]
    )


def _known(model: type[Named], given: Named | str, field: str, longest: int) -> Named:
    """Return the row given, or the one of that name (upper and lower case alike), made if new."""
    if not isinstance(given, str):
        own(given, field)
        return given
    name = " ".join(text(given, field, longest).split())
    if not name:
        raise Refused("Give a name.", field=field, code="required")
    found: Named | None = model.objects.filter(name__iexact=name).first()
    if found:
        return found
    made: Named
    try:
        with transaction.atomic():
            made = model.objects.create(name=name)
    except IntegrityError:  # somebody else has just typed the same name
        made = model.objects.get(name__iexact=name)
    return made


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def competitor_named(*, name: str) -> Competitor:
    """Return the competitor of that name, made if it is new. Raises Refused for an empty or long name."""
    return _known(Competitor, name, "name", 120)


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def differentiator_named(*, name: str) -> Differentiator:
    """Return the differentiator of that name, made if it is new. Raises Refused."""
    return _known(Differentiator, name, "name", 80)


@requires(Right.ACTIVITY_MANAGE)
@transaction.atomic
def rename(*, row: Competitor | Differentiator, name: str) -> None:
    """Give a competitor or differentiator another name. Raises Refused when another row has it."""
    new = " ".join(text(name, "name", 80).split())
    if not new:
        raise Refused("Give a name.", field="name", code="required")
    if type(row).objects.filter(name__iexact=new).exclude(pk=row.pk).exists():
        raise Refused(f"“{new}” is already there.", field="name", code="unique")
    row.name = new
    row.save(update_fields=["name"])


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def remove_insight(*, insight: Insight) -> None:
    """Take an insight back; the audit trail keeps it."""
    require_change(insight.rep_id)
    insight.delete()


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def remove_all(insights: QuerySet[Insight] | Iterable[Insight]) -> None:
    """Delete insights inside the caller's transaction."""
    for insight in insights:
        require_change(insight.rep_id)
        insight.delete()


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
@transaction.atomic
def restore_insight(*, insight_id: UUID) -> Insight:
    """Bring an insight back that was taken back, as it was; one that is there stays as it is.

    Raises Refused when there never was one, or what it needs is gone.
    """
    present = Insight.objects.filter(pk=insight_id).first()
    if present is not None:
        require_change(present.rep_id)
        return present
    event = gone(Insight).filter(pgh_obj_id=insight_id).first()
    if event is None:
        raise Refused("There is no such insight here.", code="does_not_exist")
    return _restore(event)


@requires(Right.ACTIVITY_WRITE, Right.ACTIVITY_MANAGE)
def restore_all(*, partner_id: UUID, visit_id: UUID, at: datetime) -> None:
    """Bring the insights of a visit back that went with it at that moment, inside the caller's transaction."""
    for event in gone(Insight).filter(partner_id=partner_id, visit_id=visit_id, pgh_created_at=at):
        _restore(event)


def _restore(event: TenantEvent) -> Insight:
    insight = was(Insight, event)
    require_change(insight.rep_id)
    bring_back(insight)
    at = event.pgh_created_at
    events = gone(InsightDifferentiator).filter(insight_id=insight.pk, pgh_created_at=at)
    # Of a reason that was replaced in the same transaction the last row counts.
    reasons = [was(InsightDifferentiator, one) for one in reversed(events)]
    for reason in {one.differentiator_id: one for one in reasons}.values():
        bring_back(reason)
    return insight
