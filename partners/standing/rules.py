"""How a partner stands: level, tier proposal, market share and score, as pure functions.

Nothing here reads a clock or a database. Days are days of the tenant's calendar, money is in the
tenant's currency. "Twelve months" are the twelve calendar months that end with the month of `as_of`;
the running month is not complete, so wherever it could only do harm (tier, months with orders) the
same window ending one month earlier counts when it is the better one: nobody sinks on the first of a
month because the month is young.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from partners.policy.rules import Rules
from partners.standing.arrays import Days, Flags, Floats, Longs, months_since
from partners.states import Level, Ruling, Tier

_NORMAL = NormalDist()
# Beyond this the estimate lies so far below our own count that its upper tail holds no information.
_CERTAINLY_BELOW = 1 - 1e-9
# A money field holds less than this.
_LARGEST_TOTAL = 10.0**14


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


def level_of(
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
        return Level.PROSPECT
    window = shift_months(as_of, -rules.lapse_months)
    if last_on < window:
        return Level.LAPSED
    if months_with_orders >= rules.repeat_k or first_on < window:
        return Level.REPEAT
    return Level.NEW


# --- tier ---------------------------------------------------------------------------------------


class Proposal(NamedTuple):
    """What the rules propose, and which of them decided.

    threshold: the amount that decided; None where there was no choice.
    """

    tier: Tier
    rule: Ruling
    band: Tier
    threshold: Decimal | None


def band_of(revenue: Decimal, rules: Rules) -> Tier:
    """Give the half-open band a revenue falls into."""
    if revenue >= rules.high_from:
        return Tier.HIGH
    return Tier.MEDIUM if revenue >= rules.medium_from else Tier.LOW


def exit_below(tier: Tier, rules: Rules) -> Decimal:
    """Give the revenue below which a partner leaves this tier downwards: the band less hysteresis."""
    start = rules.high_from if tier == Tier.HIGH else rules.medium_from
    return start * (100 - rules.hysteresis_pct) / 100


def propose_tier(
    tier: Tier | None, since: date | None, revenue: Decimal, as_of: date, rules: Rules
) -> Proposal:
    """Propose a tier from the trailing revenue.

    In: the tier in force and since when, revenue of the trailing months.
    A raise needs the band's start, a fall needs to be below it by the hysteresis, so a revenue
    that swings by less than that around a border changes nothing; either waits for the minimum stay.
    """
    band = band_of(revenue, rules)
    if tier is None:
        return Proposal(band, Ruling.FIRST, band, None)
    if band == tier:
        return Proposal(tier, Ruling.SAME, band, None)
    rises = band.rank > tier.rank
    if rises:
        threshold = rules.high_from if band == Tier.HIGH else rules.medium_from
    else:
        threshold = exit_below(tier, rules)
        if revenue >= threshold:
            return Proposal(tier, Ruling.HYSTERESIS, band, threshold)
    if since is not None and shift_months(since, rules.minimum_stay_months) > as_of:
        return Proposal(tier, Ruling.STAY, band, threshold)
    return Proposal(band, Ruling.RAISE if rises else Ruling.LOWER, band, threshold)


# --- market share -------------------------------------------------------------------------------


class Estimates(NamedTuple):
    """Estimates of partners' total orders a year, with their 90 % range and their day.

    `who` is the partner's number. Only the latest estimate of each source is here, amounts are > 0.
    """

    who: Longs
    low: Floats
    middle: Floats
    high: Floats
    as_of: Days


class Shares(NamedTuple):
    """Our part of partners' orders and the money left, each with a 90 % range; one place per partner.

    Without estimates `known` is false and the numbers are NaN. With them they are NaN where the estimates lie
    so far apart that their upper end is beyond what a sum can hold: then nothing can be told. `doubtful` is set
    when the estimates lie below what the partner already sends (p0 > 0.5): then no share should be told.
    """

    share: Floats
    share_low: Floats
    share_high: Floats
    headroom_low: Floats
    headroom_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats
    doubtful: Flags
    known: Flags


def pool_estimates(estimates: Estimates, count: int, as_of: date) -> tuple[Floats, Floats]:
    """Pool estimates on the log scale: mean and standard deviation of the log of each partner's total.

    Log-normal random-effects pooling after DerSimonian and Laird. One estimate's spread is its
    stated 90 % range widened by a quarter (people state ranges too narrow), plus 15 % per year of
    age and 10 % that all estimates share. Age counts in whole months, so that a share does not move
    every night. NaN for partners without estimates.
    """
    weights, total = _weighed(estimates, count, as_of)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = total(weights)
        return total(weights * np.log(estimates.middle)) / sums, 1 / np.sqrt(sums)


def parts_of(estimates: Estimates, count: int, as_of: date) -> Floats:
    """Say how much each estimate counts among those of its partner: parts that add up to 1 per partner."""
    weights, total = _weighed(estimates, count, as_of)
    return np.asarray(weights / total(weights)[estimates.who], dtype=np.float64)


def _weighed(estimates: Estimates, count: int, as_of: date) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Weigh each estimate (see `pool_estimates`); with it a function that adds up what estimates have per partner."""
    who = estimates.who

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(who, weights=values, minlength=count), dtype=np.float64)

    age = np.maximum(0, months_since(estimates.as_of, as_of))
    spreads = (1.25 * np.log(estimates.high / estimates.low) / 3.29) ** 2 + 0.15**2 * age / 12 + 0.10**2
    logs = np.log(estimates.middle)
    weights = 1 / spreads
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = total(weights)
        mean = total(weights * logs) / sums
        several = np.bincount(who, minlength=count) - 1
        excess = total(weights * (logs - mean[who]) ** 2) - several
        between = np.where(several > 0, excess / (sums - total(weights**2) / sums), 0)
        return 1 / (spreads + np.maximum(0, between)[who]), total


def market_shares(estimates: Estimates, own: Floats, as_of: date) -> Shares:
    """Compute share and headroom from estimates of partners' totals and our own year.

    In: estimates not later than `as_of`, our revenue of twelve months per partner. The total cannot
    be less than what we already have, so its distribution is cut there: the quantile q is
    exp(m + sd Φ⁻¹(p0 + (1 − p0) q)).
    """
    known = np.zeros(len(own), dtype=np.bool_)
    known[estimates.who] = True
    mean, deviation = pool_estimates(estimates, len(own), as_of)
    ours = np.where(known, np.maximum(own, 0), np.nan)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        scores = (np.log(ours) - mean) / deviation
        below = np.array([_NORMAL.cdf(z) if z == z else z for z in scores.tolist()])  # noqa: PLR0124 - NaN
        low, middle, high = (_quantile(q, below, ours, mean, deviation) for q in (0.05, 0.5, 0.95))
        told = high < _LARGEST_TOTAL
        low, middle, high = (np.where(told, total, np.nan) for total in (low, middle, high))
        return Shares(
            share=ours / middle,
            share_low=ours / high,
            share_high=ours / low,
            headroom_low=low - ours,
            headroom_high=high - ours,
            total=middle,
            total_low=low,
            total_high=high,
            doubtful=below > 0.5,
            known=known,
        )


def _quantile(q: float, below: Floats, ours: Floats, mean: Floats, deviation: Floats) -> Floats:
    parts = np.where(below >= _CERTAINLY_BELOW, np.nan, below + (1 - below) * q)
    at = np.array([_NORMAL.inv_cdf(part) if part == part else part for part in parts.tolist()])  # noqa: PLR0124 - NaN
    return np.asarray(np.fmax(ours, np.exp(mean + deviation * at)), dtype=np.float64)


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


def whole(score: Decimal) -> int:
    """Round a score for display; halves go up, as people expect."""
    return int(score.quantize(Decimal(1), rounding=ROUND_HALF_UP))
