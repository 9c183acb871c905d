"""Sections that other apps put on a person's own page, as each says them in its `profile_parts.py`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from prm.accounts.models import Membership
from prm.core import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePart:
    """One section: its heading, what it is about, the template that draws it, and what that needs of a member.

    `context` gives None to members for whom there is nothing in it.
    """

    key: str
    title: str
    about: Callable[[], str]
    template: str
    context: Callable[[Membership], Mapping[str, object] | None]
    order: int = 100


_registered: dict[str, ProfilePart] = {}


def register(parts: Iterable[ProfilePart]) -> None:
    """Add an app's sections; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, parts, "sections of the profile")


def sections_for(member: Membership) -> Sequence[tuple[ProfilePart, Mapping[str, object]]]:
    """Return the sections that say something to a member, in their order, each with what its template needs."""
    parts = sorted(_registered.values(), key=lambda part: (part.order, part.key))
    found = ((part, part.context(member)) for part in parts)
    return [(part, context) for part, context in found if context is not None]
