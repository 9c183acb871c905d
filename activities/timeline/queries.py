"""A partner's story, newest first, of whatever the apps tell in their `timeline_entries.py`.

Each source is read with one query for a page, so that the cost does not grow with the story.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from partners.directory.models import Partner
from partners.directory.timeline import Entry, MayChange, TimelineSource
from prm.core import registry
from prm.ui.parts import Item

_sources: dict[str, TimelineSource] = {}


def register(sources: Sequence[TimelineSource]) -> None:
    """Add sources; the same key twice is a mistake in the code and raises ValueError."""
    registry.add(_sources, sources, "sources of the timeline")


@dataclass(frozen=True, slots=True)
class Story:
    """One page of a partner's story and how long the whole is."""

    items: Sequence[Item]
    total: int


def story(partner: Partner, may_change: MayChange, *, start: int, length: int) -> Story:
    """Return `length` items from `start` on (0 is the newest) and the number of all."""
    told = entries(partner, may_change, most=start + length)[start:]
    return Story([entry.item for entry in told], total(partner))


def total(partner: Partner) -> int:
    """Return how long the whole story is."""
    return sum(source.count(partner) for source in _sources.values())


def entries(partner: Partner, may_change: MayChange, *, most: int) -> list[Entry]:
    """Return the newest `most` entries, each with its moment."""
    sources = sorted(_sources.values(), key=lambda source: source.order)
    told = [entry for source in sources for entry in source.entries(partner, may_change, most)]
    told.sort(key=lambda entry: entry.at, reverse=True)
    return told[:most]
