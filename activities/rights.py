"""Who may change which activity: reps their own, managers all (the rights are in prm.accounts.rights)."""

from uuid import UUID

from django.core.exceptions import PermissionDenied

from activities.market.budgets.models import Opportunity
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows


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


def may_change_opportunity(request: TenantRequest, opportunity: Opportunity) -> bool:
    """Whether the caller owns the opportunity or has its partner in their panel, or manages all.

    An opportunity without owner, whose partner has no rep either, is open to every rep.
    """
    keepers = {opportunity.owner_id, opportunity.partner.rep_id} - {None}
    if not keepers:
        return allows(request, Right.ACTIVITY_WRITE)
    return any(may_change(request, keeper) for keeper in keepers)


def require_opportunity(request: TenantRequest, opportunity: Opportunity) -> None:
    """Raise PermissionDenied unless :func:`may_change_opportunity`."""
    if not may_change_opportunity(request, opportunity):
        raise PermissionDenied("Only the owner, the partner's rep, or a manager may change this opportunity.")
