"""What callers hand to the writes of insights, and its checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from activities.inputs import choice
from activities.market.budgets.models import Opportunity
from activities.market.competition.models import Competitor, Differentiator
from activities.market.competition.states import Outcome


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


def checked_outcome(value: str) -> str:
    """Return a known outcome of an insight."""
    return choice(Outcome, value, "outcome")
