"""Moments as order systems write them, or a sentence that says why one cannot be read."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from babel.dates import get_month_names

from orders.ingest.errors import BadCell
from orders.ingest.reading.identifiers import DATE_CELL
from orders.ingest.reading.months import month_of, months_of, without_ornaments
from orders.ingest.reading.texts import clean, shown
from orders.ingest.states import RejectReason
from orders.sources.date_formats import EXCEL, says_utc
from prm.core.words.unseen import plain

EARLIEST: Final = date(1990, 1, 1)
FUTURE: Final = timedelta(days=366)
_MONTHS: Final = get_month_names("wide", locale="en")
_DIGITS: Final = re.compile(r"\d+")
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-?W[0-9]{2}(?:-?[1-7])?")
_HOUR: Final = re.compile(r"%[HI]")
_HALF: Final = re.compile(r"\b([AaPp])\.\s?[Mm]\.?")
_SHORT_MONTHS: Final = get_month_names("abbreviated", locale="en")
_MONTH_WORD: Final = re.compile(r"[^\W\d_]{3,}")
# The end of a day, as ISO 8601 and timetables write it.
_MIDNIGHT: Final = re.compile(r"(?<![\d:])24:00(?::00(?:\.0{1,6})?)?(?![\d:])")
# Days since this one are what a spreadsheet holds for a date (ECMA-376 part 1, 18.17.4.1: the year 1900 counts a leap day).
_SPREADSHEET_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  (the zone follows)
_SERIAL: Final = re.compile(r"[0-9]{4,5}(?:[.,][0-9]{1,12})?")
_OFFSET: Final = re.compile(r"(?<=[\dZ])\s?(Z(?![A-Za-z])|[+-]\d{2}:?\d{2})|\b(UTC|GMT|[A-Z]{1,4}[SD]?T)\b")


def canonical_moment(
    raw: str, formats: Sequence[str], *, zone: tzinfo, today: date, days: tzinfo | None = None
) -> str:
    """Return a cell as a moment in UTC; such texts compare like the moments they stand for.

    `formats` are "iso", "excel" (days as a spreadsheet counts them) or patterns of strptime, tried in order; a month may
    have its name in any language of the CLDR. A date cell of a workbook needs none. `zone` is
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


def reads_date(raw: str, formats: Sequence[str]) -> bool:
    """Return whether a cell can be read as a date by these formats."""
    try:
        _parsed(plain(clean(raw)), formats)
    except BadCell:
        return False
    return True


def _parsed(text: str, formats: Sequence[str], *, written: str = "") -> tuple[datetime, bool]:
    """Return the moment, and whether only its day was written; `written` is how the cell is quoted in the refusal."""
    if text.endswith(DATE_CELL):
        text, formats = text.removesuffix(DATE_CELL), ("iso",)
    for pattern in formats:
        try:
            return _read(text, pattern)
        except (ValueError, OverflowError, re.error):
            continue
    if _MIDNIGHT.search(text):
        begin, is_day = _parsed(
            _MIDNIGHT.sub("00:00", text), [_without_seconds(text, name) for name in formats], written=text
        )
        return begin + timedelta(days=1), is_day
    raise BadCell(RejectReason.DATE_UNREADABLE, _why_no_date(written or text, formats))


def _without_seconds(text: str, pattern: str) -> str:
    """Return a format for a text whose 24:00:00 was made 00:00."""
    return pattern if re.search(r"24:00(?!:)", text) else pattern.replace(":%S.%f", "").replace(":%S", "")


def _read(text: str, pattern: str) -> tuple[datetime, bool]:
    """Return the moment by one format, and whether only its day was written. Raises `ValueError`."""
    if pattern == "iso":
        return datetime.fromisoformat(text), _ISO_DAY.fullmatch(text) is not None
    if pattern == EXCEL:
        return _from_spreadsheet(text)
    if "%p" in pattern:
        text = _HALF.sub(lambda half: f"{half[1]}M", text)
    if names := _SHORT_MONTHS if "%b" in pattern else _MONTHS if "%B" in pattern else None:
        text = without_ornaments(text)
        text = _MONTH_WORD.sub(lambda word: names.get(month_of(word[0]) or 0, word[0]), text)
    moment = datetime.strptime(text, pattern)  # noqa: DTZ007  (the zone follows)
    return moment.replace(tzinfo=UTC) if says_utc(pattern) else moment, not _HOUR.search(pattern)


def _from_spreadsheet(text: str) -> tuple[datetime, bool]:
    if not _SERIAL.fullmatch(text):
        raise ValueError(text)
    days = float(text.replace(",", "."))
    return _SPREADSHEET_EPOCH + timedelta(seconds=round(days * 86_400)), days.is_integer()


def _why_no_date(text: str, formats: Sequence[str]) -> str:
    """Name the day that does not exist, when that is the reason."""
    numbers = [int(n) for n in _DIGITS.findall(text[:40])[:3]]
    order = order_of(formats[0])
    if len(numbers) == 3 and len(order) == 3:
        parts = dict(zip(order, numbers, strict=True))
        year, month, day = parts["y"], parts["m"], parts["d"]
        if 1 <= month <= 12 and 1 <= year <= 9999 and monthrange(year, month)[1] < day <= 31:
            name = _MONTHS[month]
            return f"{day} {name} does not exist: {shown(text)!r}. {name} {year} has {monthrange(year, month)[1]} days."
        if 31 >= month > 12 >= day:
            return (
                f"{shown(text)!r} has no month {month}. Are day and month the other way round in this source?"
            )
    if len(zones := {found[0].strip() for found in _OFFSET.finditer(text)}) > 1:
        return f"{shown(text)!r} has two time zones ({', '.join(sorted(zones))}): nobody can say which one holds."
    if two := next((word for word in _MONTH_WORD.findall(text) if len(months_of(word)) > 1), ""):
        names = " or ".join(_MONTHS[month] for month in sorted(months_of(two)))
        return f"{two!r} is {names}, by the language: write the month of {shown(text)!r} as a number."
    wanted = " or ".join(_SHOWN_AS.get(pattern, pattern) for pattern in formats)
    return f"{shown(text)!r} cannot be read as a date ({wanted})."


_SHOWN_AS: Final = {"iso": "2026-11-23 14:30", EXCEL: "a spreadsheet's day such as 46349"}


def order_of(pattern: str) -> str:
    """Return the order of year, month and day in a format: `ymd`, `dmy` and so on."""
    if pattern == "iso":
        return "ymd"
    return "".join(match[-1].lower().replace("b", "m") for match in re.findall(r"%[YymdbB]", pattern))
