"""Which formats of dates a source may name: such as read every date in one way, or not at all.

What `strptime` reads and drops, or reads in the language of the machine, is refused here, when the source is
saved: a zone's name (but UTC, which is read as such), an hour of 24 with AM and PM, minutes taken for months, two formats that read one text as
two days.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import combinations
from typing import Final

ISO: Final = "iso"
EXCEL: Final = "excel"
"""Days as a spreadsheet counts them: 46349 is 23 November 2026."""

_DIRECTIVE: Final = re.compile(r"%(.)", re.DOTALL)
_KNOWN: Final = "dmbByYHIMSfpzaA%"
_NAMES: Final = {
    "day": "d", "month": "mbB", "year": "yY", "hour": "HI", "minute": "M", "second": "S", "fraction": "f",
    "AM or PM": "p", "offset": "z", "day of the week": "aA",
}  # fmt: skip
# Zones as a text says them behind the time: in UTC, by other letters, by an offset.
_UTC: Final = re.compile(r"(?<![A-Za-z])(?:UTC|GMT|Z)(?![A-Za-z])")
_OTHER_ZONE: Final = re.compile(r"(?<![A-Za-z])(?:[A-Z]{1,4}T|MEZ|MESZ)(?![A-Za-z])|[+-][0-9]{2}:?[0-9]{2}")
_EXAMPLE: Final = datetime(2026, 11, 23, 14, 35, 42)  # noqa: DTZ001  (read back without a zone)


def problem_of(pattern: str) -> str:
    """Return what is wrong with a format, "" when it reads dates in one way."""
    if pattern in (ISO, EXCEL):
        return ""
    used = _DIRECTIVE.findall(pattern)
    return (
        _problem_of_letters(pattern, used)
        or _problem_of_parts(pattern, used)
        or _problem_of_time(pattern, used)
        or _problem_of_zone(pattern, used)
        or _problem_of_reading(pattern)
    )


@cache
def says_utc(pattern: str) -> bool:
    """Return whether the text of a format says that its moments are in UTC: `%Y-%m-%dT%H:%M:%SZ`."""
    return _UTC.search(_behind_the_time(pattern)) is not None


def _behind_the_time(pattern: str) -> str:
    """Return the text of a format behind its hour, without its directives; "" without a time."""
    hour = re.search("%[HI]", pattern)
    return _DIRECTIVE.sub("\0", pattern[hour.end() :]) if hour else ""


def _problem_of_zone(pattern: str, used: Sequence[str]) -> str:
    text = _behind_the_time(pattern)
    utc, other = _UTC.search(text), _OTHER_ZONE.search(_UTC.sub("", text))
    if (found := utc or other) and "z" in used:
        return f"{pattern!r} names a zone ({found[0]}) beside the offset (%z): only one of them can hold."
    if other:
        hint = "write %z" if other[0][0] in "+-" else "use an offset (%z), or the zone of the source"
        return f"{pattern!r} reads a zone ({other[0]}) and drops it: {hint}."
    return ""


def _problem_of_letters(pattern: str, used: Sequence[str]) -> str:
    if "%" in _DIRECTIVE.sub("", pattern):
        return f"{pattern!r} ends in a single %."
    if "Z" in used:
        return f"{pattern!r} reads the name of a zone and drops it: use %z for an offset, or the zone of the source."
    if strange := [letter for letter in used if letter not in _KNOWN]:
        return f"%{strange[0]} is not taken; formats are made of {_listed()}."
    return ""


def _problem_of_parts(pattern: str, used: Sequence[str]) -> str:
    parts = {name: [letter for letter in used if letter in letters] for name, letters in _NAMES.items()}
    for name, letters in parts.items():
        if len(letters) > 1:
            hint = " Minutes are %M, months %m." if name in ("month", "minute") else ""
            return f"{pattern!r} has the {name} twice (%{letters[0]}, %{letters[1]}).{hint}"
    if missing := [name for name in ("day", "month", "year") if not parts[name]]:
        return f"{pattern!r} lacks {' and '.join(missing)} (%d, %m, %Y)."
    return ""


def _problem_of_time(pattern: str, used: Sequence[str]) -> str:
    if "I" in used and "p" not in used:
        return f"{pattern!r} has an hour of twelve (%I) without AM or PM (%p). Is %H meant?"
    if "p" in used and "I" not in used:
        return f"{pattern!r} drops AM and PM (%p): they go with an hour of twelve (%I)."
    for part, needs in (("M", "HI"), ("S", "M"), ("f", "S"), ("z", "HI")):
        if part in used and not any(need in used for need in needs):
            return f"{pattern!r} has %{part} without %{needs[0]}."
    return ""


def _problem_of_reading(pattern: str) -> str:
    try:
        read = datetime.strptime(_EXAMPLE.strftime(pattern.replace("%z", "+0000")), pattern)  # noqa: DTZ007
    except (ValueError, re.error):
        return f"{pattern!r} cannot be read back: put marks between its parts."
    return "" if read.date() == _EXAMPLE.date() else f"{pattern!r} reads another day than it writes."


def problem_of_all(patterns: Sequence[str]) -> str:
    """Return what is wrong with formats together: two that read one text as two days."""
    for one, other in combinations(patterns, 2):
        if (order := _order(one)) and (theirs := _order(other)) and _mixed(order, theirs):
            return (
                f"{one!r} and {other!r} mix the order of day and month: a date would be read by the one that happens"
                " to fit. Make a source for each kind of file."
            )
    return ""


def _order(pattern: str) -> str:
    """Return the order of day, month and year in figures, as "dmY"; "" with a month's name."""
    if pattern == ISO:
        return "Ymd"
    if pattern == EXCEL:
        return ""
    order = "".join(letter for letter in _DIRECTIVE.findall(pattern) if letter in "dmbByY")
    return "" if set(order) & set("bB") else order


def _mixed(one: str, other: str) -> bool:
    if one.lower() == other.lower():
        return False
    # A year of four figures tells by its place which format is meant; one of two figures does not.
    same_place = one.lower().index("y") == other.lower().index("y")
    return same_place or ("y" in one and "y" in other)


def _listed() -> str:
    return ", ".join(f"%{letter}" for letter in "dmbByYHIMSfpz")
