"""Who may change which activity: reps their own, managers all (the rights are in prm.accounts.rights)."""

from typing import Protocol
from uuid import UUID

from django.core.exceptions import PermissionDenied

from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership
from prm.accounts.rights import Right, allows
from prm.core.errors import Refused


def manages(request: TenantRequest) -> bool:
    """Whether the caller may change everybody's activities."""
    return allows(request, Right.ACTIVITY_MANAGE)


def may_change(request: TenantRequest, rep_id: UUID | None) -> bool:
    """Whether the caller may change what the member ``rep_id`` has logged."""
    if manages(request):
        return True
    own_id = request.membership.pk if request.membership else None
    return allows(request, Right.ACTIVITY_WRITE) and own_id is not None and rep_id == own_id


def require_change(request: TenantRequest, rep_id: UUID | None) -> None:
    """Raise PermissionDenied unless the caller may change what ``rep_id`` has logged."""
    if not may_change(request, rep_id):
        raise PermissionDenied("Only the rep who logged this, or a manager, may change it.")


class Shared(Protocol):
    """Something that several members look after, as an opportunity."""

    @property
    def keepers(self) -> frozenset[UUID]: ...


def may_change_opportunity(request: TenantRequest, opportunity: Shared) -> bool:
    """Whether the caller is one of the opportunity's keepers, or manages all.

    An opportunity that nobody keeps is open to everybody who logs activities.
    """
    if not opportunity.keepers:
        return allows(request, Right.ACTIVITY_WRITE)
    return any(may_change(request, keeper) for keeper in opportunity.keepers)


def require_opportunity(request: TenantRequest, opportunity: Shared) -> None:
    """Raise PermissionDenied unless `may_change_opportunity`."""
    if not may_change_opportunity(request, opportunity):
        raise PermissionDenied("Only the owner, the partner's rep, or a manager may change this opportunity.")


def acting_member(request: TenantRequest, wanted: Membership | None) -> Membership:
    """Return who an activity is logged for: the caller, or whom a manager names. Raises Refused."""
    member: Membership | None = request.membership
    if wanted is None or wanted == member:
        if member is None:
            raise Refused("Say whose activity this is.", field="rep", code="required")
        return member
    if not manages(request):
        raise Refused("Only a manager logs for somebody else.", field="rep", code="not_allowed")
    return wanted
