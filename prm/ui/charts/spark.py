"""Sparkline: twelve months in a table cell, from zero, the last month strong."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from prm.ui.charts.scale import Scale, clean
from prm.ui.components import EMPTY

WIDTH, HEIGHT = 78, 20
# So many values are drawn as wide as the style sheet says (.prm-spark-bar).
USUAL = 12


def spark(
    values: Sequence[Decimal | float | int | None], *, kind: str = "bars", label: str = ""
) -> SafeString:
    """Small bars (counts) or a line (trend), oldest first.

    *label* makes it an image with that name and the last value; without one it is decorative.
    """
    numbers = [clean(value) for value in values]
    if not numbers:
        return EMPTY
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    scale = Scale(low, high, HEIGHT - 1, 1) if high > low else Scale(0, 1, HEIGHT - 1, 1)
    shapes = _line(numbers, scale) if kind == "line" else _bars(numbers, scale)
    name = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="prm-spark" width="{}" height="{}" viewBox="0 0 {} {}" {}>{}</svg>',
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        name if label else SafeString(name),  # nosec B703 # a constant
        shapes,
    )


def _bars(numbers: Sequence[float], scale: Scale) -> SafeString:
    if not any(numbers):
        return format_html(
            '<path class="prm-spark-bar" d="M0 {}H{}" stroke-width="0.8"/>', HEIGHT - 1.4, WIDTH
        )
    room = WIDTH / len(numbers)
    drawn = [_bar((place + 0.5) * room, scale(0), scale(value)) for place, value in enumerate(numbers)]
    # Two shapes, not twelve, and lines as wide as bars: a list has a drawing in every row.
    width = (
        SafeString("")
        if len(numbers) == USUAL
        else format_html(' stroke-width="{}"', f"{max(1.0, round(room - 1, 2)):g}")
    )
    return format_html(
        '<path class="prm-spark-bar"{0} d="{1}"/><path class="prm-spark-now"{0} d="{2}"/>',
        width,
        "".join(drawn[:-1]),
        drawn[-1],
    )


def _bar(middle: float, zero: float, end: float) -> str:
    """Return the path of one bar. A month with nothing keeps a hair, so that the rhythm of months stays visible."""
    if abs(zero - end) < 0.75:
        end = zero - 0.75
    return f"M{round(middle, 1):g} {round(zero, 1):g}V{round(end, 1):g}"


def _line(numbers: Sequence[float], scale: Scale) -> SafeString:
    step = (WIDTH - 6) / max(1, len(numbers) - 1)
    points = [(round(place * step + 1, 2), scale(value)) for place, value in enumerate(numbers)]
    return format_html(
        '<polyline class="prm-spark-line" fill="none" points="{}"/>'
        '<circle class="prm-spark-end" cx="{}" cy="{}" r="2"/>',
        " ".join(f"{x},{y}" for x, y in points),
        *points[-1],
    )
