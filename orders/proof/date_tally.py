"""The cells of a column as dates: which orders of day, month and year read each of them."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from orders.ingest.reading.identifiers import DATE_CELL
from orders.ingest.reading.months import month_of, without_ornaments
from orders.proof.counts import Count
from prm.core.words.unseen import plain

ORDERS: Final = {"dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}
"""Readings of a date, with the words for them."""

_TIME: Final = re.compile(
    r"[ T,]+(?P<hour>\d{1,2})(?P<mark>[:.h])(?P<minute>\d{2})(?P<second>(?P=mark)\d{2}(?P<fraction>[.,]\d{1,6})?)?"
    r"(?P<half>\s?[AaPp]\.?\s?[Mm]\.?)?(?P<zone>\s?(?:Z|[+-]\d{2}:?\d{2}))?(?P<name>\s+(?:[A-Z]{2,5}|Uhr))?"
)
# Behind eight figures of a day: 143000, 1430.
_SOLID_TIME: Final = re.compile(r"([ T]?)([01]\d|2[0-3])([0-5]\d)([0-5]\d)?(Z|[+-]\d{2}:?\d{2})?")
# Names of a zone that are read: they say of every moment the same.
_UTC: Final = ("UTC", "GMT")
# Words behind a time that say nothing of it.
_CLOCK: Final = "Uhr"
_PARTED: Final = re.compile(r"(\d{1,4})([./\-] ?| )(\d{1,2})\2(\d{1,4})(.*)", re.DOTALL)
_NAMED: Final = re.compile(
    r"(\d{1,2})([. \-/]{1,2})([^\W\d_]{3,12})(\.?[ \-/,]{1,2})(\d{4}|\d{2})(.*)", re.DOTALL
)
_DE_NAMED: Final = re.compile(r"(\d{1,2})( de )([^\W\d_]{3,12})( del? )(\d{4})(.*)", re.DOTALL)
_NAME_FIRST: Final = re.compile(
    r"([^\W\d_]{3,12})(\.?[ \-/]{1,2})(\d{1,2})([ \-/,]{1,2})(\d{4}|\d{2})(?!\d|:)(.*)", re.DOTALL
)
_NAME_BETWEEN: Final = re.compile(
    r"(\d{4})([. \-/]{1,2})([^\W\d_]{3,12})(\.?[ \-/]{1,2})(\d{1,2})(.*)", re.DOTALL
)
# As they are written in Chinese, Japanese and Korean.
_YEAR_MONTH_DAY: Final = re.compile(r"(\d{4})([年년]\s?)(\d{1,2})([月월]\s?)(\d{1,2})([日일])(.*)", re.DOTALL)
_SOLID: Final = re.compile(r"(\d{8})(.*)", re.DOTALL)
# A day as a spreadsheet counts it, of 1990 to 2079, with the time as a fraction.
_SERIAL: Final = re.compile(r"(?:3[3-9]|[45]\d|6[0-4])\d{3}(?:[.,]\d{1,12})?")


class Fit(NamedTuple):
    """One way to read a text: the order, the format of it, and the month it falls in."""

    order: str
    pattern: str
    month: str


@dataclass(slots=True)
class DateTally:
    """Cells by the orders that read them: `by_orders` has keys such as `dmy`, `dmy mdy` or "" for none.

    `formats` and `months` are counted by order; `serial` cells are days as a spreadsheet counts them; `offsets` and
    `zone_names` count cells with those, `times` cells with a time of day.
    """

    by_orders: dict[str, Count] = field(default_factory=dict)
    formats: dict[str, dict[str, int]] = field(default_factory=dict)
    months: dict[str, dict[str, int]] = field(default_factory=dict)
    serial: Count = field(default_factory=Count)
    typed: int = 0
    offsets: int = 0
    times: int = 0
    zone_names: Count = field(default_factory=Count)

    def add(self, text: str, times: int, line: int, last: int) -> None:
        """Count a cell that stands so many times, in lines from `line` to `last`."""
        if text.endswith(DATE_CELL):
            self.typed += times
            return
        fits = fits_of(text)
        key = " ".join(sorted({fit.order for fit in fits}))
        self.by_orders.setdefault(key, Count()).add(times, line, text, last)
        for fit in fits:
            _count(self.formats.setdefault(fit.order, {}), fit.pattern, times)
            _count(self.months.setdefault(fit.order, {}), fit.month, times)
        moment = _TIME.search(text)
        if fits and moment:
            self.times += times
            self.offsets += times if moment["zone"] or moment["name"] else 0
        elif not fits and _SERIAL.fullmatch(text):
            self.serial.add(times, line, text)
        elif not fits and moment and moment["name"]:
            self.zone_names.add(times, line, text)

    def fits(self, order: str) -> int:
        """Return how many cells an order reads."""
        return sum(found.count for key, found in self.by_orders.items() if order in key.split())

    def only(self, order: str) -> Count:
        """Return the cells that this order alone reads, of day first and month first."""
        return self.by_orders.get(order, Count())

    @property
    def total(self) -> int:
        """Return how many cells were counted that are no typed dates."""
        return sum(found.count for found in self.by_orders.values())

    @property
    def is_date(self) -> bool:
        """Whether nearly all cells are dates in some reading."""
        read = self.total - self.by_orders.get("", Count()).count + self.typed
        return read > 0 and read * 10 >= (self.total + self.typed) * 7


def _count(counts: dict[str, int], key: str, times: int) -> None:
    counts[key] = counts.get(key, 0) + times


@lru_cache(maxsize=20_000)
def fits_of(text: str) -> tuple[Fit, ...]:
    """Return every way to read a text as a date."""
    text = plain(text).strip()
    if parted := _PARTED.fullmatch(text):
        one, mark, two, three, rest = parted.groups()
        return tuple(_numeric((one, two, three), mark, rest))
    if cjk := _YEAR_MONTH_DAY.fullmatch(text):
        return tuple(_with_signs(cjk))
    if solid := _SOLID.fullmatch(text):
        return tuple(_solid(solid[1], solid[2]))
    text = without_ornaments(text)
    for order, form in _WITH_NAMES:
        if (named := form.fullmatch(text)) and (fits := tuple(_with_name(named, order))):
            return fits
    return ()


_WITH_NAMES: Final = (("dmy", _NAMED), ("dmy", _DE_NAMED), ("mdy", _NAME_FIRST), ("ymd", _NAME_BETWEEN))


def _numeric(parts: tuple[str, str, str], mark: str, rest: str) -> Iterator[Fit]:
    time = _time_format(rest)
    if time is None:
        return
    for order in ORDERS:
        written = dict(zip(order, parts, strict=True))
        if len(written["y"]) in (1, 3) or len(written["d"]) > 2 or len(written["m"]) > 2:
            continue
        if month := _month(written["y"], written["m"], written["d"]):
            letters = {"d": "%d", "m": "%m", "y": "%Y" if len(written["y"]) == 4 else "%y"}
            pattern = mark.join(letters[part] for part in order) + time
            yield Fit(order, "iso" if _is_iso(pattern, parts, rest) else pattern, month)


def _is_iso(pattern: str, parts: Sequence[str], rest: str) -> bool:
    """Return whether a text is in the form of ISO 8601, which has two figures for everything but the year."""
    return (
        pattern.startswith("%Y-%m-%d")
        and [len(part) for part in parts] == [4, 2, 2]
        and _ISO_TIME.fullmatch(rest) is not None
    )


_ISO_TIME: Final = re.compile(r"(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?")


def _with_signs(found: re.Match[str]) -> Iterator[Fit]:
    year, one, month, two, day, three, rest = found.groups()
    time = _time_format(rest)
    if time is not None and (fell := _month(year, month, day)):
        yield Fit("ymd", f"%Y{one}%m{two}%d{three}{time}", fell)


def _solid(digits: str, rest: str) -> Iterator[Fit]:
    time = _time_format(rest)
    if time is None and (found := _SOLID_TIME.fullmatch(rest)):
        zone = "" if not found[5] else "Z" if found[5] == "Z" else "%z"
        time = f"{found[1]}%H%M{'%S' if found[4] else ''}{zone}"
    if time is None:
        return
    for order, cuts in (("ymd", (4, 6)), ("dmy", (2, 4)), ("mdy", (2, 4))):
        parts = dict(
            zip(order, (digits[: cuts[0]], digits[cuts[0] : cuts[1]], digits[cuts[1] :]), strict=True)
        )
        if 1990 <= int(parts["y"]) <= 2100 and (month := _month(parts["y"], parts["m"], parts["d"])):
            yield Fit(order, "".join({"d": "%d", "m": "%m", "y": "%Y"}[part] for part in order) + time, month)


def _with_name(named: re.Match[str], order: str) -> Iterator[Fit]:
    one, before, two, after, three, rest = named.groups()
    parts = dict(zip(order, (one, two, three), strict=True))
    time, number = _time_format(rest), month_of(parts["m"])
    if time is not None and number and (month := _month(parts["y"], str(number), parts["d"])):
        letters = {"d": "%d", "m": "%B", "y": "%Y" if len(parts["y"]) == 4 else "%y"}
        first, second, third = (letters[part] for part in order)
        yield Fit(order, f"{first}{before}{second}{after}{third}{time}", month)


def _time_format(rest: str) -> str | None:
    """Return the format of a time after a date, "" without one; None for what is no time."""
    if rest in ("", "."):
        return rest
    found = _TIME.fullmatch(rest)
    if found is None:
        return None
    name = found["name"] or ""
    if name and (found["zone"] or name.strip() not in (*_UTC, _CLOCK)):
        return None
    hour = "%I" if found["half"] else "%H"
    before = rest[: found.start("hour")]
    text = (
        f"{before}{hour}{found['mark']}%M"
        + ("" if not found["second"] else f"{found['mark']}%S")
        + (f"{found['fraction'][0]}%f" if found["fraction"] else "")
    )
    if found["half"]:
        text += " %p" if found["half"][0].isspace() else "%p"
    if found["zone"]:
        text += " %z" if found["zone"][0].isspace() else "%z"
    return text + name


def _month(year: str, month: str, day: str) -> str:
    """Return the month of a day that exists, as `2026-11`; "" otherwise."""
    number, full = int(month), int(year) + (0 if len(year) == 4 else 2000 if int(year) < 69 else 1900)
    if not (1 <= number <= 12 and 1 <= full <= 9999 and 1 <= int(day) <= monthrange(full, number)[1]):
        return ""
    return f"{full:04}-{number:02}"
