"""Which days an overview shows, and with which it compares them: always as many."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

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
