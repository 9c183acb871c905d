"""A ratio over a few periods with its interval, small enough for a table cell or one of many side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from prm.ui.charts.scale import Scale


class Period(NamedTuple):
    """One period: the ratio and the ends of its interval, 0 to 1; `ratio` None without a case; `few` draws it dashed."""

    ratio: float | None
    low: float
    high: float
    few: bool


def quarters(
    periods: Sequence[Period], *, width: int = 136, height: int = 24, state: str = "none", words: str = ""
) -> SafeString:
    """Draw each period as an upright range with a dot, even as a dashed line; oldest first.

    Where every period has cases enough they are joined: a band with a line in it. The last one takes the colour of
    `state` (us, them, none), since it is what the reader asks about.
    """
    scale = Scale(0, 1, height - 1, 1)
    step = width / max(1, len(periods))
    places = [round((at + 0.5) * step, 1) for at in range(len(periods))]
    is_whole = bool(periods) and all(one.ratio is not None and not one.few for one in periods)
    drawn = _band(periods, places, scale) if is_whole else SafeString("")
    shapes = format_html_join(
        "", "{}", ((_shape(*row),) for row in _rows(periods, places, scale, state, is_whole))
    )
    return format_html(
        '<svg class="prm-quarters" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">'
        '<line class="prm-refline" x1="0" x2="{0}" y1="{3}" y2="{3}"/>{4}{5}</svg>',
        width, height, words, _text(scale(0.5)), drawn, shapes,
    )  # fmt: skip


def _text(value: float) -> str:
    return f"{round(value, 1):g}"


def _band(periods: Sequence[Period], places: Sequence[float], scale: Scale) -> SafeString:
    upper = [f"{x:g},{_text(scale(one.high))}" for x, one in zip(places, periods, strict=True)]
    lower = [f"{x:g},{_text(scale(one.low))}" for x, one in zip(places, periods, strict=True)]
    line = [f"{x:g},{_text(scale(one.ratio or 0))}" for x, one in zip(places, periods, strict=True)]
    return format_html(
        '<polygon class="prm-range-us" points="{}"/><polyline class="prm-quarters-line" points="{}"/>',
        " ".join((*upper, *reversed(lower))), " ".join(line),
    )  # fmt: skip


def _rows(
    periods: Sequence[Period], places: Sequence[float], scale: Scale, state: str, is_whole: bool
) -> list[tuple[float, Period, Scale, str, bool]]:
    last = len(periods) - 1
    return [
        (x, one, scale, state if at == last else ("us" if is_whole else "none"), is_whole)
        for at, (x, one) in enumerate(zip(places, periods, strict=True))
        if one.ratio is not None
    ]


def _shape(x: float, one: Period, scale: Scale, state: str, is_whole: bool) -> SafeString:
    kind = "unknown" if one.few else state
    top, bottom = scale(one.high), scale(one.low)
    range_ = SafeString("")
    if not is_whole:
        range_ = format_html(
            '<rect class="prm-range-{}" x="{}" y="{}" width="6" height="{}" rx="3"/>',
            kind if one.few else "none", _text(x - 3), _text(top), _text(max(2.0, bottom - top)),
        )  # fmt: skip
    return format_html(
        '{}<circle class="prm-est-{}" cx="{}" cy="{}" r="3"/>',
        range_,
        kind,
        _text(x),
        _text(scale(one.ratio or 0)),
    )
