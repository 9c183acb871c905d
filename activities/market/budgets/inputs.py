"""What callers hand to the writes of opportunities and budgets."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from activities.market.budgets.models import Opportunity
from activities.market.budgets.states import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class OpportunityInput:
    """Future business: its name, amount in the tenant's currency, day and stage."""

    name: str
    amount: Decimal
    close_date: date
    stage: str = Stage.PROSPECTING
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetInput:
    """A new amount or day for an open opportunity; without ``opportunity`` a new one called ``name``."""

    opportunity: Opportunity | None = None
    name: str = ""
    amount: Decimal | None = None
    close_date: date | None = None
    note: str = ""
