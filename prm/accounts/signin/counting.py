"""Counting in the cache that all processes share: how often something was done within a time."""

from typing import Final

from django.core.cache import cache

# Tries to count again what ended between being made and being counted; a second time is a wonder already.
_TRIES: Final = 3


def count(key: str, *, seconds: int) -> int:
    """Count once more; return how often it was within `seconds` from the first time, this one included.

    Raises whatever the cache raises when it does not answer.
    """
    for _ in range(_TRIES):
        if cache.add(key, 1, timeout=seconds):
            return 1
        try:
            return int(cache.incr(key))
        except ValueError:  # it ended between the two calls
            continue
    return 1


def counted(key: str) -> int:
    """Return how often it was, without counting."""
    return int(cache.get(key, 0))


def forget(key: str) -> None:
    """Begin anew."""
    cache.delete(key)
