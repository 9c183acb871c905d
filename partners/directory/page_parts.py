"""The registry of what other apps put on a partner's page: figures of its strip, marks of its chart.

An app adds to the page by a module `partner_page.py` with a list `PARTS`; it is found when the apps
are ready. This app knows orders and tiers only; who knows visits says here where they go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from partners.directory.models import Partner
from prm.core import registry
from prm.ui import charts
from prm.ui.parts import Figure


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands around the bars of the chart, and the words of its key ((kind, words) pairs)."""

    dots: Sequence[charts.Dot] = ()
    events: Sequence[charts.Event] = ()
    key: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class PagePart:
    """What one app contributes.

    figures: for the strip, as of a day. marks: for the chart, from the first to the last day given.
    Each costs a fixed number of queries, whatever the partner's past.
    """

    key: str
    figures: Callable[[Partner, date], Sequence[Figure]]
    marks: Callable[[Partner, date, date], Marks]


_registry: dict[str, PagePart] = {}


def register(parts: Sequence[PagePart]) -> None:
    """Add parts; the same key twice is a mistake in the code and raises ValueError."""
    registry.add(_registry, parts, "parts of the partner page")


def figures(partner: Partner, on: date) -> list[Figure]:
    """Collect every app's figures of one partner."""
    return [figure for key in sorted(_registry) for figure in _registry[key].figures(partner, on)]


def marks(partner: Partner, first: date, last: date) -> Marks:
    """Collect every app's marks of one partner, in the order of their days."""
    found = [_registry[key].marks(partner, first, last) for key in sorted(_registry)]
    return Marks(
        dots=sorted((dot for one in found for dot in one.dots), key=lambda dot: dot.when),
        events=sorted((event for one in found for event in one.events), key=lambda event: event.when),
        key=[pair for one in found for pair in one.key],
    )
