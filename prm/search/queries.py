"""Ask every source that is open to the caller."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from prm.accounts.rights import Right
from prm.core.words.tables import words_of
from prm.search.registry import LONGEST, Asked, Found, SearchSource, sources_for

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Group:
    """What one source found."""

    source: SearchSource
    heading: str
    found: Found
    all_url: str

    @property
    def is_more(self) -> bool:
        """Whether there is more than is shown."""
        return self.found.count > len(self.found.hits)


@dataclass(frozen=True, slots=True)
class Answer:
    """What all sources found; `count` is a lower bound when `is_capped`."""

    text: str
    words: tuple[str, ...]
    groups: Sequence[Group]

    @property
    def count(self) -> int:
        """Return how many things were found."""
        return sum(group.found.count for group in self.groups)

    @property
    def is_capped(self) -> bool:
        """Whether there may be more than were counted."""
        return any(group.found.is_capped for group in self.groups)


def search(text: str, rights: Collection[Right], *, most: int = SHOWN) -> Answer:
    """Return what is found, by kind; kinds without a hit are left out. No text finds nothing."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return Answer("", (), ())
    asked = Asked(text, words_of(text), rights, most)
    groups = [_group(source, asked) for source in sources_for(rights) if len(text) >= source.least]
    return Answer(text, asked.words, [group for group in groups if group.found.count])


def _group(source: SearchSource, asked: Asked) -> Group:
    found = source.find(asked)
    all_url = source.everything(asked.text) if source.everything and found.count else ""
    return Group(source, source.heading, found, all_url)
