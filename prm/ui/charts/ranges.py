"""Estimates with their doubt: range rows on one axis, a part of an estimated whole, a place among edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prm.ui.charts.scale import Scale, clean, nice_ticks, text_width
from prm.ui.formatting import Currency, money_short, percent, signed_text

Value = Decimal | float | int
STATES = frozenset({"us", "them", "none", "unknown"})


@dataclass(frozen=True)
class AxisTick:
    """A grid line in per cent of the width, with its label."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True)
class Axis:
    """One horizontal axis shared by all rows; ``reference`` is the dashed line (even, or zero)."""

    low: float
    high: float
    ticks: Sequence[AxisTick]
    reference: float | None

    def at(self, value: Value) -> float:
        """Position of a value, in per cent; beyond the ends, the end."""
        return Scale(self.low, self.high, 0, 100)(clean(value))


@dataclass(frozen=True)
class Interval:
    """A dot with its range, in per cent of the axis.

    ``state``: us, them (colour and dot or diamond), none (grey: no effect seen), unknown (dashed,
    hollow: cannot tell yet).
    """

    axis: Axis
    x: float | None
    start: float
    width: float
    state: str
    words: str


@dataclass(frozen=True)
class PartOf:
    """A known part of an estimated whole, on a bar 320 units wide."""

    ours_width: float
    low_x: float
    high_x: float
    middle_x: float | None
    ours_label: str
    ours_label_x: float
    ours_anchor: str
    low_label: str
    low_label_x: float
    high_label: str
    high_label_x: float
    words: str
    width: int = 320

    @property
    def doubt_width(self) -> float:
        """Width of the part between the low and the high estimate."""
        return round(self.high_x - self.low_x, 2)


@dataclass(frozen=True)
class Position:
    """Where a value stands among edges: ticks, dot and the tail from before, in per cent."""

    ticks: Sequence[float]
    x: float
    tail_start: float | None
    tail_width: float
    words: str

    @property
    def tail_end(self) -> float:
        """Right end of the tail."""
        return round((self.tail_start or 0.0) + self.tail_width, 2)


def _ticks(scale: Scale, values: Sequence[float], words: Sequence[str]) -> list[AxisTick]:
    last = len(values) - 1
    return [
        AxisTick(scale(value), word, "start" if place == 0 else "end" if place == last else "middle")
        for place, (value, word) in enumerate(zip(values, words, strict=True))
    ]


def share_axis() -> Axis:
    """0 to 100 per cent with lines at the quarters, even marked; in a column of a table only ends and middle have room for words."""
    values = (0.0, 0.25, 0.5, 0.75, 1.0)
    scale = Scale(0, 1, 0, 100)
    words = [percent(value) if value in (0, 0.5, 1) else "" for value in values]
    return Axis(0, 1, _ticks(scale, values, words), scale(0.5))


def axis(low: Value, high: Value, *, reference: Value | None = 0) -> Axis:
    """Return an axis with round marks from at or below *low* to at or above *high*; zero is on it."""
    values = nice_ticks(clean(low), clean(high), whole=False)
    scale = Scale(values[0], values[-1], 0, 100)
    places = 0 if all(value == round(value) for value in values) else 2
    words = [signed_text(value, places) for value in values]
    at = None if reference is None else scale(clean(reference))
    return Axis(values[0], values[-1], _ticks(scale, values, words), at)


def interval(
    on: Axis,
    *,
    estimate: Value | None,
    low: Value | None,
    high: Value | None,
    state: str = "us",
    words: str = "",
) -> Interval:
    """One estimate with its range on *on*. Without numbers an empty row with the axis' lines.

    *words* is what a screen reader says; empty when the numbers stand in the next cell.
    """
    if state not in STATES:
        message = f"No range state {state!r}; there are {sorted(STATES)}."
        raise ValueError(message)
    if low is None or high is None:
        return Interval(on, None, 0, 0, state, words)
    start, end = sorted((on.at(low), on.at(high)))
    x = None if estimate is None else on.at(estimate)
    return Interval(on, x, start, round(end - start, 2), state, words)


def _apart(low: float, low_words: str, high: float, high_words: str, width: int) -> tuple[float, float]:
    """Return where the words of both ends end, so that neither leaves the drawing nor covers the other."""
    wide = text_width(high_words)
    high_x = min(float(width), max(high + wide * 0.3, wide))
    low_x = max(min(low + 4, high_x - wide - 10), text_width(low_words))
    if high_x - wide - 6 < low_x:
        high_x = min(float(width), low_x + 10 + wide)
    return low_x, high_x


def part_of(
    *,
    words: str,
    ours: Value,
    low: Value,
    high: Value,
    estimate: Value | None = None,
    currency: Currency = None,
    width: int = 320,
) -> PartOf:
    """Return *ours* against the *low*–*high* estimate of the whole; *words* say it to a screen reader.

    Estimates below ours (out of date) are drawn as they are; the amounts stay honest in the label.
    """
    low, high = min(clean(low), clean(high)), max(clean(low), clean(high))
    own = max(0.0, clean(ours))
    top = max(high, own, 1.0) * 1.07
    scale = Scale(0, top, 0, width)
    low_words, high_words = f"low {money_short(low, currency)}", f"high {money_short(high, currency)}"
    low_x, high_x = _apart(scale(low), low_words, scale(high), high_words, width)
    label = f"{money_short(ours, currency)} ours"
    inside = scale(own) >= text_width(label)
    return PartOf(
        ours_width=scale(own),
        low_x=scale(low),
        high_x=scale(high),
        middle_x=None if estimate is None else scale(clean(estimate)),
        ours_label=label,
        ours_label_x=scale(own) if inside else 0.0,
        ours_anchor="end" if inside else "start",
        low_label=low_words,
        low_label_x=round(low_x, 2),
        high_label=high_words,
        high_label_x=round(high_x, 2),
        words=words,
        width=width,
    )


def position(value: Value, *, edges: Sequence[Value], words: str, before: Value | None = None) -> Position:
    """Return where *value* stands among *edges*, and where *before* did; *words* say it to a screen reader.

    The axis ends half as far again as the last edge. All rows with the same edges have the same axis; a value
    beyond its end sits at the end.
    """
    marks = sorted(clean(edge) for edge in edges)
    top = (marks[-1] if marks else max(1.0, clean(value))) * 1.5
    scale = Scale(0, top, 0, 100)
    now = scale(clean(value))
    tail = None if before is None else scale(clean(before))
    return Position(
        ticks=[scale(mark) for mark in marks],
        x=now,
        tail_start=None if tail is None else min(tail, now),
        tail_width=0.0 if tail is None else round(abs(now - tail), 2),
        words=words,
    )
