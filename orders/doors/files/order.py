"""The order in which files are taken: by the dates in their names, then as people count."""

import re
from datetime import date
from typing import Final

_DATES: Final = (
    re.compile(
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-_. ]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
    ),
    re.compile(r"(?<!\d)(?P<d>0[1-9]|[12]\d|3[01])\.(?P<m>0[1-9]|1[0-2])\.(?P<y>(?:19|20)\d\d)(?!\d)"),
)
_PARTS: Final = re.compile(r"(\d+)")

Key = tuple[date, tuple[tuple[int, str], ...], str]


def in_order(names: list[str]) -> list[int]:
    """Return the places of names in the order in which files so called are taken.

    By date where each name has one (`2026-11-01`, `20261101`, `01.11.2026`); then naturally, `orders_2` before
    `orders_10`, whatever the case of their letters.
    """
    dates = [_date_of(name) for name in names]
    is_dated = all(dates)
    keys: list[Key] = [
        ((day if is_dated and day else date.min), _naturally(name), name)
        for day, name in zip(dates, names, strict=True)
    ]
    return sorted(range(len(names)), key=keys.__getitem__)


def _date_of(name: str) -> date | None:
    for pattern in _DATES:
        if found := pattern.search(name):
            try:
                return date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                continue
    return None


def _naturally(name: str) -> tuple[tuple[int, str], ...]:
    """Return a name in pieces that compare as people count: numbers by size, texts without their case."""
    return tuple(
        (int(piece), "") if place % 2 else (0, piece.casefold())
        for place, piece in enumerate(_PARTS.split(name))
    )
