"""Open opportunities as Salesforce opportunities of the partner's account, both ways; those that are there already are found."""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.market.budgets.models import Opportunity
from activities.market.budgets.revising import Revision
from activities.market.budgets.service import revise_opportunities
from activities.market.budgets.states import OpportunityState, Stage
from activities.market.pipeline.evidence import recognise
from partners.directory.models import Partner
from partners.directory.queries import living
from prm.accounts.models import Membership
from prm.core.errors import Refused
from prm.mapping import (
    Adopt,
    Direction,
    Field,
    Found,
    Kind,
    Mapping,
    Money,
    Parent,
    Recognised,
    Removed,
    Stays,
    Test,
    Touch,
    Values,
    Winner,
    aged,
)
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Tenant

_STAGES = {
    Stage.PROSPECTING.value: "Prospecting",
    Stage.QUALIFICATION.value: "Qualification",
    Stage.PROPOSAL.value: "Proposal/Price Quote",
    Stage.NEGOTIATION.value: "Negotiation/Review",
}
_CLOSED = {OpportunityState.WON.value: "Closed Won", OpportunityState.LOST.value: "Closed Lost"}
# Salesforce's standard process has finer stages; moving between these is no change here.
_FINER = (
    ("Needs Analysis", "Qualification"),
    ("Value Proposition", "Qualification"),
    ("Id. Decision Makers", "Qualification"),
    ("Perception Analysis", "Proposal/Price Quote"),
)
_COLUMNS = ("partner_id", "name", "stage", "state", "amount", "currency", "close_date", "owner_id")


def read_opportunities(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of opportunities; `amount` is theirs where it is in the tenant's currency."""
    return {
        one.pk: {
            "name": one.name,
            "stage": _CLOSED.get(one.state) or _STAGES[one.stage],
            "amount": _amount(one),
            "own_amount": one.amount,
            "currency": one.currency,
            "close_date": one.close_date,
            "owner": one.owner_id,
            "partner": one.partner_id,
        }
        for one in Opportunity.objects.filter(pk__in=ids).only(*_COLUMNS)
    }


def _amount(one: Opportunity) -> Decimal | Stays:
    own = current_tenant().currency
    amount: Decimal = one.amount
    if one.currency == own:
        return amount
    return Stays(
        f"it is in {one.currency} here and the company counts in {own}. An organisation with one currency would take it for its "
        "own, so what stands there stays."
    )


def apply_opportunities(changes: Mapped[UUID, Values]) -> None:
    """Write what changed in Salesforce, all or none. Raises Refused."""
    partners = living(one.get("partner") for one in changes.values())
    owners = Membership.objects.by_id(one.get("owner") for one in changes.values())
    revise_opportunities(
        {record_id: _revision(values, partners, owners) for record_id, values in changes.items()},
        note="Changed in Salesforce",
    )


def _revision(
    values: Values, partners: Mapped[object, Partner], owners: Mapped[object, Membership]
) -> Revision:
    name, close = (values.get(key) for key in ("name", "close_date"))
    # An organisation with several currencies has it in the opportunity's own.
    amount = values.get("amount", values.get("own_amount"))
    if amount is None and values.keys() & {"amount", "own_amount"}:
        raise Refused("An opportunity needs an amount here.", field="amount", code="required")
    if "partner" in values and values["partner"] not in partners:
        raise Refused("An opportunity belongs to a partner here.", field="partner", code="required")
    owner = values.get("owner")
    if owner is not None and owner not in owners:
        raise Refused("Its owner is a member who is not here any more.", field="owner", code="required")
    there = values.get("stage")
    state, stage = _stage_of(there) if isinstance(there, str) else (None, None)
    return Revision(
        name=name if isinstance(name, str) else None,
        stage=stage,
        state=state,
        amount=amount if isinstance(amount, Decimal) else None,
        close_date=close if isinstance(close, date) else None,
        partner=partners.get(values.get("partner")),
        owner=owners.get(owner),
        is_freed="owner" in values and owner is None,
    )


def _stage_of(there: str) -> tuple[str, str | None]:
    for state, name in _CLOSED.items():
        if name == there:
            return state, None
    for stage, name in _STAGES.items():
        if name == there:
            return OpportunityState.OPEN, stage
    raise Refused(f"PRM does not know the stage “{there}”.", field="stage", code="invalid_choice")


def recognise_opportunities(rows: Sequence[Found]) -> list[Recognised]:
    """Return which of ours each opportunity there is, or may be (two queries for any number)."""
    return [
        Recognised.of(is_certain=each.is_certain, some=each.some, doubt=each.doubt)
        for each in recognise(rows, _STAGES)
    ]


OPPORTUNITY: Final = Mapping(
    key="activities.opportunity",
    singular="opportunity",
    plural="opportunities",
    sobject="Opportunity",
    there_words="Opportunity, open",
    url_name="activities:opportunity",
    read=read_opportunities,
    apply=apply_opportunities,
    adopt=Adopt(
        clues={
            "name": "Name",
            "amount": "Amount",
            "currency": "CurrencyIsoCode",
            "close_date": "CloseDate",
            "stage": "StageName",
        },
        keys={},
        within="partner",
        # What is closed there is told by the orders.
        only="IsClosed = false",
        waits=False,
        recognise=recognise_opportunities,
    ),
    parents=(
        Parent(
            here="partner",
            there="AccountId",
            mapping="partners.partner",
            direction=Direction.BOTH,
            column="r.partner_id",
        ),
    ),
    aspects=(aged("to be closed", "r.close_date", Test.DAY),),
    fields=(
        Field(here="name", there="Name", length=120, direction=Direction.BOTH),
        Field(here="stage", there="StageName", kind=Kind.PICKLIST, aliases=_FINER, direction=Direction.BOTH),
        # Money that two people have changed: neither of them is overruled by a rule.
        Field(
            here="amount",
            there="Amount",
            kind=Kind.CURRENCY,
            scale=2,
            direction=Direction.BOTH,
            winner=Winner.ASK,
        ),
        Field(here="close_date", there="CloseDate", kind=Kind.DATE, direction=Direction.BOTH),
        Field(
            here="owner",
            there="OwnerId",
            kind=Kind.OWNER,
            label="Owner",
            length=18,
            direction=Direction.BOTH,
        ),
    ),
    money=Money(amount="amount", own="own_amount", currency="currency"),
    touched_by=(
        Touch(table="activities_opportunity", watch=_COLUMNS),
        # In which currency the company counts decides which amounts are its own.
        Touch(
            table=Tenant._meta.db_table,
            watch=("currency",),
            records="SELECT o.id FROM activities_opportunity o WHERE o.currency = r.currency"
            " AND o.tenant_id = current_setting('prm.tenant')::uuid AND o.tenant_id = r.id",
            shared=True,
        ),
    ),
    removed=Removed.DELETE,
)
