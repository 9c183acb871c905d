"""What is kept how long, as each app says it in its `kept_data.py` (`KEPT`)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from prm.core import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One kind of data: what it is and how long it is kept, when asked, in words.

    `url_name` is the page on which the organisation changes that, `action` the word of its button; "" where whoever runs
    the server decides, or it is fixed.
    """

    key: str
    what: Callable[[], str]
    how_long: Callable[[], str]
    url_name: str = ""
    action: str = ""
    order: int = 100


_registered: dict[str, Kept] = {}


def register(kept: Iterable[Kept]) -> None:
    """Add an app's; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, kept, "kinds of data that are kept")


def all_kept() -> Sequence[Kept]:
    """Return all, in their order: what the organisation decides first."""
    return sorted(_registered.values(), key=lambda one: (not one.url_name, one.order, one.key))
