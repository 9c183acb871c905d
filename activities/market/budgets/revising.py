"""How a locked opportunity changes: by its budget, its name and stage, its partner, won and lost. Nothing is saved here."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from activities.checks import check_day, checked_amount, choice, text
from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.states import OpportunityState, Stage
from activities.rights import require_opportunity
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.context import orders_heading


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """What becomes of an opportunity: all that is None stays; with `state` it is closed, or open again.

    With `is_freed` it has no owner any more.
    """

    name: str | None = None
    stage: str | None = None
    state: str | None = None
    amount: Decimal | None = None
    close_date: date | None = None
    partner: Partner | None = None
    owner: Membership | None = None
    is_freed: bool = False


REVISED: Final = (
    "partner", "name", "stage", "amount", "close_date", "state", "closed_at", "asked_at", "owner",
)  # fmt: skip


def next_update(
    locked: Opportunity | None,
    by: Membership | None,
    at: datetime,
    *,
    amount: Decimal | None,
    close_date: date | None,
    note: str,
) -> BudgetUpdate | None:
    """Change a locked opportunity's budget and return the row that says so, both unsaved; None when nothing changes."""
    if locked is None:
        raise not_here()
    if not locked.is_open:
        raise Refused(
            f"“{locked.name}” is {locked.get_state_display().lower()} and no longer changes.",
            field="opportunity",
            code="closed",
        )
    new = locked.amount if amount is None else checked_amount(amount)
    close = close_date or locked.close_date
    check_day(close_date, "close_date")
    if (new, close) == (locked.amount, locked.close_date):
        return None
    update = BudgetUpdate(
        id=uuid7(),
        opportunity=locked,
        old_amount=locked.amount,
        new_amount=new,
        old_close=locked.close_date,
        new_close=close,
        note=text(note, "note"),
        by=by,
        at=at,
    )
    locked.amount, locked.close_date, locked.asked_at = new, close, None
    return update


def not_here() -> Refused:
    """Return the refusal of an opportunity that is not there."""
    return Refused("There is no such opportunity here.", field="opportunity", code="does_not_exist")


def revise(opportunity: Opportunity, revision: Revision, note: str, at: datetime) -> BudgetUpdate | None:
    """Change a locked opportunity, unsaved, and return the row of its budget, if that changes."""
    require_opportunity(opportunity)
    if revision.state is not None and not opportunity.is_open and opportunity.state != revision.state:
        check_untied(opportunity)
    if revision.state == OpportunityState.OPEN:
        opportunity.state, opportunity.closed_at = OpportunityState.OPEN, None
    if revision.partner is not None:
        opportunity.partner = revision.partner
        require_opportunity(opportunity)
    if revision.owner is not None or revision.is_freed:
        opportunity.owner = revision.owner
    update = None
    if revision.amount is not None or revision.close_date is not None:
        update = next_update(
            opportunity, None, at, amount=revision.amount, close_date=revision.close_date, note=note
        )
    if revision.name is not None:
        opportunity.name = named(revision.name)
    if revision.stage is not None:
        opportunity.stage = choice(Stage, revision.stage, "stage")
    if (
        revision.state in (OpportunityState.WON, OpportunityState.LOST)
        and opportunity.state != revision.state
    ):
        opportunity.state, opportunity.closed_at, opportunity.asked_at = revision.state, at, None
    return update


def check_untied(opportunity: Opportunity) -> None:
    """Refuse to take won or lost back while orders are tied: their money would count nowhere."""
    if opportunity.fulfilled_by.exists():
        raise Refused(
            f"{orders_heading()} are tied to “{opportunity.name}”. Untie them first.", code="in_use"
        )


def named(name: str) -> str:
    """Return the name as it is kept. Raises Refused for none."""
    new = text(name, "name", 120)
    if not new:
        raise Refused("Give the opportunity a name.", field="name", code="required")
    return new
