"""Who slips: partners who clearly send less than their own usual, and what may explain it.

Plain values in, plain values out; `queries.py` gathers them. All dates are the tenant's own calendar days,
all money its own currency.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from activities.plans.rules import Plan

RECENT_MONTHS = 3
USUAL_MONTHS = 12
FEWEST_USUAL_MONTHS = 6
SLIP_BELOW = 0.7
"""Slipping starts at 30 % fewer orders than usual …"""
SLIP_CHANCE = 0.05
"""… when a steady partner would show so few in less than 5 % of the quarters (Poisson)."""
FEWEST_FOR_SEASON = 10
"""Panel size from which the rest of the panel tells the season; below it the season counts as 1."""


@dataclass(frozen=True, slots=True)
class Months:
    """A partner's whole calendar months, oldest first, the running month left out."""

    orders: Sequence[int]
    revenue: Sequence[Decimal]

    @property
    def recent_orders(self) -> int:
        """Return the orders of the last :data:`RECENT_MONTHS`."""
        return sum(self.orders[-RECENT_MONTHS:])

    @property
    def recent_revenue(self) -> Decimal:
        """Return the revenue of the last :data:`RECENT_MONTHS`."""
        return sum(self.revenue[-RECENT_MONTHS:], Decimal(0))

    def usual(self) -> tuple[float, Decimal] | None:
        """Return orders and revenue of an average earlier month since the first order; None if too short."""
        orders = self.orders[:-RECENT_MONTHS][-USUAL_MONTHS:]
        revenue = self.revenue[:-RECENT_MONTHS][-USUAL_MONTHS:]
        start = next((n for n, count in enumerate(orders) if count), len(orders))
        length = len(orders) - start
        if length < FEWEST_USUAL_MONTHS:
            return None
        return sum(orders[start:]) / length, sum(revenue[start:], Decimal(0)) / length


@dataclass(frozen=True, slots=True)
class Slip:
    """A partner who sends clearly less than usual: orders a month now and usually, money lost a year."""

    partner_id: UUID
    now: float
    usually: float
    lost_a_year: Decimal

    @property
    def words(self) -> str:
        """Return "2 orders, usually 7", a month; with decimals where whole numbers would not differ."""
        digits = 0 if round(self.now) != round(self.usually) else 1
        noun = "order" if f"{self.now:.{digits}f}" == "1" else "orders"
        return f"{self.now:.{digits}f} {noun}, usually {self.usually:.{digits}f}"


def season(panel: Iterable[Months]) -> float:
    """Return how the panel as a whole runs now against its usual months, between 0.5 and 1.5."""
    now = usual = 0.0
    partners = 0
    for months in panel:
        if (figures := months.usual()) is not None:
            partners += 1
            now += months.recent_orders / RECENT_MONTHS
            usual += figures[0]
    return min(1.5, max(0.5, now / usual)) if partners >= FEWEST_FOR_SEASON and usual else 1.0


def slipping(panel: Mapping[UUID, Months]) -> list[Slip]:
    """Return the partners who clearly send less than their own usual, after season, most money first."""
    factor = season(panel.values())
    slips = (_slip(partner_id, months, factor) for partner_id, months in panel.items())
    return sorted((slip for slip in slips if slip), key=lambda slip: (-slip.lost_a_year, slip.partner_id))


def _slip(partner_id: UUID, months: Months, factor: float) -> Slip | None:
    if (figures := months.usual()) is None:
        return None
    usual = figures[0] * factor
    recent = months.recent_orders
    expected = usual * RECENT_MONTHS
    if recent >= SLIP_BELOW * expected or poisson_at_most(recent, expected) >= SLIP_CHANCE:
        return None
    lost = (figures[1] * Decimal(str(round(factor, 4))) - months.recent_revenue / RECENT_MONTHS) * 12
    return Slip(partner_id, recent / RECENT_MONTHS, usual, _rough(lost))


def _rough(amount: Decimal) -> Decimal:
    """To whole thousands from 10,000 on: more digits would claim too much."""
    step = Decimal(1000) if amount >= 10_000 else Decimal(100)
    return max(Decimal(0), (amount / step).to_integral_value() * step)


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What may explain why a partner slips."""

    insights: int = 0
    competitor: str = ""
    last_visit_on: date | None = None
    last_order_on: date | None = None
    plan: Plan | None = None


def slip_reason(slip: Slip, facts: SlipFacts, today: date) -> str:
    """Return the likeliest reason in words: competition, silence, missed visits, else the bare fall."""
    if facts.insights:
        noun = "1 insight" if facts.insights == 1 else f"{facts.insights} insights"
        return f"{facts.competitor} named in {noun} in the last 90 days."
    if not slip.now and facts.last_order_on:
        return f"Silent for {(today - facts.last_order_on).days} days."
    planned = (facts.plan and facts.plan.visits and f"; {facts.plan.words} planned") or ""
    if facts.last_visit_on is None:
        return f"Never visited{planned}."
    days = (today - facts.last_visit_on).days
    limit = max(30, facts.plan.months * 31) if facts.plan else 60
    if days > limit:
        return f"No visit for {days} days{planned}."
    return f"Seen {days} days ago, still fewer orders since." if days else "Seen today."


def poisson_at_most(count: int, mean: float) -> float:
    """Return the chance that a Poisson count with ``mean`` is ``count`` or less."""
    if count < 0:
        return 0.0
    term = total = math.exp(-mean)
    for n in range(1, count + 1):
        term *= mean / n
        total += term
    return min(1.0, total)
