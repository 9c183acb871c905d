"""What needs a member, put together from what the apps tell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from prm.accounts.models import Membership
from prm.accounts.rights import rights_of
from prm.core.calendar import local_date
from prm.core.notation.reader import figure
from prm.core.urls import tenant_url
from prm.digest.lines.registry import Asking, Line, Topic, topics_for
from prm.tenancy.context import current_tenant
from prm.ui.formatting import plural

SHOWN: Final = 6
"""So many lines of a topic are told one by one; the page of the topic has all."""

NAMED: Final = 3
"""So many topics are named in the subject."""


@dataclass(frozen=True, slots=True)
class Section:
    """A topic with its lines: those shown, how many things it is in all, and the path of the page with all of them."""

    topic: Topic
    lines: Sequence[Line]
    total: int
    path: str

    @property
    def more(self) -> int:
        """Return how many things are not told one by one."""
        return self.total - sum(line.count for line in self.lines)

    @property
    def words(self) -> str:
        """Return "3 promises due"."""
        return plural(self.total, *self.topic.nouns())


@dataclass(frozen=True, slots=True)
class Digest:
    """All that is told to a member at once, of the time since `since`."""

    member: Membership
    since: datetime
    until: datetime
    sections: Sequence[Section]

    @property
    def needing(self) -> list[Section]:
        """Return what needs the member."""
        return [section for section in self.sections if not section.topic.is_news]

    @property
    def news(self) -> list[Section]:
        """Return what is only news."""
        return [section for section in self.sections if section.topic.is_news]

    @property
    def count(self) -> int:
        """Return how many things need the member."""
        return sum(section.total for section in self.needing)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing needs the member: then no mail goes, whatever the news."""
        return not self.needing

    @property
    def headline(self) -> str:
        """Return "3 promises due, 7 tier changes to decide and 12 more"."""
        named, left = self.needing[:NAMED], self.needing[NAMED:]
        words = ", ".join(section.words for section in named)
        more = sum(section.total for section in left)
        return f"{words} and {figure(more)} more" if more else words

    @property
    def print(self) -> str:
        """Return by what it is known whether tomorrow's says the same: of what needs the member, not of the news."""
        said = [
            (section.topic.key, section.total, [line.mark or line.title for line in section.lines])
            for section in self.needing
        ]
        return blake2b(repr(said).encode(), digest_size=12).hexdigest()


def digest_for(
    member: Membership, *, since: datetime, until: datetime, muted: Collection[str] = ()
) -> Digest:
    """Return what needs a member now, and what is new of the time `[since, until)`; nothing of topics that are muted."""
    asking = Asking(member, since, until, local_date(current_tenant(), until))
    topics = [topic for topic in topics_for(rights_of(member)) if topic.key not in muted]
    sections = [_section(topic, topic.find(asking)) for topic in topics]
    return Digest(member, since, until, [section for section in sections if section.total])


def _section(topic: Topic, lines: Sequence[Line]) -> Section:
    path = tenant_url(current_tenant(), topic.url_name)
    return Section(topic, lines[:SHOWN], sum(line.count for line in lines), path)
