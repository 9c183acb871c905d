"""What a win ratio says: verdicts, ranking of small numbers, quarters. Plain numbers in, plain numbers out.

The interval is Wilson's at 95 % (`competition.rules.wilson`); `make calibrate` simulates how often it holds the truth.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from activities.market.competition.rules import WinRatio, wilson
from prm.core import calendar

Z95: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""

FEWEST: Final = 20
"""Decided cases below which a ratio is not judged: its interval is wider than 40 points."""

FEWEST_A_QUARTER: Final = 8
"""Decided cases below which one quarter is drawn dashed."""

PROBABLE: Final = 1.281552
"""One-sided 90 %: from here a lead is called probable, though the interval still holds even."""

EVEN: Final = 0.5
"""Standard errors around even within which nobody leads at all."""

QUARTERS: Final = 6
LEAST_WEIGHT, MOST_WEIGHT = 2.0, 20.0
PERIODS: Final = {
    "quarter": "Last 3 months",
    "half": "Last 6 months",
    "year": "Last 12 months",
    "all": "All time",
}
_MONTHS: Final = {"quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a ratio says in words, with how it is drawn: us, them, none (no lead) or unknown (too few)."""

    words: str
    state: str


def ratio(won: int, decided: int) -> WinRatio:
    """Return Wilson's 95 % interval of won cases."""
    return wilson(won, decided, Z95)


def verdict(won: int, decided: int, fewest: int = FEWEST) -> Verdict:
    """Say who leads: firmly only where the whole interval lies on one side of even."""
    if decided < fewest:
        cases = "1 case" if decided == 1 else f"{decided} cases"
        return Verdict(f"{cases}: cannot tell yet", "unknown")
    found = ratio(won, decided)
    if found.low > 0.5:
        return Verdict("We win clearly", "us")
    if found.high < 0.5:
        return Verdict("We lose more than we win", "them")
    errors = (won / decided - 0.5) / math.sqrt(0.25 / decided)
    if abs(errors) < EVEN:
        return Verdict("Even", "none")
    if abs(errors) < PROBABLE:
        return Verdict("No clear lead", "none")
    return Verdict("Probably ahead, not certain" if errors > 0 else "Probably behind, not certain", "none")


def weight(groups: Iterable[tuple[int, int]]) -> float:
    """Return how many cases of the mean each group is given, 2 to 20, from (won, decided) of all groups.

    Moments of the beta-binomial: ρ, the part of the variance between groups, from Σ n(p − m)², and k = 1/ρ − 1
    (Kleinman 1973, JASA 68:46–54; bounds of `effectiveness.md` section 10). Groups alike draw small ones strongly.
    """
    told = [(won, n) for won, n in groups if n]
    total = sum(n for _, n in told)
    won_all = sum(won for won, _ in told)
    if len(told) < 2 or won_all in {0, total}:
        return MOST_WEIGHT
    mean = won_all / total
    spread = sum(n * (won / n - mean) ** 2 for won, n in told) / (mean * (1 - mean))
    free = len(told) - 1
    room = total - sum(n * n for _, n in told) / total - free
    within = (spread - free) / room if room > 0 else 0.0
    if within <= 0:
        return MOST_WEIGHT
    return min(MOST_WEIGHT, max(LEAST_WEIGHT, 1 / within - 1))


def shrunk(won: int, decided: int, *, mean: float, k: float) -> float:
    """Return the ratio by which small numbers are ranked: (k·mean + won) / (k + decided).

    `mean` is the tenant's own ratio, `k` the cases of it that each is given (`weight`); `effectiveness.md` section 10.
    It is for the order only: what is shown is the plain ratio with its interval.
    """
    return (k * mean + won) / (k + decided)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are counted, both included; `first` is None for all time. `quarters` are the beginnings of six."""

    key: str
    first: date | None
    last: date
    quarters: tuple[date, ...]

    @property
    def reaches(self) -> date | None:
        """The first day that anything needs."""
        return None if self.first is None else min(self.first, self.quarters[0])


def span(key: str, today: date) -> Span:
    """Return the days of a period that ends today; an unknown key means twelve months."""
    kept = key if key in PERIODS else "year"
    quarter = calendar.quarter_start(today)
    quarters = tuple(calendar.add_months(quarter, -3 * back) for back in range(QUARTERS - 1, -1, -1))
    first = None if kept == "all" else _back(today, _MONTHS[kept])
    return Span(kept, first, today, quarters)


def _back(today: date, months: int) -> date:
    """Return the day after the same day so many months ago."""
    month = calendar.add_months(today.replace(day=1), -months)
    after = calendar.add_months(month, 1)
    return min(month + timedelta(days=today.day - 1), after - timedelta(days=1)) + timedelta(days=1)


def quarter_words(quarters: Sequence[date]) -> str:
    """Return "Q3 25 to Q4 26"."""
    first, last = (f"Q{(one.month + 2) // 3} {one:%y}" for one in (quarters[0], quarters[-1]))
    return f"{first} to {last}"
