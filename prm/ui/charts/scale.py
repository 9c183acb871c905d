"""Scales and round axis marks, shared by all charts."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

MOST_GRID_LINES = 5
# Rough width of one character of 11 px Inter; labels that would touch by this measure move apart.
CHARACTER_WIDTH = 6.2

_serial = count(1)


def unique_id() -> str:
    """Return an id for the title, description and pattern of one drawing; unique in this process."""
    return f"prm-c{next(_serial)}"


def clean(value: Decimal | float | None) -> float:
    """Return the value as a finite float; None, NaN and infinity count as nothing (0)."""
    if value is None:
        return 0.0
    result = float(value)
    return result if math.isfinite(result) else 0.0


def _steps(whole: bool) -> Iterator[float]:
    """1, 2, 5, 10, 20, 50 …; starting far below one unless only whole numbers make sense."""
    exponent = 0 if whole else -6
    while True:
        for factor in (1, 2, 5):
            yield factor * 10.0**exponent
        exponent += 1


def nice_ticks(low: float, high: float, *, whole: bool = True) -> list[float]:
    """At most five round marks from at or below *low* to at or above *high*, zero among them."""
    low, high = min(0.0, low), max(0.0, high)
    if low == high:
        return [0.0, 1.0]
    for step in _steps(whole):
        # The tiny shift keeps 0.3/0.1 = 2.9999… from asking for one mark more.
        first = math.floor(low / step + 1e-9)
        last = math.ceil(high / step - 1e-9)
        if first == last:
            last += 1  # next to nothing beside the smallest step
        if last - first < MOST_GRID_LINES:
            return [round(place * step, 9) for place in range(first, last + 1)]
    raise AssertionError  # the steps grow without end


@dataclass(frozen=True)
class Scale:
    """Maps a value range onto pixels (or per cent), linearly; out-of-range values are clamped."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the position of *value*, rounded to a hundredth."""
        span = self.high - self.low
        part = 0.0 if span <= 0 else (value - self.low) / span
        return round(self.start + min(1.0, max(0.0, part)) * (self.end - self.start), 2)


def apportion(values: Sequence[float], total: int) -> list[int]:
    """Whole numbers near *values* whose sum is *total* (largest remainder).

    So that points shown beside a total add up to the total shown, also where that was rounded
    elsewhere: each value moves by at most one, the one nearest to its next whole number first.
    """
    floors = [math.floor(value) for value in values]
    missing = total - sum(floors)
    by_remainder = sorted(range(len(values)), key=lambda place: values[place] - floors[place], reverse=True)
    for place in by_remainder[: max(0, missing)]:
        floors[place] += 1
    for place in by_remainder[: -1 - max(0, -missing) : -1]:
        floors[place] -= 1
    return floors


def text_width(text: str) -> float:
    """About how wide a chart label is, in px."""
    return len(text) * CHARACTER_WIDTH
