"""Which days an overview shows, and with which it compares them: always as many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from activities.today.rules import RECENT_MONTHS, SLIP_BELOW, SLIP_CHANCE, Months, poisson_at_most
from prm.core.calendar import add_months, month_start

PERIODS: Final = {"month": "This month", "quarter": "This quarter", "year": "This year"}
_LENGTHS: Final = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many they are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Compared:
    """The days of a period so far, and as many from the beginning of the period before."""

    key: str
    now: Span
    before: Span

    @property
    def month_before(self) -> date:
        """Return the month at whose end the movements begin."""
        return add_months(self.now.first, -1)


def compared(key: str, today: date) -> Compared:
    """Return the days of the running period and as many of the one before; of an unknown period the quarter's.

    The period before may be shorter (February after January's 31 days): then both are cut to its length.
    """
    length = _LENGTHS.get(key, 3)
    month = month_start(today)
    first = month.replace(month=(month.month - 1) // length * length + 1)
    start = add_months(first, -length)
    days = min((today - first).days + 1, (first - start).days)
    now = Span(first, first + timedelta(days=days - 1))
    return Compared(key if key in _LENGTHS else "quarter", now, Span(start, start + timedelta(days=days - 1)))


@dataclass(frozen=True, slots=True)
class Change:
    """A partner whose orders changed: orders a month now and usually, and money a year, more or less."""

    now: float
    usually: float
    a_year: int

    @property
    def words(self) -> str:
        """Return "Fell from about 10 to 5 a month." with decimals where whole numbers would not differ."""
        digits = 0 if round(self.now) != round(self.usually) else 1
        verb = "Rose" if self.now > self.usually else "Fell"
        return f"{verb} from about {self.usually:.{digits}f} to {self.now:.{digits}f} a month."


def changed(months: Months, season: float) -> Change | None:
    """Say whether a partner clearly sends less, or more, than usual; the rule of Today's list, both ways.

    Less than 70 % of usual (or usual less than 70 % of now), and rarer by chance than 5 % of quarters.
    """
    if (figures := months.usual()) is None:
        return None
    usual = figures[0] * season
    recent, expected = months.recent_orders, usual * RECENT_MONTHS
    fell = recent < SLIP_BELOW * expected and poisson_at_most(recent, expected) < SLIP_CHANCE
    rose = expected < SLIP_BELOW * recent and 1 - poisson_at_most(recent - 1, expected) < SLIP_CHANCE
    if not (fell or rose):
        return None
    money = float(months.recent_revenue) / RECENT_MONTHS - float(figures[1]) * season
    return Change(recent / RECENT_MONTHS, usual, _rough(money * 12))


def _rough(amount: float) -> int:
    """To whole thousands from 10,000 on: more digits would claim too much."""
    step = 1_000 if abs(amount) >= 10_000 else 100
    return round(amount / step) * step


def false_alarms(watched: int) -> float:
    """Return how many of so many steady partners a list shows in a quarter by chance alone."""
    return watched * SLIP_CHANCE


def watched(panel: Sequence[Months]) -> int:
    """Return how many partners have a past long enough to be watched."""
    return sum(months.usual() is not None for months in panel)
