"""What will come of open budgets, from how closed ones fared: plain numbers in, plain numbers out.

Each open budget is given the fate of a closed one that is drawn at random: what came of each unit of money entered, and
how many months after the expected one. Drawn many times, the sums make a range. Closed ones are weighted anew in each
draw (Bayesian bootstrap, Rubin 1981, Annals of Statistics 9:130–134), since few of them say little; a person's own count
beside the tenant's as `OWN` cases of it would. `make calibrate` simulates how often the range holds what came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FEWEST_CLOSED: Final = 15
"""Closed budgets below which nothing is forecast."""

OWN: Final = 15.0
"""So many closed budgets of the tenant weigh as a person's own ones together."""

DRAWS: Final = 1_000
LATEST: Final = 6
"""A budget that came later than so many months counts as that late."""

LOW, HIGH = 2.5, 97.5
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Closed:
    """A budget that was won or lost: `part` of the money entered that came (0 when lost), `late` in months, whose."""

    part: float
    late: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A budget still expected: its amount, the month it is expected in (0 is the running one), whose."""

    amount: float
    month: int
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """What will come: the middle and the ends that hold it in 95 of 100 cases."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Draws:
    """What came in each draw: `came[draw, budget]`, and the month it came in, `month[draw, budget]`, from 0."""

    came: Floats
    month: NDArray[np.int64]
    stretch: float

    def total(self, months: Sequence[int], budgets: Sequence[int] | None = None) -> Range:
        """Return what will come in these months, of all budgets or of some (by their places)."""
        came, month = (
            (self.came, self.month) if budgets is None else (self.came[:, budgets], self.month[:, budgets])
        )
        sums = (came * np.isin(month, list(months))).sum(axis=1)
        low, middle, high = (float(one) for one in np.percentile(sums, (LOW, 50, HIGH)))
        return Range(
            max(0.0, middle - (middle - low) * self.stretch), middle, middle + (high - middle) * self.stretch
        )


def draw(
    closed: Sequence[Closed], budgets: Sequence[Open], *, draws: int = DRAWS, seed: int = 1
) -> Draws | None:
    """Draw the fate of open budgets; None with too few closed ones. The same input gives the same draws."""
    if len(closed) < FEWEST_CLOSED:
        return None
    chance = np.random.default_rng(seed)
    part = np.array([one.part for one in closed])
    late = np.clip([one.late for one in closed], -LATEST, LATEST)
    amount = np.array([one.amount for one in budgets], dtype=float)
    due = np.array([max(0, one.month) for one in budgets], dtype=np.int64)
    came = np.zeros((draws, len(budgets)))
    month = np.zeros((draws, len(budgets)), dtype=np.int64)
    for owner, places in _by_owner(budgets).items():
        shares = chance.standard_gamma(_weights(closed, owner), size=(draws, len(closed))).cumsum(axis=1)
        at = chance.random((draws, len(places))) * shares[:, -1:]
        for row in range(draws):
            fate = np.searchsorted(shares[row], at[row])
            came[row, places] = amount[places] * part[fate]
            month[row, places] = np.maximum(0, due[places] + late[fate])
    return Draws(came, month, _stretch(len(closed)))


def _stretch(n: int) -> float:
    """Return by how much a bootstrap of n is too narrow.

    t stands for the normal, and its spread is smaller by (n − 1)/n (Hesterberg 2015, The American Statistician 69:371–386,
    section 4).
    """
    return _t(n - 1) / 1.959964 * float(np.sqrt((n + 1) / (n - 1)))


def _by_owner(budgets: Sequence[Open]) -> dict[str, NDArray[np.int64]]:
    owners: dict[str, list[int]] = {}
    for place, one in enumerate(budgets):
        owners.setdefault(one.owner, []).append(place)
    return {owner: np.array(places) for owner, places in owners.items()}


def _weights(closed: Sequence[Closed], owner: str) -> Floats:
    """Return how much each closed budget counts for one person: its own ones once, the others `OWN` together."""
    own = np.array([one.owner == owner and owner != "" for one in closed])
    others = len(closed) - int(own.sum())
    if not own.any() or not others:
        return np.ones(len(closed))
    return np.where(own, 1.0, min(1.0, OWN / others))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How somebody's budgets came true: what came of each unit of money entered, with its 95 % range; days late."""

    closed: int
    low: float
    part: float
    high: float
    days_late: float

    @property
    def is_told(self) -> bool:
        """Whether there are enough closed ones."""
        return self.closed >= FEWEST_CLOSED


def accuracy(entered: Sequence[float], came: Sequence[float], days: Sequence[float]) -> Accuracy:
    """Return what came of what was entered: the ratio of the sums with its interval by the jackknife (t, n − 1).

    `days` are those of the won ones, after the day expected; the middle one is returned, 0 without any. A sum of 0
    entered gives 0.
    """
    x, y = np.array(entered, dtype=float), np.array(came, dtype=float)
    n, total = len(x), float(x.sum())
    late = float(np.median(days)) if len(days) else 0.0
    if n < 2 or total <= 0:
        part = float(y.sum()) / total if total > 0 else 0.0
        return Accuracy(n, 0.0, part, max(part, 1.0), late)
    part = float(y.sum()) / total
    left = total - x
    without = (y.sum() - y) / np.where(left > 0, left, 1)
    error = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    reach = _t(n - 1) * error
    return Accuracy(n, max(0.0, part - reach), part, part + reach, late)


def _t(free: int) -> float:
    """Return the 97.5 % quantile of Student's t (Cornish–Fisher, Abramowitz & Stegun 26.7.5; within 1 % from 5 on)."""
    z = 1.959964
    return z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)


def reading(own: Accuracy, everybody: Accuracy) -> tuple[str, str]:
    """Say how somebody's budgets compare with the tenant's: words, and how the range is drawn."""
    if not own.is_told:
        return f"Cannot tell: {own.closed} of {FEWEST_CLOSED} closed", "unknown"
    if own.high < everybody.part:
        return "Expects too much; corrected", "them"
    if own.low > everybody.part:
        return "Expects too little; corrected", "us"
    return "About as everybody", "none"
