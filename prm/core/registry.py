"""What other apps add to this one, by key: each app says it in a module found by name (see apps.py)."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Keyed(Protocol):
    """Anything with a key that is its own."""

    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=Keyed)


def add(registry: dict[str, T], things: Iterable[T], what: str) -> None:
    """Add things; the same key for two is a mistake in the code and raises ValueError, naming `what` they are."""
    for thing in things:
        known = registry.get(thing.key)
        if known is not None and known is not thing:
            raise ValueError(f"Two {what} are called {thing.key!r}.")
        registry[thing.key] = thing
