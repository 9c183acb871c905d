"""The kinds of order sources: each is the key of the door that a source's orders come through.

Doors say theirs when the apps are ready (`orders.doors.registry`); this room knows none of them by name.
"""

from typing import Final

USUAL: Final = "file"
"""The kind of a source that says nothing else."""
LONGEST: Final = 8
"""Most characters of a kind."""

_labels: dict[str, str] = {}
_needs: dict[str, str] = {}


def register(key: str, label: str, needs: str = "") -> None:
    """Add a kind, with the words in which people read it and those for what it needs to be used."""
    _labels[key] = label
    _needs[key] = needs


def needs_of(key: str) -> str:
    """Return what orders of this kind need to come in, as "API key …"; "" for nothing."""
    return _needs.get(key, "")


def choices() -> list[tuple[str, str]]:
    """Return all kinds with their words."""
    return sorted(_labels.items())


def known() -> list[str]:
    """Return all kinds."""
    return sorted(_labels)
