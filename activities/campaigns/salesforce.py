"""Campaigns and their members in Salesforce.

What a campaign is called, its goal, days and money go both ways; how far it is is decided here, since starting tosses coins. A partner of a
campaign is a member there by its account, and each of its people by the contact they are, once the coins are tossed; nobody who was held
out, so that no mailing there reaches them. Whether a member responded goes both ways, and a status that somebody chose there stays.

Members that were sent before people were contacts there stay as they are, by their account: Salesforce takes both when a member is made.
"""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.campaigns.members.service import Response, take_responses
from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.planning.revising import KEPT, Kept, Revision
from activities.campaigns.planning.service import revise_campaigns
from activities.campaigns.states import CampaignState, Channel, Group
from partners.contacts.models import Contact
from partners.directory.models import Partner
from prm.core.errors import Refused
from prm.mapping import Direction, Field, Here, Kind, Mapping, Parent, Removed, Touch, Values, Winner

SENT: Final = "Sent"
RESPONDED: Final = "Responded"
"""The two statuses that every campaign there begins with."""

_TYPES: Final = {
    Channel.EMAIL: "Email",
    Channel.EVENT: "Conference",
    Channel.MAILING: "Direct Mail",
    Channel.PAGE: "Other",
}
_STATES: Final = {
    CampaignState.DRAFT: "Planned",
    CampaignState.RUNNING: "In Progress",
    CampaignState.ENDED: "Completed",
}
_CAMPAIGN_COLUMNS: Final = (
    "name", "goal", "channels", "starts_on", "ends_on", "budget", "spent", "state",
)  # fmt: skip
_MEMBER_COLUMNS: Final = (
    "campaign_id", "partner_id", "contact_id", "group", "is_drawn", "came_on", "attended_at", "responded_on",
    "responded_there", "status_there", "status_responds",
)  # fmt: skip


# --- campaigns ------------------------------------------------------------------------------------


def read_campaigns(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of campaigns (1 query)."""
    rows = Campaign.objects.filter(pk__in=ids).only(*_CAMPAIGN_COLUMNS)
    return {one.pk: _campaign(one) for one in rows}


def _campaign(one: Campaign) -> dict[str, Here]:
    return {
        "name": one.name,
        "goal": one.goal,
        "channel": _TYPES[one.main_channel],
        "state": _STATES[CampaignState(one.state)],
        "is_running": one.is_running,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "budget": one.budget,
        "spent": one.spent,
    }


def apply_campaigns(changes: Mapped[UUID, Values]) -> None:
    """Write what changed in Salesforce, all or none. Raises Refused."""
    revise_campaigns({pk: _revision(values) for pk, values in changes.items()})


def _revision(values: Values) -> Revision:
    for name in ("starts_on", "ends_on"):
        if name in values and values[name] is None:
            raise Refused("A campaign has a first and a last day here.", field=name, code="required")
    return Revision(
        name=_text(values, "name"),
        goal=_text(values, "goal"),
        starts_on=_day(values, "starts_on"),
        ends_on=_day(values, "ends_on"),
        budget=_money(values, "budget"),
        spent=_money(values, "spent"),
    )


def _text(values: Values, name: str) -> str | Kept:
    return str(values[name] or "") if name in values else KEPT


def _day(values: Values, name: str) -> date | Kept:
    value = values.get(name)
    return value if isinstance(value, date) else KEPT


def _money(values: Values, name: str) -> Decimal | Kept | None:
    if name not in values:
        return KEPT
    value = values[name]
    return value if isinstance(value, Decimal) else None


# --- members --------------------------------------------------------------------------------------


def read_members(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of those of these members who were not held out (1 query)."""
    rows = Member.objects.filter(pk__in=ids, is_drawn=True, group=Group.SENT)
    names = ("partner__name", "contact__name")
    return {
        one.pk: _member(one)
        for one in rows.select_related("partner", "contact").only(*_MEMBER_COLUMNS, *names)
    }


def _member(one: Member) -> dict[str, Here]:
    responded = one.has_responded
    is_theirs = one.status_there and one.status_responds == responded
    contact = one.contact
    return {
        "name": one.partner.name if contact is None else f"{one.partner.name}: {contact.name}",
        "status": one.status_there if is_theirs else RESPONDED if responded else SENT,
        "responded": one.responded_there,
        "campaign": one.campaign_id,
        # Salesforce takes one of the two.
        "contact": one.contact_id,
        "partner": one.partner_id if contact is None else None,
    }


def apply_members(changes: Mapped[UUID, Values]) -> None:
    """Write what changed in Salesforce, all or none. Raises Refused."""
    take_responses({pk: _response(values) for pk, values in changes.items()})


def _response(values: Values) -> Response:
    responded = values.get("responded")
    return Response(
        status=str(values["status"] or "") if "status" in values else None,
        responded=responded if isinstance(responded, bool) else None,
    )


MAPPINGS = [
    Mapping(
        key="campaigns.campaign",
        singular="campaign",
        plural="campaigns",
        sobject="Campaign",
        there_words="Campaign",
        url_name="campaigns:campaign",
        read=read_campaigns,
        apply=apply_campaigns,
        fields=(
            Field(here="name", there="Name", length=80, direction=Direction.BOTH),
            Field(
                here="goal",
                there="Description",
                label="Goal",
                kind=Kind.LONG_TEXT,
                length=32_000,
                direction=Direction.BOTH,
            ),
            Field(here="channel", there="Type", kind=Kind.PICKLIST, label="Main channel"),
            Field(here="state", there="Status", kind=Kind.PICKLIST),
            Field(here="is_running", there="IsActive", kind=Kind.FLAG, label="Running"),
            Field(here="starts_on", there="StartDate", kind=Kind.DATE, direction=Direction.BOTH),
            Field(here="ends_on", there="EndDate", kind=Kind.DATE, direction=Direction.BOTH),
            # Money that two people have changed: neither of them is overruled by a rule.
            Field(
                here="budget",
                there="BudgetedCost",
                kind=Kind.CURRENCY,
                scale=2,
                direction=Direction.BOTH,
                winner=Winner.ASK,
            ),
            Field(
                here="spent",
                there="ActualCost",
                kind=Kind.CURRENCY,
                scale=2,
                direction=Direction.BOTH,
                winner=Winner.ASK,
            ),
        ),
        touched_by=(Touch(table=Campaign._meta.db_table, watch=_CAMPAIGN_COLUMNS),),
        removed=Removed.DELETE,
        optional=True,
    ),
    Mapping(
        key="campaigns.member",
        singular="campaign member",
        plural="campaign members",
        sobject="CampaignMember",
        there_words="CampaignMember",
        title="PRM_Name__c",
        read=read_members,
        apply=apply_members,
        parents=(
            Parent(
                here="campaign",
                there="CampaignId",
                mapping="campaigns.campaign",
                fixed=True,
                column="r.campaign_id",
            ),
            Parent(
                here="partner",
                there="AccountId",
                mapping="partners.partner",
                fixed=True,
                column="r.partner_id",
            ),
            Parent(here="contact", there="ContactId", mapping="partners.contact", fixed=True),
        ),
        fields=(
            Field(here="name", there="PRM_Name__c", label="Member", cut=True),
            Field(here="status", there="Status", kind=Kind.PICKLIST, length=40, direction=Direction.BOTH),
            Field(here="responded", there="HasResponded", kind=Kind.FLAG, direction=Direction.PULL),
        ),
        touched_by=(
            Touch(
                table=Member._meta.db_table, watch=_MEMBER_COLUMNS, only="r.is_drawn AND r.\"group\" = 'sent'"
            ),
            Touch(
                table=Partner._meta.db_table,
                watch=("name",),
                records="SELECT m.id FROM campaigns_member m WHERE m.tenant_id = r.tenant_id AND m.partner_id = r.id",
            ),
            Touch(
                table=Contact._meta.db_table,
                watch=("name",),
                records="SELECT m.id FROM campaigns_member m WHERE m.tenant_id = r.tenant_id AND m.contact_id = r.id",
            ),
        ),
        removed=Removed.DELETE,
        optional=True,
    ),
]
