"""The arithmetic behind attainment and this app's score components: plain numbers in, plain numbers out.

Nothing here reads the database or the clock, so every rule can be tested on its own.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

WILSON_Z = 1.645
"""90 % interval; ``effectiveness.md`` section 10 measured its coverage at .90 to .98 for 1 to 100 cases."""

FEWEST_DECISIONS = 5
"""Below this many decided cases a win ratio is "too few" (``effectiveness.md`` section 10)."""

PIPELINE_SHARE = 0.25
"""Open budget worth a quarter of a year's revenue earns half of the pipeline component."""

RAISE_WEIGHT = 0.2
"""How much of the component a doubling (or a collapse) of the budgets in the last 90 days is worth."""


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


@dataclass(frozen=True, slots=True)
class WinRatio:
    """Won and decided cases with Wilson's 90 % interval; all three shares lie in 0 to 1."""

    won: int
    decided: int
    low: float
    centre: float
    high: float

    @property
    def is_told(self) -> bool:
        """Return whether there are enough decided cases to speak of a ratio."""
        return self.decided >= FEWEST_DECISIONS


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


def pipeline(*, expected: Decimal, raised: Decimal, revenue: Decimal, floor: Decimal) -> float:
    """Return how promising the open budgets are, 0 to 1.

    ``expected`` is the sum of the open amounts, ``raised`` the net change of those amounts in the last 90
    days, ``revenue`` the trailing twelve months, ``floor`` the least revenue to compare with (so that a
    prospect's first small opportunity is not worth everything). All in the tenant's currency.
    The budgets are weighed against :data:`PIPELINE_SHARE` of the revenue with diminishing returns, and
    moved by up to :data:`RAISE_WEIGHT` in the direction of the recent changes.
    """
    if expected <= 0:
        return 0.0
    scale = PIPELINE_SHARE * float(max(revenue, floor, Decimal(1)))
    base = float(expected) / (float(expected) + scale)
    momentum = min(1.0, max(-1.0, float(raised) / float(expected)))
    return min(1.0, max(0.0, base + RAISE_WEIGHT * momentum))


def wilson(won: int, decided: int, z: float = WILSON_Z) -> WinRatio:
    """Return Wilson's score interval for ``won`` of ``decided`` cases (``effectiveness.md`` section 10).

    The centre is ``(won + z²/2) / (decided + z²)``: few cases are drawn towards even. Without any case the
    interval is 0 to 1. Raises ValueError unless 0 ≤ won ≤ decided.
    """
    if not 0 <= won <= decided:
        raise ValueError(f"{won} won of {decided} decided cases")
    square = z * z
    centre = (won + square / 2) / (decided + square)
    spread = (
        z / (decided + square) * math.sqrt(won * (decided - won) / decided + square / 4) if decided else 0.5
    )
    return WinRatio(won, decided, max(0.0, centre - spread), centre, min(1.0, centre + spread))


def poisson_at_most(count: int, mean: float) -> float:
    """Return the chance that a Poisson count with ``mean`` is ``count`` or less."""
    if count < 0:
        return 0.0
    term = total = math.exp(-mean)
    for n in range(1, count + 1):
        term *= mean / n
        total += term
    return min(1.0, total)
