"""A line over equal periods, with gaps where nothing is known, a dashed target, and its highest point named.

Small: four of them stand beside each other under the figures of a page. The table behind has every period.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prm.ui.charts.scale import Scale, clean, text_width, unique_id
from prm.ui.formatting import number

WIDTH, HEIGHT = 260, 64
TOP, FOOT = 18, 3
Value = float | int | None


@dataclass(frozen=True)
class Trend:
    """The drawn line: `lines` are the points of its unbroken parts, `dots` single periods between gaps."""

    id: str
    title: str
    words: str
    lines: Sequence[str]
    dots: Sequence[tuple[float, float]]
    base: float
    target_y: float | None
    target: str
    peak: str
    peak_x: float
    peak_y: float
    anchor: str
    rows: Sequence[tuple[str, str]]
    width: int = WIDTH
    height: int = HEIGHT


def trend(
    title: str,
    periods: Sequence[str],
    values: Sequence[Value],
    *,
    target: Value = None,
    target_words: str = "",
    show: Callable[[float], str] = number,
) -> Trend:
    """Return a line from zero; `None` is a gap. `show` writes a value, `target_words` stand at the dashed line.

    Raises ValueError when periods and values are not as many.
    """
    if len(periods) != len(values):
        message = f"{len(periods)} periods and {len(values)} values."
        raise ValueError(message)
    known = [(place, clean(value)) for place, value in enumerate(values) if value is not None]
    most = max((value for _, value in known), default=0.0)
    high = max(most, clean(target)) or 1.0
    across = Scale(0, max(1, len(values) - 1), 1, WIDTH - 1)
    up = Scale(0, high, HEIGHT - FOOT, TOP)
    at = max((place for place, value in known if value == most), default=0)
    parts = _parts(known)
    peak = f"{show(most)}, {periods[at]}" if known and most > 0 else ""
    return Trend(
        id=unique_id(),
        title=title,
        words=_words(title, known, periods, show),
        lines=[" ".join(f"{across(x)},{up(y)}" for x, y in part) for part in parts if len(part) > 1],
        dots=[(across(part[0][0]), up(part[0][1])) for part in parts if len(part) == 1],
        base=HEIGHT - FOOT,
        target_y=None if target is None else up(clean(target)),
        target=target_words,
        peak=peak,
        peak_x=_label_at(across(at), peak),
        peak_y=max(10.0, up(most) - 5),
        anchor="middle",
        rows=[
            (period, "–" if value is None else show(clean(value)))
            for period, value in zip(periods, values, strict=True)
        ],
    )


def _label_at(x: float, words: str) -> float:
    """Return where the middle of a label is, so that it stays within the drawing."""
    half = text_width(words) / 2
    return round(min(max(x, half), WIDTH - half), 2)


def _parts(known: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    parts: list[list[tuple[int, float]]] = []
    for place, value in known:
        if parts and parts[-1][-1][0] == place - 1:
            parts[-1].append((place, value))
        else:
            parts.append([(place, value)])
    return parts


def _words(
    title: str, known: Sequence[tuple[int, float]], periods: Sequence[str], show: Callable[[float], str]
) -> str:
    if not known:
        return f"{title}: nothing is known yet."
    place, last = known[-1]
    at, most = max(known, key=lambda one: one[1])
    return f"{title}: {show(last)} at the end ({periods[place]}), at most {show(most)} ({periods[at]})."
