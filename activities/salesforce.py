"""Opportunities, visits and insights in Salesforce.

An opportunity and an insight go both ways. A visit is an Event when people met (in person, video) and a Task when
they did not (phone, e-mail), and goes there only; an insight is a record of a custom object.
"""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch

from activities.market.competition.models import Insight, InsightDifferentiator
from activities.market.competition.service import InsightInput, change_insight
from activities.market.competition.states import Outcome
from activities.market.pipeline.salesforce import OPPORTUNITY
from activities.visits.models import Visit
from activities.visits.states import Channel
from orders.catalogue.models import Product
from prm.accounts.models import Membership, User
from prm.core.calendar import local_date
from prm.core.errors import Refused
from prm.mapping import (
    CustomObject,
    Direction,
    Field,
    Here,
    Kind,
    Mapping,
    Money,
    Parent,
    Removed,
    Test,
    Touch,
    Values,
    Winner,
    aged,
)
from prm.mapping import own as own_mapping
from prm.ownfields import values as own_values
from prm.ownfields.queries import here as own_fields
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant

_MET = (Channel.IN_PERSON, Channel.VIDEO)
_DEFAULT_MINUTES = 30

_OWN, _VALUES = "visit", "activities_visitvalue"
_PARENT, _ITS = "partners.partner", "r.partner_id"
_MADE = (aged("made", "r.happened_at"),)
_MEMBERS = Membership._meta.db_table
_VISIT_COLUMNS = (
    "partner_id", "rep_id", "met_id", "channel", "happened_at", "minutes", "purpose", "purpose_other", "learned",
    "next_step", "next_step_due", "next_step_done_at",
)  # fmt: skip
# Whom one met. A visit waits for no contact: it goes without, and the contact follows when it is there.
_MET_THERE = Parent(
    here="met", there="WhoId", mapping="partners.contact", required=False, label="Contact met"
)
# What somebody noted belongs to him there, too.
_OWNER = Field(here="rep", there="OwnerId", kind=Kind.OWNER, label="Owner", length=18)
_INSIGHT_COLUMNS = (
    "partner_id", "competitor_id", "outcome", "happened_on", "note", "amount", "currency", "claim", "product_id",
    "source", "confidence", "rep_id",
)  # fmt: skip


def _of_visits(channels: str) -> tuple[Touch, ...]:
    """Return what visits in these channels rest on: themselves, and their rep's name."""
    made = f"SELECT v.id FROM activities_visit v WHERE v.channel IN ({channels}) AND v.tenant_id ="  # nosec B608 # names are our own, values are parameters
    of_channel = f"SELECT a.id FROM activities_visit a WHERE a.channel IN ({channels})"  # nosec B608 # names are our own, values are parameters
    of_value = f"{of_channel} AND a.tenant_id = r.tenant_id AND a.id = r.visit_id"
    scope = "current_setting('prm.tenant')::uuid"
    by_member = f"{made} {scope} AND v.rep_id IN (SELECT m.id FROM {_MEMBERS} m WHERE m.user_id = r.id)"  # nosec B608 # names are our own, values are parameters
    return (
        Touch(table="activities_visit", watch=_VISIT_COLUMNS, only=f"r.channel IN ({channels})"),
        Touch(table=_MEMBERS, watch=("user_id",), records=f"{made} r.tenant_id AND v.rep_id = r.id"),
        Touch(table=User._meta.db_table, watch=("name", "email"), records=by_member, shared=True),
        *own_mapping.touches(_VALUES, "visit_id", records=of_value, only=f"v.visit_id IN ({of_channel})"),
    )


# --- visits ---------------------------------------------------------------------------------------


def read_meetings(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Visits at which people saw each other."""
    return _visits(ids, met=True)


def read_contacts(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Visits by phone or e-mail."""
    return _visits(ids, met=False)


def _visits(ids: Sequence[UUID], *, met: bool) -> dict[UUID, Values]:
    tenant = current_tenant()
    visits = Visit.objects.filter(pk__in=ids, channel__in=_channels(met=met))
    own, fields = own_values.values_of(_OWN, ids), own_fields(_OWN)
    return {
        visit.pk: {
            "subject": f"{visit.get_channel_display()}: {visit.purpose_words}",
            "start": visit.happened_at,
            "day": local_date(tenant, visit.happened_at),
            "minutes": visit.minutes or _DEFAULT_MINUTES,
            "description": _description(visit),
            "status": "Completed",
            "rep": visit.rep_id,
            "partner": visit.partner_id,
            **own_mapping.values(fields, own[visit.pk]),
            "met": visit.met_id,
        }
        for visit in visits.select_related("rep__user").only(
            *_VISIT_COLUMNS, "rep__user__name", "rep__user__email"
        )
    }


def _offers() -> list[Field]:
    return own_mapping.offered(own_fields(_OWN))


def _channels(*, met: bool) -> list[str]:
    return [channel.value for channel in Channel if (channel in _MET) == met]


def _description(visit: Visit) -> str:
    parts: list[Here] = [visit.learned]
    if visit.next_step:
        due = f" by {visit.next_step_due.isoformat()}" if visit.next_step_due else ""
        done = " (done)" if visit.next_step_done_at else ""
        parts.append(f"Next step{due}: {visit.next_step}{done}")
    parts.append(f"Rep: {visit.rep.user}")
    return "\n\n".join(str(part) for part in parts if part)


# --- insights -------------------------------------------------------------------------------------


def read_insights(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of insights."""
    named = InsightDifferentiator.objects.select_related("differentiator")
    insights = (
        Insight.objects.filter(pk__in=ids)
        .select_related("competitor", "product")
        .only(*_INSIGHT_COLUMNS, "competitor__name", "product__name", "product__code")
        .prefetch_related(
            Prefetch("differentiators", named.only("insight_id", "differentiator_id", "differentiator__name"))
        )
    )
    return {one.pk: _insight(one) for one in insights}


def _insight(one: Insight) -> dict[str, Here]:
    reasons = [named.name for named in one.reasons]
    own = one.currency == ""
    return {
        "name": f"{one.get_outcome_display()}: {one.competitor.name}",
        "competitor": one.competitor.name,
        "outcome": one.get_outcome_display(),
        "happened_on": one.happened_on,
        # Their Amount is in the organisation's currency: another one is said in words.
        "amount": one.amount if own else None,
        "own_amount": one.amount,
        "currency": one.currency or current_tenant().currency,
        "other_amount": "" if own else f"{one.amount:.2f} {one.currency}",
        "claim": one.claim,
        "product": "" if one.product is None else str(one.product),
        "source": one.get_source_display(),
        "confidence": one.get_confidence_display(),
        "differentiators": "; ".join(reasons),
        "note": one.note,
        "rep": one.rep_id,
        "partner": one.partner_id,
    }


def apply_insights(changes: Mapped[UUID, Values]) -> None:
    """Write what changed in Salesforce, all or none in the caller's transaction. Raises Refused."""
    for insight_id, values in changes.items():
        _apply_insight(insight_id, values)


def _apply_insight(insight_id: UUID, values: Values) -> None:
    kept = (
        Insight.objects.with_details().select_related("noted_as", "opportunity").filter(pk=insight_id).first()
    )
    if kept is None:
        raise Refused("This insight does not exist any more.", code="not_found")
    named = kept.differentiators.select_related("differentiator", "noted_as")
    outcome, day = values.get("outcome"), values.get("happened_on")
    # An organisation with several currencies has it in the insight's own.
    amount = values.get("amount", values.get("own_amount", kept.amount))
    details = InsightInput(
        competitor=kept.noted_as or kept.competitor,
        outcome=kept.outcome if outcome is None else _outcome(str(outcome)),
        happened_on=day if isinstance(day, date) else kept.happened_on,
        note=str(values.get("note", kept.note) or ""),
        claim=str(values.get("claim", kept.claim) or ""),
        amount=amount if isinstance(amount, Decimal) else None,
        currency="" if "amount" in values else kept.currency,
        product=kept.product,
        source=kept.source,
        confidence=kept.confidence,
        differentiators=[one.noted_as or one.differentiator for one in named],
        opportunity=kept.opportunity,
    )
    change_insight(insight=kept, details=details)


def _outcome(there: str) -> str:
    for value, label in Outcome.choices:
        if label == there:
            return str(value)
    words = ", ".join(str(label) for _, label in Outcome.choices)
    raise Refused(
        f"PRM does not know the outcome “{there}”. There are: {words}.",
        field="outcome",
        code="invalid_choice",
    )


MAPPINGS = [
    OPPORTUNITY,
    Mapping(
        key="activities.meeting",
        singular="visit in person or by video",
        plural="visits in person or by video",
        sobject="Event",
        there_words="Event",
        title="Subject",
        read=read_meetings,
        offers=_offers,
        parents=(Parent(here="partner", there="WhatId", mapping=_PARENT, column=_ITS), _MET_THERE),
        aspects=_MADE,
        fields=(
            Field(here="subject", there="Subject", cut=True),
            Field(here="start", there="StartDateTime", kind=Kind.MOMENT),
            Field(here="minutes", there="DurationInMinutes", kind=Kind.NUMBER),
            _OWNER,
            Field(here="description", there="Description", kind=Kind.LONG_TEXT, length=32_000, cut=True),
        ),
        touched_by=_of_visits("'in_person', 'video'"),
        removed=Removed.DELETE,
    ),
    Mapping(
        key="activities.contact",
        singular="visit by phone or e-mail",
        plural="visits by phone or e-mail",
        sobject="Task",
        there_words="Task",
        title="Subject",
        read=read_contacts,
        offers=_offers,
        parents=(Parent(here="partner", there="WhatId", mapping=_PARENT, column=_ITS), _MET_THERE),
        aspects=_MADE,
        fields=(
            Field(here="subject", there="Subject", cut=True),
            Field(here="day", there="ActivityDate", kind=Kind.DATE),
            Field(here="status", there="Status", kind=Kind.PICKLIST),
            _OWNER,
            Field(here="description", there="Description", kind=Kind.LONG_TEXT, length=32_000, cut=True),
        ),
        touched_by=(
            *_of_visits("'phone', 'email'"),
            # Its time zone decides on which day a visit happened.
            Touch(
                table=Tenant._meta.db_table,
                watch=("timezone",),
                records="SELECT v.id FROM activities_visit v WHERE v.channel IN ('phone', 'email')"
                " AND v.tenant_id = current_setting('prm.tenant')::uuid AND v.tenant_id = r.id",
                shared=True,
            ),
        ),
        removed=Removed.DELETE,
    ),
    Mapping(
        key="activities.insight",
        singular="insight",
        plural="insights",
        sobject="PRM_Insight__c",
        there_words="PRM Insight",
        read=read_insights,
        apply=apply_insights,
        custom_object=CustomObject(label="PRM Insight", plural="PRM Insights"),
        money=Money(amount="amount", own="own_amount", currency="currency"),
        parents=(Parent(here="partner", there="PRM_Account__c", mapping=_PARENT, column=_ITS),),
        aspects=(aged("heard", "r.happened_on", Test.DAY),),
        fields=(
            Field(here="name", there="Name", length=80, cut=True),
            Field(here="competitor", there="PRM_Competitor__c", label="Competitor", length=120),
            Field(
                here="outcome", there="PRM_Outcome__c", label="Outcome", length=40, direction=Direction.BOTH
            ),
            Field(
                here="happened_on",
                there="PRM_Happened_On__c",
                kind=Kind.DATE,
                label="Happened on",
                direction=Direction.BOTH,
            ),
            Field(
                here="amount",
                there="PRM_Amount__c",
                kind=Kind.CURRENCY,
                label="Amount",
                scale=2,
                direction=Direction.BOTH,
                winner=Winner.ASK,
            ),
            Field(
                here="other_amount",
                there="PRM_Other_Amount__c",
                label="Amount in another currency",
                length=40,
            ),
            Field(
                here="claim",
                there="PRM_Claim__c",
                label="What they say",
                length=200,
                direction=Direction.BOTH,
            ),
            Field(here="product", there="PRM_Product__c", label="Product or service", length=200),
            Field(here="source", there="PRM_Source__c", label="Who says so", length=40),
            Field(here="confidence", there="PRM_Confidence__c", label="How sure", length=40),
            Field(here="differentiators", there="PRM_Differentiators__c", label="Differentiators", cut=True),
            Field(
                here="note",
                there="PRM_Note__c",
                kind=Kind.LONG_TEXT,
                label="Note",
                length=32_000,
                cut=True,
                direction=Direction.BOTH,
            ),
            _OWNER,
        ),
        touched_by=(
            Touch(table="activities_insight", watch=_INSIGHT_COLUMNS),
            # An amount that names no currency is in the company's.
            Touch(
                table=Tenant._meta.db_table,
                watch=("currency",),
                records="SELECT i.id FROM activities_insight i WHERE i.currency IN ('', r.currency)"
                " AND i.tenant_id = current_setting('prm.tenant')::uuid AND i.tenant_id = r.id",
                shared=True,
            ),
            Touch(
                table="activities_insightdifferentiator",
                record="insight_id",
                watch=("differentiator_id",),
            ),
            Touch(
                table="activities_competitor",
                watch=("name",),
                records="SELECT i.id FROM activities_insight i"
                " WHERE i.tenant_id = r.tenant_id AND i.competitor_id = r.id",
            ),
            Touch(
                table=Product._meta.db_table,
                watch=("name", "code"),
                records="SELECT i.id FROM activities_insight i"
                " WHERE i.tenant_id = r.tenant_id AND i.product_id = r.id",
            ),
            Touch(
                table="activities_differentiator",
                watch=("name",),
                records="SELECT d.insight_id FROM activities_insightdifferentiator d"
                " WHERE d.tenant_id = r.tenant_id AND d.differentiator_id = r.id",
            ),
        ),
        removed=Removed.DELETE,
    ),
]
