"""Moments whose distance from UTC is more than PostgreSQL reads.

ISO 8601 and Python know offsets up to a day, PostgreSQL reads none of 16 hours or more ("time zone displacement out of
range"). The moment is the same in UTC, so it is sent so, whichever form, filter, file or program it came from.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from psycopg.types.datetime import DatetimeDumper

FARTHEST: Final = timedelta(hours=16)
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)


class MomentDumper(DatetimeDumper):
    """Writes aware moments for PostgreSQL."""

    def dump(self, obj: datetime) -> bytes | bytearray | memoryview | None:
        """Return the moment's text."""
        return super().dump(readable(obj))


def readable(moment: datetime) -> datetime:
    """Return the moment with an offset that PostgreSQL reads; before the first or after the last of UTC, those."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) < FARTHEST:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST if offset > timedelta() else LAST
