"""Which column of a file says what, guessed by its headings."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from prm.bringing import Column, Kind

_NOT_LETTERS: Final = re.compile(r"[\W_]+")


def heading_key(heading: str) -> str:
    """Return a heading in small letters without accents, blanks and marks."""
    plain = unicodedata.normalize("NFKD", heading.casefold())
    return _NOT_LETTERS.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _names_of(column: Column) -> list[str]:
    return [
        heading_key(column.label),
        heading_key(column.key),
        *map(heading_key, (*column.headings, *column.called())),
    ]


def guess(kind: Kind, headings: Sequence[str]) -> dict[str, int]:
    """Return the place of each column that a heading names; the surest name first, no place twice."""
    keys = [heading_key(heading) for heading in headings]
    ranked = sorted(
        (names.index(key), order, place, column.key)
        for order, column in enumerate(kind.all_columns())
        for names in [_names_of(column)]
        for place, key in enumerate(keys)
        if key and key in names
    )
    found: dict[str, int] = {}
    for _, _, place, column_key in ranked:
        if column_key not in found and place not in found.values():
            found[column_key] = place
    return found


def problem_of(kind: Kind, columns: Mapping[str, int], defaults: Collection[str] = ()) -> str:
    """Return why the columns chosen are not enough, "" when they are. `defaults` are columns of which a value was chosen for all rows."""
    one, many = kind.nouns()
    if not columns:
        return f"No heading is known here. Say which column of the file holds what of {many}."
    if kind.clues and not columns.keys() & set(kind.clues):
        named = ", ".join(kind.column(key).label for key in kind.clues)
        return f"No column tells which {one} a row means. Choose at least one of: {named}."
    framed = [key for key in defaults if kind.column(key).is_frame]
    if not any(not kind.column(key).is_clue for key in (*columns, *framed)):
        return "The columns chosen only tell who is meant. Choose at least one that says something of them."
    return ""
