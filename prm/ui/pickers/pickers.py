"""What can be chosen by typing, as each app says it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from prm.core import registry

SHOWN = 12
"""How many options are offered at a time."""


def _no_note(row: Model) -> str:
    del row
    return ""


NOBODY = "nobody"
"""The value of a picker's `none`, in forms and addresses."""


@dataclass(frozen=True, kw_only=True)
class Picker:
    """One kind of row: `rows()` gives all that may be chosen, `matching(rows, words)` those that people mean.

    `matching` puts the likeliest first. `right` is needed to be offered any; `nouns` are one and many, for
    sentences; `name(row)` is what people read and type, `note(row)` a quieter word that tells namesakes apart.
    `none` is the word under which rows without any can be asked for, where that is a choice: its value is `NOBODY`.
    """

    key: str
    right: str
    rows: Callable[[], QuerySet[Any]]
    matching: Callable[[Any, str], QuerySet[Any]]
    nouns: tuple[str, str]
    name: Callable[[Any], str] = str
    note: Callable[[Any], str] = _no_note
    none: str = ""

    def find(self, words: str) -> QuerySet[Any]:
        """Return the rows that the words may mean; all of them for none."""
        rows = self.rows()
        return self.matching(rows, words.strip()) if words.strip() else rows

    def means_none(self, words: str) -> bool:
        """Whether the words, or the value chosen, stand for having none."""
        return bool(self.none) and words.strip().casefold() in {NOBODY, self.none.casefold()}

    def meant(self, words: str) -> list[Model]:
        """Return the one row that the words name, or the first two of several; nothing when there is none."""
        found = list(self.find(words)[:SHOWN])
        named = [row for row in found if self.name(row).casefold() == words.strip().casefold()]
        return (named if len(named) == 1 else found)[:2]


_registry: dict[str, Picker] = {}


def register(pickers: list[Picker]) -> None:
    """Add an app's pickers. A key that is taken raises ValueError."""
    registry.add(_registry, pickers, "pickers")


def registered() -> list[Picker]:
    """Return the pickers of all apps."""
    return list(_registry.values())
