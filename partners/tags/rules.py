"""How tags are written, and how many there are; no database."""

from collections.abc import Iterable
from typing import Final

from prm.core.errors import Refused

LONGEST: Final = 40
"""Most characters of a tag."""
MOST: Final = 500
"""Most tags of a tenant: with more nobody finds the right one."""
MOST_OF_ONE: Final = 30
"""Most tags of one partner."""
NOBODY: Final = "none"
"""Finds those without a tag."""


def words_of(text: str) -> list[str]:
    """Return the tags of a text, commas or line ends between them, each once. Raises `Refused`."""
    return clean(text.replace("\n", ",").replace(";", ",").split(","))


def clean(names: Iterable[str]) -> list[str]:
    """Return tags as they are kept, each once whatever its capitals, in the order given. Raises `Refused`."""
    found: dict[str, str] = {}
    for name in names:
        said = " ".join(name.split())
        if not said:
            continue
        if len(said) > LONGEST:
            raise Refused(
                f"“{said[:20]}…” is too long: a tag has at most {LONGEST} characters.",
                field="tags",
                code="max_length",
            )
        if "," in said or ";" in said:
            raise Refused("A tag has no comma: commas stand between tags.", field="tags", code="invalid")
        if said.casefold() == NOBODY:
            raise Refused(
                "“none” finds those without a tag, and is no tag itself.", field="tags", code="invalid"
            )
        found.setdefault(key_of(said), said)
    return list(found.values())


def key_of(name: str) -> str:
    """Return what two tags share that are the same: their letters whatever their size."""
    return " ".join(name.split()).casefold()
