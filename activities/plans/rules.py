"""The arithmetic behind attainment and this app's score components: plain numbers in, plain numbers out.

Nothing here reads the database or the clock, so every rule can be tested on its own.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

"""90 % interval; ``effectiveness.md`` section 10 measured its coverage at .90 to .98 for 1 to 100 cases."""


"""Below this many decided cases a win ratio is "too few" (``effectiveness.md`` section 10)."""


"""Open budget worth a quarter of a year's revenue earns half of the pipeline component."""


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


def poisson_at_most(count: int, mean: float) -> float:
    """Return the chance that a Poisson count with ``mean`` is ``count`` or less."""
    if count < 0:
        return 0.0
    term = total = math.exp(-mean)
    for n in range(1, count + 1):
        term *= mean / n
        total += term
    return min(1.0, total)
