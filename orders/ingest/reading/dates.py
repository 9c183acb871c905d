"""Moments as order systems write them, or a sentence that says why one cannot be read."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from babel.dates import get_month_names

from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import clean, shown
from orders.ingest.states import RejectReason

EARLIEST: Final = date(1990, 1, 1)
FUTURE: Final = timedelta(days=366)
_MONTHS: Final = get_month_names("wide", locale="en")
_DIGITS: Final = re.compile(r"\d+")


def canonical_moment(raw: str, formats: Sequence[str], *, zone: tzinfo, today: date) -> str:
    """Return a cell as a moment in UTC; such texts compare like the moments they stand for.

    `formats` are "iso" or patterns of strptime, tried in order; `zone` is that of moments without an
    offset. Raises `BadCell` for what is no date, and for one that is not near enough to `today`.
    """
    text = clean(raw)
    if not text:
        raise BadCell(RejectReason.DATE_MISSING, "The line has no date.")
    moment = _parsed(text, formats)
    local = moment if moment.tzinfo is None else moment.astimezone(zone)
    if not EARLIEST <= local.date() <= today + FUTURE:
        raise BadCell(
            RejectReason.DATE_OUT_OF_RANGE,
            f"{shown(text)!r} is read as {_words_of(local)}; orders are taken from 1 January 1990"
            " to one year ahead.",
        )
    aware = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000") + "+00"


def _words_of(moment: datetime) -> str:
    return f"{moment:%d} {_MONTHS[moment.month]} {moment:%Y}"


def _parsed(text: str, formats: Sequence[str]) -> datetime:
    for pattern in formats:
        try:
            if pattern == "iso":
                return datetime.fromisoformat(text)
            return datetime.strptime(text, pattern)  # noqa: DTZ007  (the zone follows)
        except ValueError:
            continue
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
