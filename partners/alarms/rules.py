"""Who clearly sends less, or more, than usual: Shiryaev–Roberts, for many partners at once.

Month by month, and only from months before the one that is judged, a partner's usual orders are told from the
twelve months that ended six before, with the season of the tenant's totals and a spread that all partners share.
How much likelier the month is if orders had halved multiplies into R. When nothing changes R less the number of
months is a martingale, so that at most 12/240 = 5 % of steady partners reach 240 in a year, whatever their size
and without tuning. A rise is watched alike, with twice as many in place of half.

Arrays have a row per partner and a column per month, the oldest first; orders are counts a month.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from partners.standing.arrays import Flags, Floats, Longs

ALARM_AT: Final = 240.0
"""R from which on it is an alarm: 12 months ÷ 5 %."""
FALSE_A_YEAR: Final = 0.05
WINDOW: Final = 12
LAG: Final = 6
"""The window of the usual ends so many months before the one that is judged."""
FIRST_JUDGED: Final = 18
"""How many months of orders a partner needs before the one that is judged."""
SEASON_FROM: Final = 24
"""Months of the tenant's own past below which every month counts alike."""
SPREAD_MONTHS: Final = 12
SPREAD_LEAST: Final = 0.001
STANDS_MONTHS: Final = 6
"""So long an alarm stands; then the usual itself holds the new months."""
SEEN_FROM: Final = 3.0
"""Orders a month below which a halving cannot be seen within a year."""
FALL: Final = 0.5
RISE: Final = 2.0
_YEAR: Final = 12


def season(totals: Floats, numbers: Longs) -> Floats:
    """Return an index for each month of the year, 1 on average, from the tenant's totals.

    In: orders of all partners in the months before the judged one, and each month's number (0 to 11). A month is
    compared with the twelve around it; what chance alone makes of so few orders is taken off.
    """
    begun = np.flatnonzero(totals)
    index = np.ones(_YEAR)
    if not len(begun) or len(totals) - begun[0] < SEASON_FROM:
        return index
    totals, numbers = totals[begun[0] :], numbers[begun[0] :]
    weights = np.array([0.5, *[1.0] * 11, 0.5]) / _YEAR
    around = np.convolve(totals, weights, mode="valid")
    inner = totals[6:-6]
    ratios = np.divide(inner, around, out=np.ones_like(around), where=around > 0)
    chance = np.divide(1.0, around, out=np.zeros_like(around), where=around > 0)
    years = np.bincount(numbers[6:-6], minlength=_YEAR)
    known = np.maximum(years, 1)
    raw = np.bincount(numbers[6:-6], weights=ratios, minlength=_YEAR) / known
    noise = np.bincount(numbers[6:-6], weights=chance, minlength=_YEAR) / known**2
    raw = np.where(years > 0, raw / raw[years > 0].mean(), 1.0)
    varied = float(((raw - 1) ** 2).mean())
    kept = max(0.0, 1 - float(noise.mean()) / varied) if varied else 0.0
    return np.asarray(np.clip(1 + kept * (raw - 1), 0.2, 5.0), dtype=np.float64)


class Usual(NamedTuple):
    """What is usual of partners in one month: whether it can be told, `a` and the mean `mu` of a month like it, the season."""

    told: Flags
    a: Floats
    mu: Floats
    season: float


@dataclass(frozen=True, slots=True)
class Panel:
    """Orders of many partners. `born` is the column of the first order, negative if before the columns; `numbers` are months (0–11)."""

    orders: Longs
    born: Longs
    numbers: Longs
    sums: Longs = field(init=False)

    def __post_init__(self) -> None:
        before = np.zeros((len(self.orders), 1), dtype=np.int64)
        object.__setattr__(self, "sums", np.hstack([before, self.orders.cumsum(axis=1, dtype=np.int64)]))

    def usual(self, at: int) -> Usual | None:
        """Return what is usual in a month; None where nobody has orders for long enough."""
        first = at - LAG - WINDOW + 1
        told = self.born <= at - FIRST_JUDGED
        if first < 0 or not told.any():
            return None
        index = season(self.orders[:, :at].sum(axis=0).astype(np.float64), self.numbers[:at])
        seasons = float(index[self.numbers[first : first + WINDOW]].sum())
        counts = self.sums[:, first + WINDOW] - self.sums[:, first]
        mean = float(counts[told].mean()) / seasons
        if mean <= 0:
            return None
        a = np.asarray(0.5 + counts, dtype=np.float64)
        here = float(index[self.numbers[at]])
        mu = np.asarray(here * a / (0.5 / mean + seasons), dtype=np.float64)
        return Usual(told, a, mu, here)


class Spread:
    """How much more than chance orders vary, shared by all partners: 1/r from the months judged so far."""

    def __init__(self) -> None:
        self._months: list[tuple[float, float]] = []

    def add(self, usual: Usual, orders: Longs) -> None:
        """Take a month into account, for those that follow."""
        a, mu, y = usual.a[usual.told], usual.mu[usual.told], orders[usual.told]
        weight = 1 / (1 + mu) ** 2
        above = (weight * ((y - mu) ** 2 - mu - mu**2 / a)).sum()
        self._months.append((float(above), float((weight * mu**2).sum())))

    @property
    def one_over_r(self) -> float | None:
        """Return 1/r; None before the first month."""
        some = self._months[-SPREAD_MONTHS:]
        below = sum(one for _, one in some)
        return max(SPREAD_LEAST, sum(one for one, _ in some) / below) if below else None


class Found(NamedTuple):
    """Alarms of partners in one direction: of which column (−1: none stands), since which, from how many orders a month to how many."""

    raised: Longs
    since: Longs
    usually: Floats
    now: Floats


class Watch:
    """R of every partner in one direction, month by month; `times` is the change that is looked for (0.5: half)."""

    def __init__(self, count: int, times: float) -> None:
        self.times = times
        self.r = np.zeros(count)
        # The likeliest beginning of a change: since when the evidence for it has not been below nothing.
        self._best = np.zeros(count)
        self._since = np.full(count, -1)
        self._sums = np.zeros((3, count))
        self._recent: list[Floats] = []
        self.raised = np.full(count, -1)
        self.began = np.full(count, -1)
        self._alarm_sums = np.zeros((3, count))

    def begin_year(self) -> None:
        """Begin from nothing; alarms that stand remain."""
        self.r[:] = 0
        self._best[:] = 0

    def see(self, at: int, usual: Usual, orders: Longs, one_over_r: float) -> None:
        """Judge one month."""
        nu = 1 / (1 / usual.a + one_over_r)
        likelier = orders * np.log(self.times) + (orders + nu) * np.log(
            (nu + usual.mu) / (nu + self.times * usual.mu)
        )
        log_lr = np.where(usual.told, likelier, 0.0)
        self._look_back(at, usual, orders, log_lr)
        self.r = np.where(usual.told, (1 + self.r) * np.exp(np.minimum(log_lr, 700)), 0.0)
        self._raise_and_end(at, self.r >= ALARM_AT)

    def _look_back(self, at: int, usual: Usual, orders: Longs, log_lr: Floats) -> None:
        anew = self._best <= 0
        self._since = np.where(anew, at, self._since)
        seen = np.stack(
            [usual.mu / usual.season, orders.astype(np.float64), np.full(len(orders), usual.season)]
        )
        self._sums = np.where(anew, 0.0, self._sums) + seen
        self._best = np.where(anew, 0.0, self._best) + log_lr
        self._alarm_sums = np.where(self.raised >= 0, self._alarm_sums + seen, self._alarm_sums)
        self._recent = [*self._recent[-2:], log_lr]

    def _raise_and_end(self, at: int, alarm: Flags) -> None:
        first = alarm & (self.raised < 0)
        self.began = np.where(first, self._since, self.began)
        self._alarm_sums = np.where(first, self._sums, self._alarm_sums)
        self.raised = np.where(alarm, at, self.raised)
        self.r = np.where(alarm, 0.0, self.r)
        self._best = np.where(alarm, 0.0, self._best)
        # It ends when the last three months look like the usual again, or when the usual holds the new months.
        back = (at - self.raised >= 1) & (np.sum(self._recent, axis=0) < 0)
        over = (self.raised >= 0) & (back | (at - self.raised >= STANDS_MONTHS))
        self.raised = np.where(over, -1, self.raised)

    def found(self, last: int) -> Found:
        """Return what stands after the last month."""
        usual, orders, seasons = self._alarm_sums
        months = np.where(self.raised >= 0, last - self.began + 1, 1)
        now = np.divide(orders, seasons, out=np.zeros_like(orders), where=seasons > 0)
        return Found(self.raised, self.began, usual / months, now)


class Watched(NamedTuple):
    """What is known of each partner after the last month: orders a month usually (NaN: cannot be told yet), falls and rises."""

    usually: Floats
    fall: Found
    rise: Found


def watch(panel: Panel, years_begin: Sequence[int], judged_from: int) -> Watched:
    """Watch every partner from a column on to the last.

    In: the columns with which a year begins. The months before `judged_from` only tell how much orders vary.
    """
    count, months = panel.orders.shape
    fall, rise, spread = Watch(count, FALL), Watch(count, RISE), Spread()
    usually = np.full(count, np.nan)
    for at in range(max(LAG + WINDOW - 1, judged_from - SPREAD_MONTHS), months):
        usual, orders = panel.usual(at), panel.orders[:, at]
        if at in years_begin:
            fall.begin_year()
            rise.begin_year()
        if usual is None:
            continue
        if at >= judged_from and (one_over_r := spread.one_over_r) is not None:
            for one in (fall, rise):
                one.see(at, usual, orders, one_over_r)
        spread.add(usual, orders)
        if at == months - 1:
            usually = np.where(usual.told, usual.mu / usual.season, np.nan)
    return Watched(usually, fall.found(months - 1), rise.found(months - 1))


def false_a_month(partners: int) -> float:
    """Return how many of so many steady partners a list of alarms shows anew in a month by chance alone, at most."""
    return partners * FALSE_A_YEAR / 12
