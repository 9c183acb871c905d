"""Call plans: the blocks in which visits are counted, who is due, and how well a plan is kept.

Plain values in, plain values out; `queries.py` gathers them. All dates are the tenant's own calendar days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from prm.tenancy.context import order_nouns

PERIOD_WORDS: Mapping[int, str] = {1: "month", 2: "two months", 3: "quarter", 6: "half-year", 12: "year"}
CALL_WORDS: Mapping[int, str] = {
    1: "Monthly call",
    2: "Call every two months",
    3: "Quarterly call",
    6: "Half-yearly call",
    12: "Yearly call",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar block in which a call plan is counted: ``[start, end)``, in the tenant's own calendar."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Return the length in days."""
        return (self.end - self.start).days

    def moments(self, timezone: str) -> tuple[datetime, datetime]:
        """Return the first moment of the block and the first one after it, in an IANA time zone."""
        zone = ZoneInfo(timezone)
        return datetime.combine(self.start, time(), zone), datetime.combine(self.end, time(), zone)

    def elapsed(self, today: date) -> float:
        """Return the share of the block that is over at the end of ``today``, 0 to 1."""
        return min(1.0, max(0.0, ((today - self.start).days + 1) / self.days))

    def workdays_left(self, today: date) -> int:
        """Return how many days from Monday to Friday are left in the block, ``today`` included."""
        first = max(today, self.start)
        return sum((first + timedelta(days=n)).weekday() < 5 for n in range(max(0, (self.end - first).days)))


def period_of(day: date, months: int) -> Period:
    """Return the calendar block of ``months`` months (a divisor of 12) that holds ``day``."""
    first = (day.month - 1) // months * months
    start = date(day.year, first + 1, 1)
    total = first + months
    return Period(start, date(day.year + total // 12, total % 12 + 1, 1))


def period_before(period: Period, months: int) -> Period:
    """Return the block of the same length right before ``period``."""
    return period_of(period.start - timedelta(days=1), months)


def attainment(done: int, planned: int) -> float | None:
    """Return done ÷ planned, at most 1; None when nothing was planned."""
    return min(1.0, done / planned) if planned > 0 else None


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


Usual = tuple[tuple[str, int, int], ...]
"""Tier, visits, in so many months: what a policy expects of partners without a call plan."""
USUAL: Usual = (("high", 2, 1), ("medium", 1, 1), ("low", 1, 3))
"""What is expected where no policy is asked."""


def usual_plan(tier: str, usual: Usual = USUAL) -> Plan:
    """Return the plan that counts while nobody has set one for the partner; without a tier that of the lowest."""
    plans = {name: Plan(visits, months, is_usual=True) for name, visits, months in usual}
    return plans.get(tier) or plans["low"]


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
        return f"First {order_nouns()[1]} in {first:%B}: say thank you"
    if seen is None:
        return f"Never visited; {state.plan.words} planned"
    if state.plan.visits == 1:
        return f"{CALL_WORDS[state.plan.months]}, last seen {day_words(seen, today)}"
    left = period.workdays_left(today)
    return f"{state.done} of {state.plan.visits} visits done, {left} workday{'s' * (left != 1)} left"


def day_words(day: date, today: date) -> str:
    """Return "9 September", with the year when it is not this one."""
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


def engagement(
    *, done: int, planned: int, done_before: int, planned_before: int, elapsed: float
) -> float | None:
    """Return how well the call plan is kept, 0 to 1; None when no visit is planned in this block.

    What is done in this block counts in full; what is still open is credited with the attainment of the
    block before, for the part of the block that is still to come. So the figure does not fall to zero on
    the first of a month, runs on without a jump from one block into the next, and never falls when a visit
    is logged. ``elapsed`` is the share of this block that is over (0 to 1).
    """
    now = attainment(done, planned)
    if now is None:
        return None
    before = attainment(done_before, planned_before)
    return now + (1 - now) * (now if before is None else before) * (1 - elapsed)
