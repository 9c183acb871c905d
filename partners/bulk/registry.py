"""What can be done with many partners at once, as each app says it in its `bulk_actions.py` (`ACTIONS`)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms

from prm.accounts.rights import Right
from prm.core import registry
from prm.core.types import Json
from prm.ui.fields import Cleaned


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: what each changed partner had before (by id), what they have now, and that in words."""

    before: Mapping[str, Json]
    after: Json
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """One act. `form` reads what it needs; `apply` changes the partners that differ, with a fixed number of statements.

    `undo(before, after)` puts back what still is as it was left, and answers how many that were. `letter` is its key. One
    that is not `shown` is not offered.
    """

    key: str
    label: str
    icon: str
    letter: str = ""
    right: Right
    form: type[forms.Form]
    apply: Callable[[Sequence[UUID], Cleaned], Applied]
    undo: Callable[[Mapping[str, Json], Json], int]
    order: int = 100
    shown: Callable[[], bool] = lambda: True


_registered: dict[str, BulkAction] = {}


def register(actions: Iterable[BulkAction]) -> None:
    """Add an app's acts; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, actions, "acts on many partners")


def actions_for(rights: Collection[str]) -> list[BulkAction]:
    """Return the acts open to these rights, in the order in which they are offered."""
    open_to = (action for action in _registered.values() if action.right in rights and action.shown())
    return sorted(open_to, key=lambda action: (action.order, action.key))


def action_called(key: str) -> BulkAction | None:
    """Return the act with this key."""
    return _registered.get(key)


def keys() -> list[str]:
    """Return the keys of all acts."""
    return sorted(_registered)
