"""The difference between those who were sent something and those held out: pure functions.

The interval of the difference of two independent proportions is Newcombe's hybrid score interval (Statistics in Medicine 17, 1998,
873-890, method 10): each proportion has its Wilson interval, and their distances from the estimates are added as squares. It needs no
large numbers, never leaves -1 to +1, and covers close to 95 % of truths (`tests/calibrate`).
"""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, sqrt
from typing import Final

from prm.core.notation.reader import figure

Z95: Final = 1.959963984540054
#: An interval that holds zero tells something only when it is this narrow: "at most 4 more of 100".
NARROW: Final = 0.10
#: Below so many on either side nothing is said.
FEWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """How many more of one did something: the middle, and the ends of the 95 % range, as parts of one."""

    middle: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Return how wide the range is."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be said. `state` as in charts: `us` more, `them` fewer, `none` no effect seen, `unknown` cannot tell yet.

    `needed`: how many would have to do it, about, until a range as wide as `NARROW` could be told; 0 where that says nothing.
    """

    state: str
    words: str
    needed: int = 0


def wilson(done: int, of: int, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's interval of a proportion; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    part, square = done / of, z * z
    middle = part + square / (2 * of)
    reach = z * sqrt(part * (1 - part) / of + square / (4 * of * of))
    low, high = (middle - reach) / (1 + square / of), (middle + reach) / (1 + square / of)
    return (0.0 if done == 0 else max(0.0, low)), (1.0 if done == of else min(1.0, high))


def difference(done: int, of: int, held_done: int, held_of: int, z: float = Z95) -> Difference:
    """Return how many more of one did something than of those held out (Newcombe's method 10). Raises `ValueError` for more than all."""
    if not (0 <= done <= of and 0 <= held_done <= held_of):
        raise ValueError("more did it than there are")
    part, other = (done / of if of else 0.0), (held_done / held_of if held_of else 0.0)
    low, high = wilson(done, of, z)
    held_low, held_high = wilson(held_done, held_of, z)
    middle = part - other
    return Difference(
        middle,
        middle - sqrt((part - low) ** 2 + (held_high - other) ** 2),
        middle + sqrt((high - part) ** 2 + (other - held_low) ** 2),
    )


def verdict(done: int, of: int, held_done: int, held_of: int) -> Verdict:
    """Say what the figures allow: a range, "no effect seen", or "cannot tell yet" with what is missing."""
    if not held_of:
        return Verdict("unknown", "Cannot tell: nobody held out")
    if min(of, held_of) < FEWEST:
        return Verdict("unknown", f"Cannot tell: at least {FEWEST} on each side are needed")
    found = difference(done, of, held_done, held_of)
    low, high = round(found.low * 100), round(found.high * 100)
    if found.low > 0:
        return Verdict("us", f"{max(low, 1)} to {high} more of 100")
    if found.high < 0:
        return Verdict("them", f"{max(-high, 1)} to {-low} fewer of 100")
    if found.width <= NARROW:
        return Verdict("none", f"No effect seen: at most {max(high, 0)} more of 100")
    all_done = done + held_done
    needed = ceil(max(all_done, 1) * (found.width / NARROW) ** 2)
    return Verdict("unknown", f"Cannot tell yet: {figure(all_done)} of about {figure(needed)}", needed)


def cost_of_one(spent: Decimal, of: int, found: Difference) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return what one more who ordered cost: least, middle, most; `None` while the range does not say that there are any."""
    if found.low <= 0 or not of:
        return None
    return tuple(spent / (Decimal(of) * Decimal(part)) for part in (found.high, found.middle, found.low))  # type: ignore[return-value]
