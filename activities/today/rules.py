"""The rules of the Today page: who is due, who is slipping, how late a promise is.

Plain values in, plain values out; :mod:`activities.plans.queries` gathers the values. All dates are the tenant's
own calendar days, all money its own currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from activities.plans.rules import Period, period_before, period_of, poisson_at_most

RECENT_MONTHS = 3
USUAL_MONTHS = 12
FEWEST_USUAL_MONTHS = 6
SLIP_BELOW = 0.7
"""Slipping starts at 30 % fewer orders than usual …"""
SLIP_CHANCE = 0.05
"""… when a steady partner would show so few in less than 5 % of the quarters (Poisson)."""
FEWEST_FOR_SEASON = 10
"""Panel size from which the rest of the panel tells the season; below it the season counts as 1."""

PERIOD_WORDS: Mapping[int, str] = {1: "month", 2: "two months", 3: "quarter", 6: "half-year", 12: "year"}
CALL_WORDS: Mapping[int, str] = {
    1: "Monthly call",
    2: "Call every two months",
    3: "Quarterly call",
    6: "Half-yearly call",
    12: "Yearly call",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Visits intended in each calendar block of ``months`` months; ``is_usual``: the tier's, nobody set it."""

    visits: int
    months: int = 1
    is_usual: bool = False

    def period(self, today: date) -> Period:
        """Return the block that holds ``today``."""
        return period_of(today, self.months)

    def period_before(self, today: date) -> Period:
        """Return the block before the one that holds ``today``."""
        return period_before(self.period(today), self.months)

    @property
    def words(self) -> str:
        """Return the plan in words: "4 visits a month"."""
        if not self.visits:
            return "no visits planned"
        noun = "visit" if self.visits == 1 else "visits"
        per = {1: "a month", 2: "every two months"}.get(self.months, f"a {PERIOD_WORDS[self.months]}")
        return f"{self.visits} {noun} {per}"


USUAL_PLANS: Mapping[str, Plan] = {
    "high": Plan(2, 1, is_usual=True),
    "medium": Plan(1, 1, is_usual=True),
    "low": Plan(1, 3, is_usual=True),
    "": Plan(1, 3, is_usual=True),
}
"""What is expected of a partner without a call plan, by tier in force."""


def usual_plan(tier: str) -> Plan:
    """Return the plan that counts while nobody has set one for the partner."""
    return USUAL_PLANS.get(tier, USUAL_PLANS[""])


@dataclass(frozen=True, slots=True)
class PanelState:
    """One partner of a panel as far as visits are concerned."""

    partner_id: UUID
    plan: Plan
    done: int
    done_before: int
    last_visit_on: date | None
    first_order_on: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A partner to see now, with the reason in words and how many visits it is behind."""

    partner_id: UUID
    reason: str
    behind: float


def due_now(state: PanelState, today: date) -> Due | None:
    """Return why this partner is due today, or None.

    The visits of a block are spread evenly over it; visit *k* of *n* is due from the middle of its share,
    and every open visit is due when fewer workdays than visits are left. Who was seen today is not due.
    """
    plan, period = state.plan, state.plan.period(today)
    open_visits = plan.visits - state.done
    if open_visits <= 0 or state.last_visit_on == today:
        return None
    elapsed = period.elapsed(today)
    if (state.done + 0.5) / plan.visits > elapsed and period.workdays_left(today) > open_visits:
        return None
    return Due(state.partner_id, _due_reason(state, period, today), plan.visits * elapsed - state.done)


def _due_reason(state: PanelState, period: Period, today: date) -> str:
    first, seen = state.first_order_on, state.last_visit_on
    if first and (today - first).days <= 62 and (seen is None or seen < first):
        return f"First orders in {first:%B}: say thank you"
    if seen is None:
        return f"Never visited; {state.plan.words} planned"
    if state.plan.visits == 1:
        return f"{CALL_WORDS[state.plan.months]}, last seen {day_words(seen, today)}"
    left = period.workdays_left(today)
    return f"{state.done} of {state.plan.visits} visits done, {left} workday{'s' * (left != 1)} left"


def day_words(day: date, today: date) -> str:
    """Return "9 September", with the year when it is not this one."""
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


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


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a promise stands against its date: words, and a kind for the colour (late, today, later)."""

    words: str
    kind: str


def promise_lateness(due: date | None, today: date) -> Lateness:
    """Return "2 days late", "Today", "Wed 25 Nov" or "no date" with its kind."""
    if due is None:
        return Lateness("no date", "later")
    days = (today - due).days
    if days > 0:
        return Lateness(f"{days} day{'s' * (days != 1)} late", "late")
    if days == 0:
        return Lateness("Today", "today")
    return Lateness(
        f"{due:%a} {due.day} {due:%b}" + (f" {due.year}" if due.year != today.year else ""), "later"
    )
