"""Who may change which activity: reps their own, managers all (the rights are in prm.accounts.rights).

Services ask here, each for what it does; pages ask as well, to know which buttons to show.
"""

from typing import Protocol
from uuid import UUID

from django.core.exceptions import PermissionDenied

from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.context import current_actor


def manages() -> bool:
    """Whether who acts may change everybody's activities."""
    return current_actor().may(Right.ACTIVITY_MANAGE)


def may_change(rep_id: UUID | None) -> bool:
    """Whether who acts may change what the member `rep_id` has logged."""
    actor = current_actor()
    own = actor.member_id is not None and actor.member_id == rep_id
    return manages() or (own and actor.may(Right.ACTIVITY_WRITE))


def require_change(rep_id: UUID | None) -> None:
    """Raise PermissionDenied unless who acts may change what `rep_id` has logged."""
    if not may_change(rep_id):
        raise PermissionDenied("Only the rep who logged this, or a manager, may change it.")


class Shared(Protocol):
    """Something that several members look after, as an opportunity."""

    @property
    def keepers(self) -> frozenset[UUID]: ...


def may_change_opportunity(opportunity: Shared) -> bool:
    """Whether who acts is one of the opportunity's keepers, or manages all.

    An opportunity that nobody keeps is open to everybody who logs activities.
    """
    if not opportunity.keepers:
        return current_actor().may(Right.ACTIVITY_WRITE)
    return any(may_change(keeper) for keeper in opportunity.keepers)


def require_opportunity(opportunity: Shared) -> None:
    """Raise PermissionDenied unless `may_change_opportunity`."""
    if not may_change_opportunity(opportunity):
        raise PermissionDenied("Only the owner, the partner's rep, or a manager may change this opportunity.")


def require_own_name(member: Membership | None, field: str = "rep") -> None:
    """Refuse to log in the name of another member, unless who acts manages all. Raises Refused."""
    if member is not None and not may_change(member.pk):
        raise Refused("Only a manager logs for somebody else.", field=field, code="not_allowed")


def named_or_own(wanted: Membership | None, own: Membership | None) -> Membership:
    """Return whom an activity is logged for: whom it names, else the caller. Raises Refused for a key."""
    member = wanted or own
    if member is None:
        raise Refused("Say whose activity this is.", field="rep", code="required")
    return member
