"""Charts: geometry from plain data; the templates in templates/components/charts draw it.

Nothing here knows a model or writes markup, except the small sparkline. All positions are in the
SVG's own units or in per cent of its width.
"""

from prm.ui.charts.bars import BarChart, Dot, Event, Line, Series, labelled_bars, month_bars
from prm.ui.charts.ranges import (
    Axis,
    Band,
    Headroom,
    Interval,
    axis,
    band_position,
    headroom,
    interval,
    share_axis,
)
from prm.ui.charts.spark import spark
from prm.ui.charts.waterfall import Component, Waterfall, waterfall

__all__ = [
    "Axis",
    "Band",
    "BarChart",
    "Component",
    "Dot",
    "Event",
    "Headroom",
    "Interval",
    "Line",
    "Series",
    "Waterfall",
    "axis",
    "band_position",
    "headroom",
    "interval",
    "labelled_bars",
    "month_bars",
    "share_axis",
    "spark",
    "waterfall",
]
