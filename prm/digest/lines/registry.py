"""Topics of the digest and acts of its mails, as each app says them in its `digest_topics.py`."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from prm.accounts.models import Membership
from prm.accounts.rights import Right, rights_of
from prm.core import registry


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom a digest is put together, and of which time news are told: `[since, until)`; `day` is the tenant's today."""

    member: Membership
    since: datetime
    until: datetime
    day: date

    def may(self, right: Right) -> bool:
        """Return whether the member has the right."""
        return right in rights_of(self.member)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: `title`, what is to be known of it, the path of the page it opens ("" for that of its topic).

    `count` is how many things it stands for. `act` is the key of an act and the row it is done to. `mark` is by what
    the same is known again tomorrow, where the title changes from day to day.
    """

    title: str
    words: str = ""
    path: str = ""
    count: int = 1
    act: tuple[str, UUID] | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing to be told of: its words, who may hear it, its lines and the page with all of them.

    `nouns` are one and several ("promise due", "promises due"), `find` gives the lines in the tenant's scope with a
    fixed number of queries. `is_news`: worth telling, but by itself no reason to write to anybody.
    """

    key: str
    label: str | Callable[[], str]
    nouns: Callable[[], tuple[str, str]]
    right: Right
    url_name: str
    find: Callable[[Asking], Sequence[Line]]
    is_news: bool = False
    order: int = 100

    @property
    def heading(self) -> str:
        """Return its words."""
        return self.label if isinstance(self.label, str) else self.label()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an act would do to a row, before it is done: in words, and whether it was done already."""

    title: str
    words: str
    is_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that may be done from a mail by a link alone, without signing in.

    Only what a forwarded mail may do without harm: one row of the member's own, that can be taken back, and that is the
    same when done twice. `ask` gives None for a row that is gone or is not the member's. Both run in the scope of the
    tenant with the member acting, so that `do` is refused what the member may not. `undo` takes it back from the same
    page; without one it is taken back where the row stands.
    """

    key: str
    label: str
    right: Right
    ask: Callable[[Membership, UUID], Asked | None]
    do: Callable[[Membership, UUID], None]
    undo: Callable[[Membership, UUID], None] | None = None


_topics: dict[str, Topic] = {}
_acts: dict[str, Act] = {}


def register(topics: Iterable[Topic], acts: Iterable[Act] = ()) -> None:
    """Add an app's topics and acts; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_topics, topics, "topics of the digest")
    registry.add(_acts, acts, "acts of the digest")


def topics_for(rights: Collection[str]) -> list[Topic]:
    """Return the topics open to these rights: what needs somebody first, then news, each in their order."""
    found = [topic for topic in _topics.values() if topic.right in rights]
    return sorted(found, key=lambda topic: (topic.is_news, topic.order, topic.key))


def act_called(key: str) -> Act | None:
    """Return the act with this key."""
    return _acts.get(key)
