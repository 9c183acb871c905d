"""What an app tells of a partner's past: the shape of its entries on the timeline.

An app adds to the story by a module `timeline_entries.py` with a list `ENTRIES` of these sources; the
timeline (of the activities) finds them when the apps are ready. Each is read with one query for a page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from partners.directory.models import Partner
from prm.core import calendar
from prm.tenancy.context import current_tenant
from prm.ui import formatting
from prm.ui.parts import Item

MayChange = Callable[[UUID | None], bool]
"""Whether the viewer may change what a member has logged."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A timeline item with the moment it is sorted by."""

    at: datetime
    item: Item


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """One kind of entry.

    `entries(partner, may_change, most)` gives the newest `most` entries, newest first, `count(partner)` how
    many there are. Of entries of the same moment those of the lower `order` stand first.
    """

    key: str
    order: int
    entries: Callable[[Partner, MayChange, int], Sequence[Entry]]
    count: Callable[[Partner], int]


def day_words(moment: datetime) -> str:
    """Return the day in the tenant's zone, with its weekday within the last week."""
    day = calendar.local_date(current_tenant(), moment)
    recent = 0 <= (calendar.today(current_tenant()) - day).days < 7
    return formatting.day(day, weekday=recent)


def moment_of(day: date, made: datetime) -> datetime:
    """Return a moment to sort a day by: when it was written, if that was the same day, else its noon."""
    if calendar.local_date(current_tenant(), made) == day:
        return made
    return datetime.combine(day, time(12), ZoneInfo(current_tenant().timezone))
