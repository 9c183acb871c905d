"""Days and months as the tenant counts them.

A month is written as the date of its first day. Moments are aware; the tenant's IANA time zone
(`tenant.timezone`) decides which day and month a moment falls in.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

from prm.core import clock

MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class HasTimezone(Protocol):
    """Anything that says in which IANA time zone its days begin."""

    timezone: str


def local_date(tenant: HasTimezone, moment: datetime) -> date:
    """Return the tenant's calendar day of an aware moment. Raises `ValueError` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone has no day.")
    return moment.astimezone(ZoneInfo(tenant.timezone)).date()


def day_start(tenant: HasTimezone, day: date) -> datetime:
    """Return the first moment of the tenant's calendar day, in the tenant's zone."""
    return datetime.combine(day, time(), ZoneInfo(tenant.timezone))


def today(tenant: HasTimezone) -> date:
    """Return the tenant's calendar day now."""
    return local_date(tenant, clock.now())


def month_start(day: date) -> date:
    """Return the first day of the month `day` falls in."""
    return day.replace(day=1)


def month_of(tenant: HasTimezone, moment: datetime) -> date:
    """Return the tenant's calendar month of an aware moment."""
    return month_start(local_date(tenant, moment))


def add_months(month: date, count: int) -> date:
    """Return the first day of the month `count` months after (or, negative, before) that of `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """Return how many months `last` is after `first`; negative when before."""
    return (last.year - first.year) * 12 + last.month - first.month


def month_range(first: date, last: date) -> Iterator[date]:
    """Yield every month from that of `first` to that of `last`, both included."""
    for step in range(months_between(first, last) + 1):
        yield add_months(first, step)


def quarter_start(day: date, year_starts: int = 1) -> date:
    """Return the first day of the quarter that `day` falls in, of a year that begins with the month `year_starts`."""
    return add_months(day, -((day.month - year_starts) % 12 % 3))


def quarter_word(day: date, year_starts: int = 1) -> str:
    """Name the quarter of a day: "Q4 2026". A year that does not begin in January is called by that in which it ends."""
    number = (day.month - year_starts) % 12 // 3 + 1
    ends_later = year_starts > 1 and day.month >= year_starts
    return f"Q{number} {day.year + ends_later}"


_AREAS: Final = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)


@cache
def _timezones() -> frozenset[str]:
    """Return the names of places whose time is kept; finding them reads a hundred folders."""
    return frozenset(name for name in available_timezones() if name.partition("/")[0] in _AREAS) | {"UTC"}


def is_timezone(name: str) -> bool:
    """Return whether a name is that of a place's time zone, or UTC.

    Others are left out, since PostgreSQL takes them for something else than Python does: `CET` and `EST5EDT` for
    an abbreviation or a rule without history, `posix/…`, `localtime` and `Factory` for nothing or for the machine's.
    """
    return name in _timezones()


def validate_timezone(value: str) -> None:
    """Raise `ValidationError` unless `value` is an IANA time zone that Python and PostgreSQL read alike."""
    if not is_timezone(value):
        raise ValidationError(f"{value!r} is no time zone of a place. Write it like Europe/London, or UTC.")
