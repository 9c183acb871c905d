"""What can be found, as each app says it in its `search.py`.

A module exposes `SEARCHES`, a list of SearchSource, and `ACTIONS`, a list of HitAction (on hits of its own kinds or
another app's); `SearchConfig.ready` imports them all.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.utils.safestring import SafeString

from prm.accounts.rights import Right
from prm.core import registry

#: A source counts no further: somebody who finds more than that types another letter.
MOST_COUNTED = 100
#: The longest text that is looked for; a name, a code and an order's number are shorter.
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for.

    `text` is as typed, without blanks around it, `words` are its words as names are kept (`prm.core.words`),
    `rights` those of the caller, `most` how many hits are shown of each kind.
    """

    text: str
    words: tuple[str, ...]
    rights: Collection[Right]
    most: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: `title` holds the letters that match, `detail` says more, `aside` stands at the right.

    `id` is the row's own for the API, "" for what has none. `mark` is drawn before the title instead of
    the source's icon.
    """

    title: str
    url: str
    id: str = ""
    detail: str = ""
    aside: str = ""
    mark: SafeString | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The first hits of a kind, best first, and how many there are, counted to `MOST_COUNTED` at most."""

    hits: Sequence[Hit] = ()
    count: int = 0

    @property
    def is_capped(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= MOST_COUNTED


NOTHING = Found()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSource:
    """One kind of thing that can be found.

    `find` runs in the tenant's scope, is asked only for callers with `right`, and reads indexes: its cost must
    not grow with the tenant. `everything(text)` is the address of the list of all, filtered by the text.
    `label` may be a function, for the tenant's own nouns. `least` is the shortest text it is asked for.
    """

    key: str
    label: str | Callable[[], str]
    icon: str
    find: Callable[[Asked], Found]
    right: Right | None = None
    everything: Callable[[str], str] | None = None
    order: int = 100
    least: int = 1

    def __post_init__(self) -> None:
        """Refuse a right nobody knows: a misspelt one would hide the source silently."""
        right: object = self.right
        if right is not None and not isinstance(right, Right):
            raise ImproperlyConfigured(f"Search {self.key!r}: {right!r} is no member of the table of rights.")

    @property
    def heading(self) -> str:
        """Return the words above its hits."""
        return self.label if isinstance(self.label, str) else self.label()


@dataclass(frozen=True, slots=True, kw_only=True)
class HitAction:
    """Something to do with the best hit of a kind: `on` is its source's key, `url` gives its address for a hit.

    `words` stand before the hit's title. With `in_sheet` its page opens in the sheet.
    """

    key: str
    on: str
    words: str
    icon: str
    right: Right
    url: Callable[[Hit], str]
    in_sheet: bool = False
    order: int = 100

    def __post_init__(self) -> None:
        """Refuse a right nobody knows: a misspelt one would hide the action silently."""
        right: object = self.right
        if not isinstance(right, Right):
            raise ImproperlyConfigured(f"Action {self.key!r}: {right!r} is no member of the table of rights.")


_registered: dict[str, SearchSource] = {}
_actions: dict[str, HitAction] = {}


def register(sources: Iterable[SearchSource], actions: Iterable[HitAction] = ()) -> None:
    """Add an app's contributions; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, sources, "searches")
    registry.add(_actions, actions, "actions of the search")


def check() -> None:
    """Refuse an action on hits that no source finds: it would never be seen."""
    for action in _actions.values():
        if action.on not in _registered:
            raise ImproperlyConfigured(f"Action {action.key!r} is on {action.on!r}, which no search finds.")


def actions_on(key: str, rights: Collection[Right]) -> list[HitAction]:
    """Return what these rights may do with a hit of the source with this key."""
    open_to = (a for a in _actions.values() if a.on == key and a.right in rights)
    return sorted(open_to, key=lambda action: (action.order, action.key))


def registered() -> Collection[SearchSource]:
    """Return every source of every installed app."""
    return _registered.values()


def sources_for(rights: Collection[Right]) -> list[SearchSource]:
    """Return the sources open to these rights, in the order in which they are shown."""
    open_to = (s for s in registered() if s.right is None or s.right in rights)
    return sorted(open_to, key=lambda source: (source.order, source.key))
