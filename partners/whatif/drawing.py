"""Geometry of the revenue histogram with its thresholds; the template draws it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from partners.policy.rules import Rules
from partners.states import Tier
from partners.whatif.queries import Bin
from prm.tenancy.models import Tenant
from prm.ui.charts.scale import nice_ticks, unique_id
from prm.ui.formatting import money, money_short, number

_HEIGHT, _TOP, _LEFT, _RIGHT, _BOTTOM = 240, 40, 36, 8, 24
_LETTER, _BETWEEN_WORDS = 6.6, 10


@dataclass(frozen=True)
class Bar:
    """One part of a bar."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Tick:
    """A label on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Handle:
    """A threshold: where it is, where it was (None where it is unchanged), and the field that it moves.

    Its words stand at `words_x`, to the left or the right of it by `anchor`, and within the drawing.
    """

    field: str
    title: str
    note: str
    x: float
    words_x: float
    was: float | None
    anchor: str
    value: str
    words: str


@dataclass(frozen=True)
class Histogram:
    """A drawing of one width; `low` and `high` are the natural logs of the amounts at both ends."""

    uid: str
    variant: str
    width: int
    height: int
    bottom: float
    left: float
    right: float
    low: float
    high: float
    bars: Sequence[Bar]
    across: Sequence[Tick]
    up: Sequence[Tick]
    handles: Sequence[Handle]


@dataclass(frozen=True)
class Drawn:
    """Both variants, a sentence, and the table behind them."""

    desk: Histogram
    phone: Histogram
    summary: str
    rows: Sequence[Sequence[str]]


def draw(bins: Sequence[Bin], rules: Rules, before: Rules | None, tenant: Tenant) -> Drawn:
    """Draw how many bring how much, with the thresholds and where they were."""
    total = sum(sum(one.counts.values()) for one in bins)
    rows = [
        (
            f"{money(one.start, tenant)} to {money(one.end, tenant)}",
            *(number(one.counts.get(tier, 0)) for tier in Tier.rising()[1:]),
            number(one.moving),
        )
        for one in bins
    ]
    summary = (
        f"{number(total)} {tenant.partner_noun_plural} with revenue; medium from {money(rules.medium_from, tenant)}, "
        f"high from {money(rules.high_from, tenant)}."
    )
    return Drawn(
        _histogram(bins, rules, before, tenant, 1080, "desk"),
        _histogram(_coarser(bins), rules, before, tenant, 400, "phone"),
        summary,
        rows,
    )


def _coarser(bins: Sequence[Bin]) -> list[Bin]:
    """Join bins by twos: a phone has room for half as many."""
    found = []
    for at in range(0, len(bins), 2):
        pair = bins[at : at + 2]
        counts = {tier: sum(one.counts.get(tier, 0) for one in pair) for tier in Tier.values}
        found.append(Bin(pair[0].start, pair[-1].end, counts, sum(one.moving for one in pair)))
    return found


def _histogram(
    bins: Sequence[Bin], rules: Rules, before: Rules | None, tenant: Tenant, width: int, variant: str
) -> Histogram:
    bottom = _HEIGHT - _BOTTOM
    low, high = _ends(bins, rules)

    def across(value: Decimal) -> float:
        part = (math.log(max(float(value), 0.01)) - low) / (high - low)
        return round(_LEFT + min(1.0, max(0.0, part)) * (width - _LEFT - _RIGHT), 1)

    most = max((sum(one.counts.values()) for one in bins), default=1)
    ticks = nice_ticks(0, most)
    scale = (bottom - _TOP) / max(most, ticks[-1])
    bars = [bar for one in bins for bar in _stack(one, across(one.start), across(one.end), bottom, scale)]
    return Histogram(
        uid=unique_id(),
        variant=variant,
        width=width,
        height=_HEIGHT,
        bottom=bottom,
        left=_LEFT,
        right=width - _RIGHT,
        low=low,
        high=high,
        bars=bars,
        across=[Tick(across(value), money_short(value, tenant)) for value in _amounts(low, high, width)],
        up=[Tick(round(bottom - tick * scale, 1), number(tick)) for tick in ticks],
        handles=_apart(_handles(rules, before, across, tenant), width),
    )


def _handles(
    rules: Rules, before: Rules | None, across: Callable[[Decimal], float], tenant: Tenant
) -> list[Handle]:
    medium, high = (before.medium_from, before.high_from) if before else (None, None)
    return [
        _handle("medium_from", "Medium", rules.medium_from, medium, across, tenant, "end"),
        _handle("high_from", "High", rules.high_from, high, across, tenant, "start"),
    ]


def _apart(handles: Sequence[Handle], width: int) -> list[Handle]:
    """Return both with their words moved so far that they end within the drawing and do not touch."""
    low, high = handles
    start = min(high.x, width - _words_width(high))
    end = max(_words_width(low), min(low.x, start - _BETWEEN_WORDS))
    return [replace(low, words_x=end), replace(high, words_x=max(start, end + _BETWEEN_WORDS))]


def _words_width(handle: Handle) -> float:
    """About: its letters are semibold and 11 high."""
    return max(len(handle.title), len(handle.note)) * _LETTER


def _ends(bins: Sequence[Bin], rules: Rules) -> tuple[float, float]:
    """Return the logs of both ends: of the bars, and of thresholds that lie beyond them."""
    values = [float(rules.medium_from), float(rules.high_from)]
    values += [float(bins[0].start), float(bins[-1].end)] if bins else []
    low, high = math.log(max(min(values), 0.01)), math.log(max(values))
    return (low, high) if high - low > 1e-6 else (low - 1, high + 1)


def _amounts(low: float, high: float, width: int) -> list[Decimal]:
    """Return round amounts (1, 3 and 10 times a power of ten) between both ends."""
    found = []
    steps = (1, 3) if width > 600 or high - low < 4 else (1,)
    for power in range(math.floor(low / math.log(10)) - 1, math.ceil(high / math.log(10)) + 1):
        found += [Decimal(step) * Decimal(10) ** power for step in steps]
    return [value for value in found if low <= math.log(float(value)) <= high]


def _stack(one: Bin, left: float, right: float, bottom: float, scale: float) -> list[Bar]:
    width = max(1.0, round(right - left - 1.5, 1))
    y, found = bottom, []
    for tier in Tier.rising()[1:]:
        if count := one.counts.get(tier, 0):
            y -= count * scale
            found.append(Bar(left, round(y, 1), width, round(count * scale, 1), tier))
    if one.moving:
        found.append(Bar(left, round(y, 1), width, round(one.moving * scale, 1), "moving"))
    return found


def _handle(
    field: str,
    word: str,
    value: Decimal,
    was: Decimal | None,
    across: Callable[[Decimal], float],
    tenant: Tenant,
    anchor: str,
) -> Handle:
    moved = was is not None and was != value
    return Handle(
        field=field,
        title=f"{word} from {money(value, tenant)}",
        note=f"was {money(was, tenant)}" if moved else "unchanged" if was is not None else "",
        x=across(value),
        words_x=across(value),
        was=across(was) if moved and was is not None else None,
        anchor=anchor,
        value=f"{value:f}",
        words=f"{word} from",
    )
