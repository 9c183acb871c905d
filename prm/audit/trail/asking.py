"""What the words of a search mean for the trail: the rows that the product's search finds by them."""

from collections.abc import Collection
from uuid import UUID

from prm.accounts.rights import Right
from prm.search.queries import search

_MOST = 50


def meant(words: str, rights: Collection[Right]) -> tuple[UUID, ...] | None:
    """Return the ids of what is called so, at most 50 of each kind; None for no words, () for nothing found."""
    if not words.strip():
        return None
    try:
        return (UUID(words.strip()),)
    except ValueError:
        answer = search(words, rights, most=_MOST)
    return tuple(UUID(hit.id) for group in answer.groups for hit in group.found.hits if hit.id)
