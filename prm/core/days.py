"""Days and times as people type them, with errors that say what was probably meant."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*")
_MOMENT = re.compile(r"\s*(\d{4}-\d{1,2}-\d{1,2})[T ](\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*")


class BadDay(ValueError):
    """What was typed is no day or no moment; the message is for the person."""


def parse_day(typed: str) -> date:
    """Return the day written as YYYY-MM-DD. Raises BadDay: "November has 30 days. Did you mean 1 December?"."""
    found = _DAY.fullmatch(typed)
    if not found:
        raise BadDay("Write the day as year-month-day, as in 2026-11-23.")
    year, month, day = (int(part) for part in found.groups())
    if not 1 <= month <= 12:
        raise BadDay(f"There is no month {month}. Months go from 1 to 12.")
    if year < 1 or day < 1:
        raise BadDay(f"“{typed.strip()}” is no day. Check it.")
    length = calendar.monthrange(year, month)[1]
    if day > length:
        raise BadDay(_too_long(year, month, length, day))
    return date(year, month, day)


def _too_long(year: int, month: int, length: int, day: int) -> str:
    """Return what is said of 31 November, with the day that so many days lead to."""
    name = f"{date(year, month, 1):%B}" + (f" {year}" if month == 2 else "")
    if (year, month) == (date.max.year, date.max.month):
        return f"{name} has {length} days."
    meant = date(year, month, length) + timedelta(days=min(day - length, 31))
    return f"{name} has {length} days. Did you mean {meant.day} {meant:%B}?"


def parse_local(typed: str, timezone: str) -> datetime:
    """Return the moment written as YYYY-MM-DDTHH:MM in an IANA zone, aware.

    Of an hour that happens twice (clocks go back) the first is meant. Raises BadDay for an hour that does
    not happen (clocks go forward), and as `parse_day`.
    """
    found = _MOMENT.fullmatch(typed)
    if not found:
        raise BadDay("Write day and time as in 2026-11-23 09:40.")
    day = parse_day(found[1])
    if not date.min.year < day.year < date.max.year:  # in another zone it would be beyond what a date can say
        raise BadDay(f"{day.year:04} is no year for a moment. Check it.")
    hour, minute = int(found[2]), int(found[3])
    if hour > 23 or minute > 59:
        raise BadDay(f"{found[2]}:{found[3]} is no time of day.")
    zone = ZoneInfo(timezone)
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    real = moment.astimezone(UTC).astimezone(zone)
    if real.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise BadDay(
            f"{hour}:{minute:02d} did not happen on {day.day} {day:%B}: clocks went forward."
            f" Did you mean {real.hour}:{real.minute:02d}?"
        )
    return moment


def day_and_time(moment: datetime, timezone: str) -> str:
    """Return the moment as a `datetime-local` field wants it, in an IANA zone."""
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%dT%H:%M}"
