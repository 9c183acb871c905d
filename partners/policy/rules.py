"""The figures of a standing policy, for the pure functions that apply them, and what no policy may say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from partners.states import Tier
from prm.core.notation.reader import figure
from prm.core.schema import Problem

Value = Any
"""A figure of a policy, each of its own type: an amount, a number of months, a table of weights."""
#: Visits in so many months, by tier; the month lengths are those of a call plan.
PLAN_MONTHS: Final = (1, 2, 3, 6, 12)
MOST_VISITS: Final = 31


@dataclass(frozen=True, slots=True)
class Rules:
    """By what level and tier are judged. Bands are half-open: high is [high_from, ∞).

    Amounts in the tenant's currency. trailing_months: what a tier is judged by. hysteresis_pct: how far
    below its band, in per cent, a tier is kept. repeat: orders in `repeat_k` of `repeat_n` months.
    lapse_months: the window of new and lapsed. Without `is_confirmed` nobody has agreed to the bands:
    then there is no tier, and none is proposed. usual_visits: tier, visits, in so many months.
    """

    high_from: Decimal
    medium_from: Decimal
    trailing_months: int = 12
    hysteresis_pct: Decimal = Decimal(5)
    minimum_stay_months: int = 6
    repeat_k: int = 3
    repeat_n: int = 6
    lapse_months: int = 6
    is_confirmed: bool = True
    usual_visits: tuple[tuple[str, int, int], ...] = (("high", 2, 1), ("medium", 1, 1), ("low", 1, 3))


# --- bands --------------------------------------------------------------------------------------


class Band(NamedTuple):
    """One band as a file writes it: revenue from (included) and to (excluded; None for the highest)."""

    tier: str
    start: Decimal
    end: Decimal | None


class Starts(NamedTuple):
    """Where medium and high begin."""

    medium: Decimal
    high: Decimal


def band_problems(bands: Sequence[Band]) -> Iterator[str]:
    """Say in words what keeps bands from holding every revenue exactly once; nothing when they do."""
    tiers = [band.tier for band in bands]
    if sorted(tiers) != sorted(Tier.values):
        yield f"Name each of {', '.join(reversed(Tier.values))} once."
        return
    low, medium, high = sorted(bands, key=lambda band: Tier.rank_of(band.tier))
    if low.start > 0:
        yield f"Low has to begin at 0: revenue below {figure(low.start)} would be in no band."
    for band, above in ((low, medium), (medium, high)):
        if band.end is None:
            continue
        if band.end > above.start:
            yield (
                f"{band.tier.capitalize()} ends at {figure(band.end)} and {above.tier} begins at {figure(above.start)}: "
                "revenue between them would be in both."
            )
        elif band.end < above.start:
            yield (
                f"{band.tier.capitalize()} ends at {figure(band.end)} and {above.tier} begins at {figure(above.start)}: "
                "revenue between them would be in no band."
            )
    if high.end is not None:
        yield f"High has no end: revenue of {figure(high.end)} and more would be in no band."
    if not 0 < medium.start < high.start:
        yield "High must start above medium, and medium above nothing."


def starts_of(bands: Sequence[Band]) -> Starts:
    """Return where medium and high begin, of bands without problems."""
    by_tier = {band.tier: band.start for band in bands}
    return Starts(by_tier[Tier.MEDIUM], by_tier[Tier.HIGH])


# --- proposed from what there is ----------------------------------------------------------------


class Proposed(NamedTuple):
    """Bands proposed from a distribution, or why none can be: then `starts` is None and `why` says so."""

    starts: Starts | None
    why: str


#: Shares of those with revenue that are high, and high or medium, where a company has said nothing.
USUAL_HIGH_PCT: Final = Decimal(15)
USUAL_MEDIUM_PCT: Final = Decimal(50)
#: Fewer partners with revenue are no distribution.
FEWEST: Final = 3


def propose_bands(
    revenues: Sequence[Decimal], *, high_pct: Decimal = USUAL_HIGH_PCT, medium_pct: Decimal = USUAL_MEDIUM_PCT
) -> Proposed:
    """Propose where medium and high begin: round amounts near the upper `high_pct` and `medium_pct` per cent.

    In: trailing revenue per partner, those without any are passed over. A company whose partners all bring the
    same, or of fewer than three with revenue, gets no proposal, and words for it.
    """
    some = sorted(revenue for revenue in revenues if revenue > 0)
    if not some:
        return Proposed(None, "There is no revenue yet: bands are proposed from it.")
    if len(some) < FEWEST:
        return Proposed(
            None, f"Only {len(some)} with revenue: too few to tell bands from. Type them yourself."
        )
    if some[0] == some[-1]:
        return Proposed(
            None,
            f"All {len(some)} bring the same, {figure(some[0])}: no band divides them. Type the bands yourself.",
        )
    medium, high = exact_starts(some, high_pct=high_pct, medium_pct=medium_pct)
    round_medium, round_high = rounded(medium), rounded(high)
    if 0 < round_medium < round_high:
        medium, high = round_medium, round_high
    return Proposed(Starts(medium, high), f"From {len(some)} with revenue in the period.")


def exact_starts(some: Sequence[Decimal], *, high_pct: Decimal, medium_pct: Decimal) -> Starts:
    """Return the revenues from which on the upper per cents lie; medium begins below high at all events.

    In: revenues above nothing, ascending, at least two different ones.
    """
    count = len(some)
    high = some[min(count - 1, int(count * (100 - high_pct) / 100))]
    medium = some[min(count - 1, int(count * (100 - medium_pct) / 100))]
    if high == some[0]:
        high = next(value for value in some if value > some[0])
    if medium >= high:
        medium = max(value for value in some if value < high)
    return Starts(medium, high)


def rounded(value: Decimal) -> Decimal:
    """Round an amount above nothing to one figure and a half: 1, 1.5, 2, 2.5 … times a power of ten."""
    unit = Decimal(10) ** value.adjusted() / 2
    return max(unit, (value / unit).to_integral_value() * unit)


# --- usual visits -------------------------------------------------------------------------------

USUAL_VISITS: Final[Mapping[str, tuple[int, int]]] = {
    tier: (visits, months) for tier, visits, months in Rules(Decimal(2), Decimal(1)).usual_visits
}
"""Visits in so many months that are expected of a partner without a call plan, by tier, until a policy says."""


def visits_a_quarter(visits: int, months: int) -> Decimal:
    """Return how many visits of a plan fall into a quarter."""
    return Decimal(visits) * 3 / months


def visit_problems(usual: Mapping[str, Sequence[int]]) -> Iterator[Problem]:
    """Find what usual visits may not say."""
    if set(usual) != set(Tier.values):
        yield Problem("usual_visits", f"Say visits for {', '.join(reversed(Tier.values))}.")
        return
    for tier, plan in usual.items():
        if len(plan) != 2 or not 0 <= plan[0] <= MOST_VISITS or plan[1] not in PLAN_MONTHS:
            months = ", ".join(map(str, PLAN_MONTHS))
            yield Problem(
                f"usual_visits.{tier}", f"Write visits (0 to {MOST_VISITS}) and months ({months}): [2, 1]."
            )
