"""How a locked campaign changes by what another system says of it. Nothing is saved here."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from activities.campaigns.planning.models import Campaign
from activities.checks import check_day, checked_amount, text
from prm.core.errors import Refused


class Kept:
    """A value that stays."""


KEPT: Final = Kept()
REVISED: Final = ("name", "goal", "starts_on", "ends_on", "budget", "spent")


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """What becomes of a campaign; amounts in the tenant's currency, `None` for no amount."""

    name: str | Kept = KEPT
    goal: str | Kept = KEPT
    starts_on: date | Kept = KEPT
    ends_on: date | Kept = KEPT
    budget: Decimal | Kept | None = KEPT
    spent: Decimal | Kept | None = KEPT


def revise(campaign: Campaign, revision: Revision) -> None:
    """Change a locked campaign, unsaved. Raises `Refused`."""
    if not isinstance(revision.name, Kept):
        campaign.name = text(revision.name, "name", 80)
        if not campaign.name:
            raise Refused("Give the campaign a name.", field="name", code="required")
    if not isinstance(revision.goal, Kept):
        campaign.goal = text(revision.goal, "goal", 200)
    if not isinstance(revision.starts_on, Kept):
        campaign.starts_on = revision.starts_on
        check_day(revision.starts_on, "starts_on")
    if not isinstance(revision.ends_on, Kept):
        campaign.ends_on = revision.ends_on
        check_day(revision.ends_on, "ends_on")
    if campaign.ends_on < campaign.starts_on:
        field = "starts_on" if isinstance(revision.ends_on, Kept) else "ends_on"
        raise Refused("It ends before it starts. Check the days.", field=field, code="order")
    if not isinstance(revision.budget, Kept):
        campaign.budget = None if revision.budget is None else checked_amount(revision.budget, "budget")
    if not isinstance(revision.spent, Kept):
        campaign.spent = None if revision.spent is None else checked_amount(revision.spent, "spent")
