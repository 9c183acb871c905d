"""Writes of competition insights."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from activities.checks import check_day, check_people, checked_amount, choice, id_taken, own, text
from activities.market.budgets.models import Opportunity
from activities.market.competition.models import LONGEST_CLAIM, Insight, InsightDifferentiator
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.service import named, settle_all
from activities.rights import require_change, require_own_name
from orders.catalogue.models import Product
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.core.money import ISO_4217
from prm.tenancy.audit import TenantEvent, bring_back, gone, was
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

MOST_DIFFERENTIATORS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class InsightInput:
    """One fact about the competition. Competitor and differentiators may be given by (new) names.

    `currency` is an ISO 4217 code, "" for the company's own; `source` and `confidence` are "" for not said.
    """

    competitor: Competitor | str
    outcome: str
    happened_on: date | None = None
    note: str = ""
    claim: str = ""
    amount: Decimal | None = None
    currency: str = ""
    product: Product | None = None
    source: str = ""
    confidence: str = ""
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
    kept.claim = text(insight.claim, "claim", LONGEST_CLAIM)
    kept.amount = None if insight.amount is None else checked_amount(insight.amount)
    kept.currency = "" if insight.amount is None else _currency(insight.currency)
    own(insight.product, "product")
    kept.product = insight.product and insight.product.main
    kept.source = choice(Source, insight.source, "source") if insight.source else ""
    kept.confidence = choice(Confidence, insight.confidence, "confidence") if insight.confidence else ""
    kept.opportunity = opportunity
    root, noted = named(Competitor, insight.competitor, "competitor")
    if noted.pk != root.pk or root.pk != kept.competitor_id:
        # Corrected otherwise, an insight stays under the name it was noted under.
        kept.noted_as = None if noted.pk == root.pk else noted
    kept.competitor = root


def _currency(code: str) -> str:
    """Return "" for the company's own currency, else the code of another one. Raises Refused for none."""
    if not code or code == current_tenant().currency:
        return ""
    if code not in ISO_4217:
        raise Refused(
            f"“{code}” is no currency. Write a code such as EUR or USD.", field="currency", code="invalid"
        )
    return code


def _name(kept: Insight, differentiators: Sequence[Differentiator | str]) -> None:
    if len(differentiators) > MOST_DIFFERENTIATORS:
        raise Refused(
            f"Name at most {MOST_DIFFERENTIATORS} reasons.", field="differentiators", code="too_many"
        )
    reasons = [named(Differentiator, one, "differentiators") for one in differentiators]
    rows = {root.pk: (root, None if noted.pk == root.pk else noted) for root, noted in reasons}
    InsightDifferentiator.objects.bulk_create(
        [
            InsightDifferentiator(insight=kept, differentiator=root, noted_as=noted)
            for root, noted in rows.values()
        ]
    )


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
    _settle(insight)
    return insight


def _settle(insight: Insight) -> None:
    """Bring what came back to where its names belong by now: they may have been merged since."""
    reasons = insight.differentiators.select_related("differentiator", "noted_as")
    settle_all(
        [insight.noted_as or insight.competitor, *(one.noted_as or one.differentiator for one in reasons)]
    )
    insight.refresh_from_db(fields=["competitor", "noted_as"])
