"""What apps know of values that their columns hold as keys: the word of a kind, of a role.

A module `audit_words.py` of an app exposes `WORDS`, a list of FieldWords.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prm.accounts.rights import LABELS
from prm.core import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWords:
    """The words of one field's values: `key` is `app.Model.field`, `words` answers without a query of its own per value."""

    key: str
    words: Callable[[str], str]


_registered: dict[str, FieldWords] = {}


def register(words: Iterable[FieldWords]) -> None:
    """Add an app's words; the same field twice is a mistake in the code and raises ValueError."""
    registry.add(_registered, words, "words of the audit trail")


def own_words(key: str, value: str) -> str:
    """Return the words for a value of the field, or the value itself."""
    found = _registered.get(key)
    return found.words(value) if found else value


def _role(value: str) -> str:
    return LABELS.get(value, value)


register(FieldWords(key=f"accounts.{model}.role", words=_role) for model in ("Membership", "Invitation"))
