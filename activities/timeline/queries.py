"""A partner's story, newest first, of whatever the apps tell in their `timeline_entries.py`.

Each source is read with one query for a page, so that the cost does not grow with the story.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from partners.directory.models import Partner
from partners.directory.timeline import MayChange, TimelineSource
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
    sources = sorted(_sources.values(), key=lambda source: source.order)
    entries = [entry for source in sources for entry in source.entries(partner, may_change, start + length)]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    total = sum(source.count(partner) for source in sources)
    return Story([entry.item for entry in entries[start : start + length]], total)
