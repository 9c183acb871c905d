"""In which notation the present page is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from prm.core.notation.styles import BY_KEY, DEFAULT, Notation

_current: ContextVar[Notation] = ContextVar("prm_notation", default=DEFAULT)


def notation() -> Notation:
    """Return the notation in which the present page is written."""
    return _current.get()


@contextmanager
def use_notation(key: str) -> Iterator[None]:
    """Write in this notation within the block; in the default one for a key that does not exist (any more)."""
    token = _current.set(BY_KEY.get(key, DEFAULT))
    try:
        yield
    finally:
        _current.reset(token)
