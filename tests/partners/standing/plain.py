"""The formulas of the standing for one partner in plain Python, written apart from the product's.

Nothing here is shared with the product, so that a slip in its columns shows as a difference.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

NORMAL = NormalDist()


class Estimate(NamedTuple):
    low: float
    middle: float
    high: float
    as_of: object


class Share(NamedTuple):
    share: float
    share_low: float
    share_high: float
    headroom_low: float
    headroom_high: float
    total: float
    total_low: float
    total_high: float
    doubtful: bool


def months_apart(first, last):
    return (last.year - first.year) * 12 + last.month - first.month


def pool(estimates, as_of):
    """DerSimonian and Laird on the log scale; widths as the design says."""
    spreads = [
        (1.25 * math.log(e.high / e.low) / 3.29) ** 2
        + 0.15**2 * max(0, months_apart(e.as_of, as_of)) / 12
        + 0.10**2
        for e in estimates
    ]
    logs = [math.log(e.middle) for e in estimates]
    weights = [1 / s for s in spreads]
    mean = sum(w * x for w, x in zip(weights, logs, strict=True)) / sum(weights)
    if len(estimates) > 1:
        total = sum(weights)
        excess = sum(w * (x - mean) ** 2 for w, x in zip(weights, logs, strict=True)) - len(estimates) + 1
        between = max(0.0, excess / (total - sum(w * w for w in weights) / total))
        weights = [1 / (s + between) for s in spreads]
        mean = sum(w * x for w, x in zip(weights, logs, strict=True)) / sum(weights)
    return mean, 1 / math.sqrt(sum(weights))


def share(estimates, own, as_of):
    if not estimates:
        return None
    mean, deviation = pool(estimates, as_of)
    ours = max(0.0, own)
    below = NORMAL.cdf((math.log(ours) - mean) / deviation) if ours > 0 else 0.0

    def quantile(q):
        if below >= 1 - 1e-9:
            return ours
        return max(ours, math.exp(mean + deviation * NORMAL.inv_cdf(below + (1 - below) * q)))

    low, middle, high = quantile(0.05), quantile(0.5), quantile(0.95)
    return Share(
        ours / middle, ours / high, ours / low, low - ours, high - ours, middle, low, high, below > 0.5
    )


def revenue(amount, high_from):
    """Nine tenths at the start of the high band, all at twice it."""
    if amount <= 0:
        return 0.0
    part = amount / high_from
    return round(0.9 * part if part < 1 else min(1.0, 0.9 + 0.1 * (part - 1)), 4)


def trend(recent, before):
    ratio = (recent + 0.5) / (before + 0.5)
    return round(min(1.0, max(0.0, 0.5 + 0.5 * math.log2(ratio))), 4)


def regularity(months_with, months, days):
    recency = min(1.0, max(0.0, (180 - days) / 150))
    return round(0.5 * months_with / months + 0.5 * recency, 4)


def level(first, last, busy, window, k):
    if first is None:
        return "prospect"
    if last < window:
        return "lapsed"
    return "repeat" if busy >= k or first < window else "new"


def score(parts):
    """Weights of known parts are scaled to 100; the score is rounded half up to tenths."""
    known = [(weight, fraction) for weight, fraction in parts if fraction is not None]
    whole = sum(weight for weight, _ in known)
    exact = sum(weight * 100 / whole * fraction for weight, fraction in known)
    return min(1000, math.floor(exact * 10 + 0.5 + 1e-9)) / 10
