"""Who of the organisation's people has a second step."""

from dataclasses import dataclass

from prm.accounts.models import Membership
from prm.accounts.profile.security import with_second_step


@dataclass(frozen=True, slots=True)
class Person:
    """A member, and whether the password alone opens nothing for them."""

    member: Membership
    has_second_step: bool

    @property
    def words(self) -> str:
        """Return "Yes" or "No"."""
        return "Yes" if self.has_second_step else "No"


def people() -> list[Person]:
    """Return the organisation's own people who may come in, by name (2 queries)."""
    members = list(Membership.objects.active().staff().with_people())
    safe = with_second_step([member.user_id for member in members])
    return [Person(member, member.user_id in safe) for member in members]
