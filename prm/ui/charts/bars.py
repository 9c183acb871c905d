"""Bars per month (or other periods), stacked where there are several series.

Reversals make negative values: those hang below the zero line. The unfinished month is hatched.
The desk variant shows all periods, the phone variant the last twelve.
"""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from prm.ui.charts.scale import Scale, clean, nice_ticks, text_width, unique_id
from prm.ui.formatting import Currency, day, money, money_short, month, number

Value = Decimal | int | float | None
KINDS = frozenset({"us", "weak", "soft", "mute", "teal", "them", "grey"})
PHONE_PERIODS = 12
LABEL_ROOM = 34  # px that a month's label needs
BAR_PART = 0.7  # of the room of a period


@dataclass(frozen=True)
class Series:
    """One series: its name, a value per period (None = 0), and its kind (colour and outline)."""

    name: str
    values: Sequence[Value]
    kind: str = "us"

    def __post_init__(self) -> None:
        """Refuse a kind that has no colour."""
        if self.kind not in KINDS:
            message = f"No series kind {self.kind!r}; there are {sorted(KINDS)}."
            raise ValueError(message)


@dataclass(frozen=True)
class Dot:
    """A mark in the row under the bars: what happened on its day; filled or hollow."""

    when: date
    filled: bool = True
    label: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened, marked on its day through the height of the chart.

    Kind "event" is news of the competition, "move" a decision of our own.
    """

    when: date
    label: str
    kind: str = "event"


@dataclass(frozen=True)
class Line:
    """A reference value across the chart."""

    value: Value
    label: str


@dataclass(frozen=True)
class Rect:
    """One drawn bar or part of a stack; ``words`` is its tooltip."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    hatched: bool
    words: str


@dataclass(frozen=True)
class Mark:
    """A placed text, dot or line end."""

    x: float
    y: float
    text: str = ""
    anchor: str = "middle"
    filled: bool = True
    words: str = ""
    kind: str = "event"


@dataclass(frozen=True)
class Plot:
    """One variant's drawing. All numbers are px of its own viewBox."""

    uid: str
    variant: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    zero: float
    rects: Sequence[Rect]
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    dots: Sequence[Mark]
    dots_y: float | None
    events: Sequence[Mark]
    lines: Sequence[Mark]


@dataclass(frozen=True)
class BarChart:
    """What `{% month_bars %}` draws: two plots, one sentence, and the table behind them."""

    title: str
    summary: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    events: Sequence[tuple[str, str]]
    desk: Plot
    phone: Plot
    empty: bool
    dots_label: str = ""
    key: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class _Data:
    """The chart's input, made uniform."""

    labels: Sequence[str]
    long_labels: Sequence[str]
    series: Sequence[Series]
    months: Sequence[date] = ()
    hatch_last: bool = False
    strong_last: int = 0
    dots: Sequence[Dot] = ()
    events: Sequence[Event] = ()
    lines: Sequence[Line] = ()
    words: Callable[[Value], str] = number
    axis_words: Callable[[Value], str] = number
    whole: bool = True

    def last(self, periods: int) -> "_Data":
        """Return the same with only the last *periods*."""
        cut = max(0, len(self.labels) - periods)
        return _Data(
            self.labels[cut:],
            self.long_labels[cut:],
            [Series(one.name, one.values[cut:], one.kind) for one in self.series],
            self.months[cut:],
            self.hatch_last,
            self.strong_last,
            self.dots,
            self.events,
            self.lines,
            self.words,
            self.axis_words,
            self.whole,
        )


@dataclass(frozen=True)
class _Frame:
    """Room of a variant in px."""

    variant: str
    width: int
    bars_height: int
    left: int
    event_room: int = 22
    label_room: int = 22
    dots_room: int = 44
    right: int = 2


_DESK = _Frame("desk", 672, 160, 34)
_PHONE = _Frame("phone", 328, 120, 34)


def month_bars(  # noqa: PLR0913  # the parts of a chart, most of them optional
    *,
    title: str,
    months: Sequence[date],
    series: Sequence[Series],
    incomplete_last: bool = False,
    dots: Sequence[Dot] = (),
    dots_label: str = "",
    events: Sequence[Event] = (),
    lines: Sequence[Line] = (),
    marks_key: Sequence[tuple[str, str]] = (),
    unit: str = "",
    currency: Currency = None,
) -> BarChart:
    """Bars per calendar month.

    *months* are the firsts of consecutive months, oldest first; every series has as many values.
    *unit* ("orders") is said after numbers; with *currency* the values are money. Dots and events
    outside the months are left out; *marks_key* names their kinds in the legend. Raises ValueError for series of another length.
    """
    data = _Data(
        [month(one, year=False) for one in months],
        [month(one, year=True) for one in months],
        series,
        months,
        incomplete_last,
        0,
        dots,
        events,
        lines,
        *_wording(unit, currency),
    )
    return _chart(title, data, dots_label, marks_key)


def labelled_bars(
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    strong_last: int = 0,
    lines: Sequence[Line] = (),
    unit: str = "",
    currency: Currency = None,
) -> BarChart:
    """Bars for any periods ("Q3", "Q4"); with *strong_last* only the last ones are strong."""
    data = _Data(labels, labels, series, (), False, strong_last, (), (), lines, *_wording(unit, currency))
    return _chart(title, data)


def _wording(unit: str, currency: Currency) -> tuple[Callable[[Value], str], Callable[[Value], str], bool]:
    if currency is not None:
        return (
            lambda value: money(clean(value), currency),
            lambda value: money_short(clean(value), currency),
            True,
        )
    suffix = f" {unit}" if unit else ""
    return lambda value: f"{number(clean(value))}{suffix}", lambda value: number(clean(value)), True


def _chart(
    title: str, data: _Data, dots_label: str = "", marks_key: Sequence[tuple[str, str]] = ()
) -> BarChart:
    for one in data.series:
        if len(one.values) != len(data.labels):
            message = f"Series {one.name!r} has {len(one.values)} values for {len(data.labels)} periods."
            raise ValueError(message)
    columns = ["Month" if data.months else "Period", *(one.name for one in data.series)]
    rows = [[data.long_labels[place], *_cells(data, place)] for place in range(len(data.labels))]
    summary = _summary(title, data)
    if dots_label:
        columns.append(dots_label)
        counts = [sum(_same_month(dot.when, start) for dot in data.dots) for start in data.months]
        for row, count in zip(rows, counts, strict=True):
            row.append(number(count))
        summary = f"{summary} {dots_label}: {number(sum(counts))} in these months."
    return BarChart(
        title=title,
        summary=summary,
        columns=columns,
        rows=rows,
        events=[(day(one.when), one.label) for one in data.events],
        desk=_plot(data, _DESK),
        phone=_plot(data.last(PHONE_PERIODS), _PHONE),
        empty=not any(clean(value) for one in data.series for value in one.values),
        dots_label=dots_label,
        key=[*_key_of(data), *marks_key],
    )


def _cells(data: _Data, place: int) -> list[str]:
    so_far = " so far" if data.hatch_last and place == len(data.labels) - 1 else ""
    return [f"{data.axis_words(one.values[place])}{so_far}" for one in data.series]


def _key_of(data: _Data) -> list[tuple[str, str]]:
    key = [(one.kind, one.name) for one in data.series]
    if data.hatch_last and data.labels and len(data.series) == 1:
        name = calendar.month_name[data.months[-1].month]
        key.append(("hatch", f"{name} so far"))
    return key


def _totals(data: _Data) -> list[float]:
    return [sum(clean(one.values[place]) for one in data.series) for place in range(len(data.labels))]


def _summary(title: str, data: _Data) -> str:
    """Return the result in one sentence, for people who do not see the bars."""
    totals = _totals(data)
    if not any(totals):
        return f"{title}: nothing in these {len(totals)} periods." if totals else f"{title}: no data."
    hatch = data.hatch_last and len(totals) > 1
    whole = totals[:-1] if hatch else totals
    top = max(range(len(whole)), key=lambda place: whole[place])
    sentence = (
        f"{title} from {data.long_labels[0]} to {data.long_labels[-1]}: "
        f"between {data.axis_words(min(whole))} and {data.words(max(whole))}, "
        f"most in {data.long_labels[top]}"
    )
    if hatch:
        sentence += f"; {data.long_labels[-1]} so far {data.words(totals[-1])}"
    return f"{sentence}."


def _same_month(day: date, start: date) -> bool:
    return (day.year, day.month) == (start.year, start.month)


def _extent(data: _Data) -> tuple[float, float]:
    """Lowest and highest end of any stack or reference line."""
    low = high = 0.0
    for place in range(len(data.labels)):
        parts = [clean(one.values[place]) for one in data.series]
        low = min(low, sum(part for part in parts if part < 0))
        high = max(high, sum(part for part in parts if part > 0))
    values = [clean(line.value) for line in data.lines]
    return min([low, *values]), max([high, *values])


def _plot(data: _Data, frame: _Frame) -> Plot:
    ticks = nice_ticks(*_extent(data), whole=data.whole)
    left = max(frame.left, 10 + max(text_width(data.axis_words(tick)) for tick in ticks))
    top = float(frame.event_room if data.events or data.lines else 8)
    bottom = top + frame.bars_height
    right = float(frame.width - frame.right)
    scale = Scale(ticks[0], ticks[-1], bottom, top)
    # Labels of reference lines stand right of the bars, where nothing hides them.
    names = max((text_width(line.label) + 8 for line in data.lines), default=0.0)
    room = (right - names - left) / max(1, len(data.labels))
    labels_y = bottom + 16
    dots_y = labels_y + 22 if data.dots else None
    height = bottom + frame.label_room + (frame.dots_room if data.dots else 0)
    return Plot(
        uid=unique_id(),
        variant=frame.variant,
        width=frame.width,
        height=round(height),
        left=round(left, 2),
        right=right,
        top=top,
        bottom=bottom,
        zero=scale(0),
        rects=_rects(data, scale, left, room),
        ticks=[Mark(round(left - 8, 2), scale(one), data.axis_words(one), "end") for one in ticks],
        labels=_labels(data.labels, left, room, labels_y),
        dots=_dots(data, left, room, dots_y),
        dots_y=dots_y,
        events=_events(data, left, right, room, top),
        lines=_lines(data, scale, right),
    )


def _rects(data: _Data, scale: Scale, left: float, room: float) -> list[Rect]:
    rects = []
    width = round(max(1.0, room * BAR_PART), 2)
    for place in range(len(data.labels)):
        up = down = 0.0
        x = round(left + room * place + (room - width) / 2, 2)
        hatched = data.hatch_last and place == len(data.labels) - 1
        weak = 0 < data.strong_last <= len(data.labels) - 1 - place
        for one in data.series:
            value = clean(one.values[place])
            if not value:
                continue
            start = up if value > 0 else down
            end = start + value
            up, down = (end, down) if value > 0 else (up, end)
            y, height = _span(scale(start), scale(end), stacked=len(data.series) > 1)
            words = f"{data.long_labels[place]}: {one.name} {data.axis_words(one.values[place])}"
            rects.append(
                Rect(
                    x,
                    y,
                    width,
                    height,
                    "weak" if weak else one.kind,
                    hatched and len(data.series) == 1,
                    f"{words} so far" if hatched else words,
                )
            )
    return rects


def _span(one: float, other: float, *, stacked: bool) -> tuple[float, float]:
    """Top and height; parts of a stack leave a gap of 1.5 px, nothing is thinner than 1 px."""
    gap = 1.5 if stacked else 0.0
    top, height = min(one, other), abs(other - one)
    return round(top + gap / 2, 2), round(max(1.0, height - gap), 2)


def _labels(texts: Sequence[str], left: float, room: float, y: float) -> list[Mark]:
    """Every, every second, third … label: as many as fit beside each other."""
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24, 10_000) if step * room >= LABEL_ROOM)
    return [
        Mark(round(left + room * (place + 0.5), 2), y, text)
        for place, text in enumerate(texts)
        if place % step == 0
    ]


def _x_of(day: date, months: Sequence[date], left: float, room: float) -> float | None:
    """Where a day lies among the months; None outside them."""
    for place, start in enumerate(months):
        if _same_month(day, start):
            days = calendar.monthrange(day.year, day.month)[1]
            return round(left + room * (place + (day.day - 0.5) / days), 2)
    return None


def _dots(data: _Data, left: float, room: float, y: float | None) -> list[Mark]:
    if y is None:
        return []
    placed = ((dot, _x_of(dot.when, data.months, left, room)) for dot in data.dots)
    return [
        Mark(x, y, words=f"{day(dot.when)}: {dot.label}", filled=dot.filled)
        for dot, x in placed
        if x is not None
    ]


@dataclass
class _Room:
    """Stretches of a line that labels already take."""

    taken: list[tuple[float, float]] = field(default_factory=list)

    def take(self, start: float, end: float) -> bool:
        """Take the stretch if it is free."""
        if any(start < stop and begin < end for begin, stop in self.taken):
            return False
        self.taken.append((start, end))
        return True


def _events(data: _Data, left: float, right: float, room: float, top: float) -> list[Mark]:
    """Diamonds with their label beside them, left if there is room; touching labels go."""
    marks, line = [], _Room()
    for event in data.events:
        x = _x_of(event.when, data.months, left, room)
        if x is None:
            continue
        width = text_width(event.label) + 12
        anchor = "end" if x - width >= left else "start"
        start, end = (x - width, x) if anchor == "end" else (x, x + width)
        fits = end <= right and line.take(start - 6, end + 6)
        text = event.label if fits else ""
        words = f"{day(event.when)}: {event.label}"
        marks.append(Mark(x, top - 8, text, anchor, words=words, kind=event.kind))
    return marks


def _lines(data: _Data, scale: Scale, right: float) -> list[Mark]:
    return [Mark(right, scale(clean(one.value)), one.label, "end") for one in data.lines]
