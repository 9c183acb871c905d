"""What other apps put on a partner's page and on a partner's own first page.

An app adds by a module `partner_page.py` with a list `PARTS`; it is found when the apps are ready. This
app knows orders and tiers only; who knows visits says here where they go.
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
class Action:
    """A form about the partner, opened in the sheet by a button (primary) or an entry of the menu.

    key: the letter that opens it.
    """

    label: str
    icon: str
    url: str
    key: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Fragment:
    """Part of the page that is loaded by itself, when the rest stands."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above the figures' reasons that somebody has to know to read them, and where it leads to."""

    words: str
    link: str
    url: str


def _no_figures(partner: Partner, on: date) -> Sequence[Figure]:
    return ()


def _no_marks(partner: Partner, first: date, last: date) -> Marks:
    return Marks()


def _no_actions(partner: Partner) -> Sequence[Action]:
    return ()


def _no_fragments(partner: Partner) -> Sequence[Fragment]:
    return ()


def _no_notices(partner: Partner) -> Sequence[Notice]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """What one app contributes.

    figures: for the strip, as of a day. marks: for the chart, from the first to the last day given.
    notices: what the figures leave out. actions and fragments: for the page. own_fragments: for what the partner sees when signed in. Each
    costs a fixed number of queries, whatever the partner's past.
    """

    key: str
    figures: Callable[[Partner, date], Sequence[Figure]] = _no_figures
    marks: Callable[[Partner, date, date], Marks] = _no_marks
    notices: Callable[[Partner], Sequence[Notice]] = _no_notices
    actions: Callable[[Partner], Sequence[Action]] = _no_actions
    fragments: Callable[[Partner], Sequence[Fragment]] = _no_fragments
    own_fragments: Callable[[Partner], Sequence[Fragment]] = _no_fragments


_registry: dict[str, PagePart] = {}


def register(parts: Sequence[PagePart]) -> None:
    """Add parts; the same key twice is a mistake in the code and raises ValueError."""
    registry.add(_registry, parts, "parts of the partner page")


def _parts() -> list[PagePart]:
    return [_registry[key] for key in sorted(_registry)]


def figures(partner: Partner, on: date) -> list[Figure]:
    """Collect every app's figures of one partner."""
    return [figure for part in _parts() for figure in part.figures(partner, on)]


def marks(partner: Partner, first: date, last: date) -> Marks:
    """Collect every app's marks of one partner, in the order of their days."""
    all_marks = [part.marks(partner, first, last) for part in _parts()]
    return Marks(
        dots=sorted((dot for marks in all_marks for dot in marks.dots), key=lambda dot: dot.when),
        events=sorted((event for marks in all_marks for event in marks.events), key=lambda event: event.when),
        key=[pair for marks in all_marks for pair in marks.key],
    )


def notices(partner: Partner) -> list[Notice]:
    """Collect what every app's figures leave out."""
    return [notice for part in _parts() for notice in part.notices(partner)]


def actions(partner: Partner) -> list[Action]:
    """Collect every app's actions."""
    return [action for part in _parts() for action in part.actions(partner)]


def fragments(partner: Partner) -> list[Fragment]:
    """Collect what every app loads into the partner's page."""
    return [fragment for part in _parts() for fragment in part.fragments(partner)]


def own_fragments(partner: Partner) -> list[Fragment]:
    """Collect what every app loads into the partner's own first page."""
    return [fragment for part in _parts() for fragment in part.own_fragments(partner)]
