"""Charts: geometry from plain data; the templates in templates/components/charts draw it.

Nothing here knows a model or writes markup, except the small sparkline. All positions are in the
SVG's own units or in per cent of its width.
"""

from prm.ui.charts.bars import BarChart, Dot, Event, Line, Series, labelled_bars, month_bars
from prm.ui.charts.expectation import Expectation, ExpectedMonth, expectation
from prm.ui.charts.quarters import Period, quarters
from prm.ui.charts.ranges import (
    Axis,
    Interval,
    PartOf,
    Position,
    axis,
    interval,
    part_of,
    position,
    share_axis,
)
from prm.ui.charts.spark import spark
from prm.ui.charts.trend import Trend, trend
from prm.ui.charts.waterfall import Part, Waterfall, waterfall

__all__ = [
    "Axis",
    "BarChart",
    "Dot",
    "Event",
    "Expectation",
    "ExpectedMonth",
    "Interval",
    "Line",
    "Part",
    "PartOf",
    "Period",
    "Position",
    "Series",
    "Trend",
    "Waterfall",
    "axis",
    "expectation",
    "interval",
    "labelled_bars",
    "month_bars",
    "part_of",
    "position",
    "quarters",
    "share_axis",
    "spark",
    "trend",
    "waterfall",
]
