"""How a partner stands: level, tier proposal, market share and score, as pure functions.

Nothing here reads a clock or a database. Days are days of the tenant's calendar, money is in the
tenant's currency. "Twelve months" are the twelve calendar months that end with the month of `as_of`;
the running month is not complete, so wherever it could only do harm (tier, months with orders) the
same window ending one month earlier counts when it is the better one: nobody sinks on the first of a
month because the month is young.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from prm.tenancy.calendar import months_between

Level = Literal["prospect", "new", "repeat", "lapsed"]
Tier = Literal["high", "medium", "low"]
Floats = npt.NDArray[np.float64]

RANK: dict[str, int] = {"low": 1, "medium": 2, "high": 3}
_NORMAL = NormalDist()
# Beyond this the estimate lies so far below our own count that its upper tail holds no information.
_CERTAINLY_BELOW = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of a standing policy. Bands are half-open: high is [high_from, ∞)."""

    high_from: Decimal
    medium_from: Decimal
    trailing_months: int = 12
    hysteresis_pct: Decimal = Decimal(5)
    minimum_stay_months: int = 6
    repeat_k: int = 3
    repeat_n: int = 6
    lapse_months: int = 6


# --- days ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def shift_months(day: date, months: int) -> date:
    """Move a day by whole months; the 31st becomes the last day of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, month_end(date(year, month + 1, 1)).day))


def month_end(day: date) -> date:
    """Give the last day of the month of `day`."""
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)


# --- level --------------------------------------------------------------------------------------


def level(
    first_on: date | None, last_on: date | None, months_with_orders: int, as_of: date, rules: Rules
) -> Level:
    """Say where the relationship stands.

    In: first and last day with an order (None: never), in how many of the last `repeat_n` months
    there was one, the day of judgement, the rules. The window of "new" and "lapsed" is
    `lapse_months` back from `as_of`.

    prospect: never ordered. lapsed: ordered once, silent for longer than the window. repeat: orders
    in at least `repeat_k` of the last `repeat_n` months. new: first order within the window. Who
    ordered before the window and again inside it has come back and is repeat as well.
    """
    if first_on is None or last_on is None:
        return "prospect"
    window = shift_months(as_of, -rules.lapse_months)
    if last_on < window:
        return "lapsed"
    if months_with_orders >= rules.repeat_k or first_on < window:
        return "repeat"
    return "new"


# --- tier ---------------------------------------------------------------------------------------


class Proposal(NamedTuple):
    """What the rules propose, and which of them decided.

    rule: "first" (no tier yet), "same", "raise", "lower", or, where the band says otherwise but the
    tier is kept: "hysteresis" (not far enough below the band) and "stay" (too short in this tier).
    threshold: the amount that decided, None for "same" at the ends.
    """

    tier: Tier
    rule: Literal["first", "same", "raise", "lower", "hysteresis", "stay"]
    band: Tier
    threshold: Decimal | None


def band_of(revenue: Decimal, rules: Rules) -> Tier:
    """Give the half-open band a revenue falls into."""
    if revenue >= rules.high_from:
        return "high"
    return "medium" if revenue >= rules.medium_from else "low"


def exit_below(tier: str, rules: Rules) -> Decimal:
    """Give the revenue below which a partner leaves this tier downwards: the band less hysteresis."""
    start = rules.high_from if tier == "high" else rules.medium_from
    return start * (100 - rules.hysteresis_pct) / 100


def propose_tier(current: str, since: date | None, revenue: Decimal, as_of: date, rules: Rules) -> Proposal:
    """Propose a tier from the trailing revenue.

    In: the tier in force ("" for none) and since when, revenue of the trailing months.
    A raise needs the band's start, a fall needs to be below it by the hysteresis, so a revenue
    that swings by less than that around a border changes nothing; either waits for the minimum stay.
    """
    band = band_of(revenue, rules)
    if not current:
        return Proposal(band, "first", band, None)
    tier: Tier = current  # type: ignore[assignment]  # the model's choices are the Tier literals
    if band == tier:
        return Proposal(tier, "same", band, None)
    rises = RANK[band] > RANK[tier]
    if rises:
        threshold = rules.high_from if band == "high" else rules.medium_from
    else:
        threshold = exit_below(tier, rules)
        if revenue >= threshold:
            return Proposal(tier, "hysteresis", band, threshold)
    if since is not None and shift_months(since, rules.minimum_stay_months) > as_of:
        return Proposal(tier, "stay", band, threshold)
    return Proposal(band, "raise" if rises else "lower", band, threshold)


# --- market share -------------------------------------------------------------------------------


class Estimate(NamedTuple):
    """One estimate of a partner's total orders a year, with its 90 % range and its day."""

    low: float
    middle: float
    high: float
    as_of: date


class Share(NamedTuple):
    """Our part of a partner's orders and the money left, each with a 90 % range.

    `doubtful` is set when the estimates lie below what the partner already sends (p0 > 0.5): then
    no share should be told.
    """

    share: float
    share_low: float
    share_high: float
    headroom_low: float
    headroom_high: float
    total: float
    total_low: float
    total_high: float
    doubtful: bool


def pool_estimates(estimates: Sequence[Estimate], as_of: date) -> tuple[float, float]:
    """Pool estimates on the log scale: mean and standard deviation of the log of the total.

    Log-normal random-effects pooling after DerSimonian and Laird. One estimate's spread is its
    stated 90 % range widened by a quarter (people state ranges too narrow), plus 15 % per year of
    age and 10 % that all estimates share. Age counts in whole months, so that a share does not move
    every night.
    """
    spreads = [
        (1.25 * math.log(e.high / e.low) / 3.29) ** 2
        + 0.15**2 * max(0, months_between(e.as_of, as_of)) / 12
        + 0.10**2
        for e in estimates
    ]
    logs = [math.log(e.middle) for e in estimates]
    weights = [1 / s for s in spreads]
    mean = sum(w * x for w, x in zip(weights, logs, strict=True)) / sum(weights)
    count = len(estimates)
    if count > 1:
        total = sum(weights)
        excess = sum(w * (x - mean) ** 2 for w, x in zip(weights, logs, strict=True)) - count + 1
        between = max(0.0, excess / (total - sum(w * w for w in weights) / total))
        weights = [1 / (s + between) for s in spreads]
        mean = sum(w * x for w, x in zip(weights, logs, strict=True)) / sum(weights)
    return mean, 1 / math.sqrt(sum(weights))


def market_share(estimates: Sequence[Estimate], own: float, as_of: date) -> Share | None:
    """Compute share and headroom from estimates of a partner's total and our own year.

    In: the latest estimate of each source (amounts > 0, a year), our revenue of twelve months.
    Out: None without estimates. The total cannot be less than what we already have, so its
    distribution is cut there: the quantile q is exp(m + sd Φ⁻¹(p0 + (1 − p0) q)).
    """
    known = [e for e in estimates if e.as_of <= as_of]
    if not known:
        return None
    mean, deviation = pool_estimates(known, as_of)
    ours = max(0.0, own)
    below = _NORMAL.cdf((math.log(ours) - mean) / deviation) if ours > 0 else 0.0

    def quantile(q: float) -> float:
        if below >= _CERTAINLY_BELOW:
            return ours
        at = _NORMAL.inv_cdf(below + (1 - below) * q)
        return max(ours, math.exp(mean + deviation * at))

    low, middle, high = quantile(0.05), quantile(0.5), quantile(0.95)
    return Share(
        share=ours / middle,
        share_low=ours / high,
        share_high=ours / low,
        headroom_low=low - ours,
        headroom_high=high - ours,
        total=middle,
        total_low=low,
        total_high=high,
        doubtful=below > 0.5,
    )


# --- score --------------------------------------------------------------------------------------


class ScoreSum(NamedTuple):
    """Scores of many partners; rows are partners, columns components. NaN: cannot tell."""

    score: Floats
    points: Floats
    weights: Floats


def add_up(fractions: Floats, weights: Floats) -> ScoreSum:
    """Weigh the components of many partners into scores of 0 to 100.

    In: fractions (partners × components) between 0 and 1, NaN where a component cannot tell yet;
    one weight per component. A component that cannot tell hands its weight to the others in
    proportion. Out: scores and points in steps of 0.1, points adding up exactly to the score
    (largest remainders), and the weights after the sharing out, which add up to 100.
    """
    known = ~np.isnan(fractions)
    sums = (weights * known).sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = np.where(known, weights * 100 / sums, np.nan)
    tenths = np.where(known, np.clip(fractions, 0, 1) * np.nan_to_num(shared), 0) * 10
    whole = np.floor(tenths + 1e-9)
    rest = np.clip(tenths - whole, 0, None)
    total = np.floor(tenths.sum(axis=1) + 0.5 + 1e-9)
    missing = (total - whole.sum(axis=1)).astype(np.int64)
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    whole += rank < missing[:, None]
    score = np.where(sums[:, 0] > 0, np.minimum(total, 1000) / 10, np.nan)
    return ScoreSum(score, np.where(known, whole / 10, np.nan), shared)
