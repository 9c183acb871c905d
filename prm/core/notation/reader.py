"""In which notation the present page is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal

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


def figure(value: float | Decimal, places: int | None = None) -> str:
    """Return a number for a sentence, with the marks of the present notation; `places` decimals, else those it has."""
    plain = f"{abs(value):.{places}f}" if places is not None else f"{abs(value):f}"
    if isinstance(value, int):
        plain = plain.partition(".")[0] if places is None else plain
    return f"{'-' if value < 0 else ''}{notation().number(plain)}"
