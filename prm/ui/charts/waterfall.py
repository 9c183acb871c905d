"""Waterfall of a total: every bar starts where the last ended.

Points gained since the month before are teal at the bar's end, lost ones a dashed outline after
it. It is a real table; only the bars are drawn, so rows may grow and reasons may wrap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from prm.ui.charts.scale import Scale, apportion, clean

GRID_STEP = 20
NARROWEST = 40


@dataclass(frozen=True)
class Part:
    """One part of the total.

    ``points`` of at most ``most``; ``change`` against the month before (None = not known);
    ``points`` None = cannot tell yet: no bar, no points.
    """

    name: str
    points: Decimal | float | int | None
    most: Decimal | float | int
    change: Decimal | float | int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Fall:
    """A drawn row; positions in per cent of the bars' column."""

    name: str
    reason: str
    points: int | None
    most: int
    change: int | None
    start: float
    kept: float
    gained: float
    lost: float

    @property
    def gained_at(self) -> float:
        """Where the gained part begins."""
        return round(self.start + self.kept, 2)

    @property
    def lost_at(self) -> float:
        """Where the lost part begins: right after the bar."""
        return round(self.start + self.kept + self.gained, 2)


@dataclass(frozen=True)
class Tick:
    """A grid line, in per cent; the label may be empty."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True)
class Waterfall:
    """What `{% waterfall %}` draws."""

    rows: Sequence[Fall]
    noun: str
    total: int
    total_width: float
    change: int | None
    most: int
    ticks: Sequence[Tick]
    previous_month: str
    next_step: str

    @property
    def before(self) -> int | None:
        """The total of the month before, when every change is known."""
        return None if self.change is None else self.total - self.change

    @property
    def key(self) -> list[tuple[str, str]]:
        """The legend: only what is drawn."""
        since = f" since {self.previous_month}" if self.previous_month else ""
        gained = any(row.gained for row in self.rows)
        lost = any(row.lost for row in self.rows)
        return [("teal", f"gained{'' if lost else since}")] * gained + [("lost", f"lost{since}")] * lost


def waterfall(
    parts: Sequence[Part],
    *,
    noun: str,
    previous_month: str = "",
    next_step: str = "",
    total: Decimal | float | None = None,
    before: Decimal | float | None = None,
) -> Waterfall:
    """Return bars, points and changes of *parts*, in their order; *noun* is what they add up to.

    Shown points add up to the shown total, shown changes to the shown change (largest remainder).
    *total* and *before* are the totals as stored, for when they were rounded elsewhere; default:
    the sums.
    """
    points = [max(0.0, clean(one.points)) for one in parts]
    changes = [clean(one.change) for one in parts]
    shown = _whole(total if total is not None else sum(points))
    change = _total_change(parts, changes, shown, before)
    shown_points = apportion(points, _whole(sum(points)) if total is None else shown)
    shown_changes = apportion(changes, _whole(sum(changes)) if change is None else change)
    top = _top(points, changes)
    return Waterfall(
        rows=_rows(parts, points, changes, shown_points, shown_changes, top),
        noun=noun,
        total=shown,
        total_width=Scale(0, top, 0, 100)(shown),
        change=change,
        most=_whole(sum(clean(one.most) for one in parts)),
        ticks=_ticks(top),
        previous_month=previous_month,
        next_step=next_step,
    )


def _whole(value: Decimal | float) -> int:
    return int(Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _total_change(
    parts: Sequence[Part],
    changes: Sequence[float],
    total: int,
    before: Decimal | float | None,
) -> int | None:
    if before is not None:
        return total - _whole(before)
    if not parts or any(one.change is None for one in parts):
        return None
    return _whole(sum(changes))


def _top(points: Sequence[float], changes: Sequence[float]) -> int:
    """End of the axis: the next multiple of 20 that holds every bar and every lost part."""
    furthest = end = 0.0
    for value, change in zip(points, changes, strict=True):
        end += value
        furthest = max(furthest, end + max(0.0, -change))
    steps = -(-furthest // GRID_STEP)
    return max(NARROWEST, int(steps) * GRID_STEP)


def _ticks(top: int) -> list[Tick]:
    every = 2 * GRID_STEP if top > 3 * GRID_STEP else GRID_STEP
    scale = Scale(0, top, 0, 100)
    return [
        Tick(
            scale(value),
            str(value) if value % every == 0 else "",
            "start" if value == 0 else "end" if value == top else "middle",
        )
        for value in range(0, top + 1, GRID_STEP)
    ]


def _rows(
    parts: Sequence[Part],
    points: Sequence[float],
    changes: Sequence[float],
    shown_points: Sequence[int],
    shown_changes: Sequence[int],
    top: int,
) -> list[Fall]:
    scale = Scale(0, top, 0, 100)
    rows, start = [], 0.0
    for place, one in enumerate(parts):
        gained = min(points[place], max(0.0, changes[place]))
        rows.append(
            Fall(
                name=one.name,
                reason=one.reason,
                points=None if one.points is None else shown_points[place],
                most=_whole(clean(one.most)),
                change=None if one.change is None else shown_changes[place],
                start=scale(start),
                kept=scale(points[place] - gained),
                gained=scale(gained),
                lost=scale(max(0.0, -changes[place])),
            )
        )
        start += points[place]
    return rows
