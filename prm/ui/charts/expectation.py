"""What came in each month beside what was expected, and what is expected beside what people entered.

Past and future share no mark: came is solid, so far hatched, expected then a grey range, expected now a range in colour,
entered by people an outline with a line at its weighted part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from prm.ui.charts.scale import Scale, clean, nice_ticks, unique_id
from prm.ui.formatting import Currency, money_range, money_short

WIDTH, HEIGHT, LEFT, FOOT, TOP = 1040, 250, 56, 24, 18
BAR = 30
Ends = tuple[float, float, float]
"""Low, middle and high."""


class ExpectedMonth(NamedTuple):
    """One month; `came` is None for months ahead, `budgets` for past ones."""

    month: date
    came: Decimal | None
    then: Ends | None
    now: Ends | None
    budgets: Decimal | None
    weighted: Decimal


class Bar(NamedTuple):
    """A rectangle: kind (came, sofar, budget), and where."""

    kind: str
    x: float
    x2: float
    y: float
    height: float
    label: str
    line_y: float | None


class Capsule(NamedTuple):
    """A range: kind (then, now), and where."""

    kind: str
    x: float
    y: float
    height: float
    middle: float


@dataclass(frozen=True)
class Expectation:
    """The drawing, in units of its view box, with its table."""

    id: str
    words: str
    ticks: Sequence[tuple[float, str]]
    labels: Sequence[tuple[float, str]]
    bars: Sequence[Bar]
    capsules: Sequence[Capsule]
    divide: float
    rows: Sequence[tuple[str, str, str, str, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = field(default=HEIGHT - FOOT)


def expectation(months: Sequence[ExpectedMonth], *, currency: Currency) -> Expectation:
    """Draw months in their order; those that came first, the last of them running."""
    top = max([1.0, *(value for one in months for value in _values(one))])
    marks = nice_ticks(0, top)
    scale = Scale(0, marks[-1], HEIGHT - FOOT, TOP)
    room = (WIDTH - LEFT) / max(1, len(months))
    past = sum(one.came is not None for one in months)
    bars, capsules = [], []
    for at, one in enumerate(months):
        middle = LEFT + (at + 0.5) * room
        bars.append(_bar(one, middle - BAR, scale, currency, running=at == past - 1))
        ends, kind = (one.now, "now") if one.came is None else (one.then, "then")
        if ends is not None:
            low, mid, high = (scale(value) for value in ends)
            capsules.append(Capsule(kind, round(middle + 16, 1), high, round(max(2.0, low - high), 1), mid))
    return Expectation(
        id=unique_id(),
        words=_words(months, currency),
        ticks=[(scale(mark), money_short(mark, currency)) for mark in marks],
        labels=[
            (round(LEFT + (at + 0.5) * room, 1), _label(one, at == past - 1)) for at, one in enumerate(months)
        ],
        bars=bars,
        capsules=capsules,
        divide=round(LEFT + past * room, 1),
        rows=[_row(one, currency) for one in months],
    )


def _values(one: ExpectedMonth) -> list[float]:
    ends = [*(one.then or ()), *(one.now or ())]
    return [*ends, clean(one.came), clean(one.budgets)]


def _bar(one: ExpectedMonth, x: float, scale: Scale, currency: Currency, *, running: bool) -> Bar:
    value = clean(one.came if one.came is not None else one.budgets)
    kind = "budget" if one.came is None else ("sofar" if running else "came")
    y = scale(value)
    label = money_short(one.came, currency) if one.came else ""
    line = scale(clean(one.weighted)) if kind == "budget" and value else None
    return Bar(kind, round(x, 1), round(x + BAR, 1), y, round(HEIGHT - FOOT - y, 1), label, line)


def _label(one: ExpectedMonth, running: bool) -> str:
    name = f"{one.month:%b %Y}" if one.month.month == 1 else f"{one.month:%b}"
    return f"{name} so far" if running else name


def _row(one: ExpectedMonth, currency: Currency) -> tuple[str, str, str, str, str]:
    ends = one.then if one.came is not None else one.now
    told = money_range(ends[0], ends[2], currency) if ends else "–"
    is_past = one.came is not None
    return (
        f"{one.month:%b %Y}",
        money_short(one.came, currency),
        told,
        "–" if is_past else money_short(one.budgets, currency),
        "–" if is_past else money_short(one.weighted, currency),
    )


def _words(months: Sequence[ExpectedMonth], currency: Currency) -> str:
    ahead = next((one for one in months if one.came is None and one.now), None)
    if ahead is None or ahead.now is None:
        return "What came by month, and what budgets say of the months ahead."
    return f"What came and what is expected by month; {ahead.month:%B}: {money_range(ahead.now[0], ahead.now[2], currency)}."
