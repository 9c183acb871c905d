"""Sparkline: twelve months in a table cell, from zero, the last month strong."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from prm.ui.charts.scale import Scale, clean
from prm.ui.components import EMPTY

WIDTH, HEIGHT = 78, 20


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
    room = WIDTH / len(numbers)
    drawn = [
        _bar(place * room, max(1.0, room - 1), scale(0), scale(value)) for place, value in enumerate(numbers)
    ]
    # Two shapes, not twelve: a list has one in every row.
    return format_html(
        '<path class="prm-spark-bar" d="{}"/><path class="prm-spark-now" d="{}"/>',
        "".join(drawn[:-1]),
        drawn[-1],
    )


def _bar(left: float, width: float, zero: float, end: float) -> str:
    """Return the path of one bar. A month with nothing keeps a hair, so that the rhythm of months stays visible."""
    top, height = min(zero, end), max(0.75, abs(zero - end))
    return (
        f"M{round(left, 2):g} {round(top, 2):g}h{round(width, 2):g}v{round(height, 2):g}H{round(left, 2):g}z"
    )


def _line(numbers: Sequence[float], scale: Scale) -> SafeString:
    step = (WIDTH - 6) / max(1, len(numbers) - 1)
    points = [(round(place * step + 1, 2), scale(value)) for place, value in enumerate(numbers)]
    return format_html(
        '<polyline class="prm-spark-line" fill="none" points="{}"/>'
        '<circle class="prm-spark-end" cx="{}" cy="{}" r="2"/>',
        " ".join(f"{x},{y}" for x, y in points),
        *points[-1],
    )
