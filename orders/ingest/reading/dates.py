"""Moments as order systems write them, or a sentence that says why one cannot be read."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from babel.dates import get_month_names

from orders.ingest.errors import BadCell
from orders.ingest.reading.identifiers import DATE_CELL
from orders.ingest.reading.texts import clean, plain, shown
from orders.ingest.states import RejectReason

EARLIEST: Final = date(1990, 1, 1)
FUTURE: Final = timedelta(days=366)
_MONTHS: Final = get_month_names("wide", locale="en")
_DIGITS: Final = re.compile(r"\d+")
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}(?:-?[1-7])?")
_HOUR: Final = re.compile(r"%[HI]")


def canonical_moment(
    raw: str, formats: Sequence[str], *, zone: tzinfo, today: date, days: tzinfo | None = None
) -> str:
    """Return a cell as a moment in UTC; such texts compare like the moments they stand for.

    `formats` are "iso" or patterns of strptime, tried in order; a date cell of a workbook needs none. `zone` is
    that of moments without an offset, `days` (without it `zone`) that of days without a time: it begins there.
    Raises `BadCell` for what is no date, and for one that is not near enough to `today`.
    """
    text = plain(clean(raw))
    if not text:
        raise BadCell(RejectReason.DATE_MISSING, "The line has no date.")
    moment, is_day = _parsed(text, formats)
    # Years at the ends of the calendar have no other zone.
    is_near = EARLIEST.year <= moment.year <= today.year + 2
    local = moment.astimezone(zone) if is_near and moment.tzinfo is not None else moment
    if not (is_near and EARLIEST <= local.date() <= today + FUTURE):
        raise BadCell(
            RejectReason.DATE_OUT_OF_RANGE,
            f"{shown(text)!r} is read as {_words_of(local)}; orders are taken from 1 January 1990"
            " to one year ahead.",
        )
    aware = moment.replace(tzinfo=(days or zone) if is_day else zone) if moment.tzinfo is None else moment
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000") + "+00"


def _words_of(moment: datetime) -> str:
    return f"{moment:%d} {_MONTHS[moment.month]} {moment.year:04}"


def _parsed(text: str, formats: Sequence[str]) -> tuple[datetime, bool]:
    """Return the moment, and whether only its day was written."""
    if text.endswith(DATE_CELL):
        text, formats = text.removesuffix(DATE_CELL), ("iso",)
    for pattern in formats:
        try:
            if pattern == "iso":
                return datetime.fromisoformat(text), _ISO_DAY.fullmatch(text) is not None
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007  (the zone follows)
        except (ValueError, OverflowError, re.error):
            continue
        return moment, not _HOUR.search(pattern)
    raise BadCell(RejectReason.DATE_UNREADABLE, _why_no_date(text, formats))


def _why_no_date(text: str, formats: Sequence[str]) -> str:
    """Name the day that does not exist, when that is the reason."""
    numbers = [int(n) for n in _DIGITS.findall(text[:40])[:3]]
    order = _order_of(formats[0])
    if len(numbers) == 3 and len(order) == 3:
        parts = dict(zip(order, numbers, strict=True))
        year, month, day = parts["y"], parts["m"], parts["d"]
        if 1 <= month <= 12 and 1 <= year <= 9999 and monthrange(year, month)[1] < day <= 31:
            name = _MONTHS[month]
            return f"{day} {name} does not exist: {shown(text)!r}. {name} {year} has {monthrange(year, month)[1]} days."
        if month > 12 >= day:
            return (
                f"{shown(text)!r} has no month {month}. Are day and month the other way round in this source?"
            )
    wanted = " or ".join("2026-11-23 14:30" if pattern == "iso" else pattern for pattern in formats)
    return f"{shown(text)!r} cannot be read as a date ({wanted})."


def _order_of(pattern: str) -> str:
    """Return the order of year, month and day in a format: `ymd`, `dmy` and so on."""
    if pattern == "iso":
        return "ymd"
    return "".join(match[-1].lower().replace("b", "m") for match in re.findall(r"%[YymdbB]", pattern))
