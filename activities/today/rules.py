"""What may explain that a partner slips; who does is told by `partners.alarms`.

Plain values in, plain values out; `queries.py` gathers them. All dates are the tenant's own calendar days.
"""

from dataclasses import dataclass
from datetime import date

from activities.plans.rules import Plan
from prm.tenancy.context import order_nouns


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What may explain why a partner slips."""

    insights: int = 0
    competitor: str = ""
    last_visit_on: date | None = None
    last_order_on: date | None = None
    plan: Plan | None = None


def slip_reason(facts: SlipFacts, today: date, *, is_silent: bool) -> str:
    """Return the likeliest reason in words: competition, silence, missed visits, else when they were seen."""
    if facts.insights:
        noun = "1 insight" if facts.insights == 1 else f"{facts.insights} insights"
        return f"{facts.competitor} named in {noun} in the last 90 days."
    if is_silent and facts.last_order_on:
        return f"Silent for {(today - facts.last_order_on).days} days."
    planned = (facts.plan and facts.plan.visits and f"; {facts.plan.words} planned") or ""
    if facts.last_visit_on is None:
        return f"Never visited{planned}."
    days = (today - facts.last_visit_on).days
    limit = max(30, facts.plan.months * 31) if facts.plan else 60
    if days > limit:
        return f"No visit for {days} days{planned}."
    return f"Seen {days} days ago, still fewer {order_nouns()[1]} since." if days else "Seen today."
