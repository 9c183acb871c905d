"""The one place that says what a role, or a key, may do. Pages and API ask here.

``RIGHTS`` is the matrix of roles; ``SCOPES`` that of API keys. ``page_requires`` guards a page
view, ``prm.api.callers.Needs`` an API view, ``require`` anything else.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from prm.accounts.roles import Role

if TYPE_CHECKING:
    from prm.accounts.http import TenantRequest
    from prm.accounts.models import ApiKey, Membership

P = ParamSpec("P")


class Right(StrEnum):
    """Something a caller may do in a tenant."""

    PARTNER_VIEW = "partner.view"
    PARTNER_EDIT = "partner.edit"
    STANDING_VIEW = "standing.view"
    TIER_DECIDE = "tier.decide"
    POLICY_EDIT = "policy.edit"
    ORDER_VIEW = "order.view"
    ORDER_WRITE = "order.write"
    ORDER_TIE = "order.tie"
    SOURCE_EDIT = "source.edit"
    IMPORT_RUN = "import.run"
    ACTIVITY_VIEW = "activity.view"
    ACTIVITY_WRITE = "activity.write"
    ACTIVITY_MANAGE = "activity.manage"
    PANEL_KEEP = "panel.keep"
    SYNC_VIEW = "sync.view"
    SYNC_EDIT = "sync.edit"
    MEMBER_EDIT = "member.edit"
    KEY_EDIT = "key.edit"
    AUDIT_VIEW = "audit.view"
    OWN_REFERRALS = "own_referrals"


_REP = frozenset(
    {
        Right.PARTNER_VIEW,
        Right.PARTNER_EDIT,
        Right.STANDING_VIEW,
        Right.ORDER_VIEW,
        Right.ACTIVITY_VIEW,
        Right.ACTIVITY_WRITE,
        Right.PANEL_KEEP,
    }
)
# Whoever keeps a panel visits partners; who leads them decides, and begins the day elsewhere.
_MANAGER = (_REP - {Right.PANEL_KEEP}) | {
    Right.TIER_DECIDE,
    Right.POLICY_EDIT,
    Right.ORDER_TIE,
    Right.IMPORT_RUN,
    Right.ACTIVITY_MANAGE,
    Right.SYNC_VIEW,
}
_ADMINISTRATOR = frozenset(Right) - {Right.OWN_REFERRALS, Right.PANEL_KEEP}

RIGHTS: dict[str, frozenset[Right]] = {
    Role.ADMINISTRATOR: _ADMINISTRATOR,
    Role.MANAGER: _MANAGER,
    Role.REP: _REP,
    Role.PARTNER: frozenset({Right.OWN_REFERRALS}),
}

SCOPES: dict[str, frozenset[Right]] = {
    "orders:write": frozenset({Right.ORDER_WRITE, Right.ORDER_VIEW}),
    "orders:read": frozenset({Right.ORDER_VIEW}),
    "partners:read": frozenset({Right.PARTNER_VIEW, Right.STANDING_VIEW}),
    "partners:write": frozenset({Right.PARTNER_VIEW, Right.PARTNER_EDIT}),
    "activities:read": frozenset({Right.ACTIVITY_VIEW}),
}


def roles_with(right: Right) -> list[str]:
    """Return the roles that have the right, for queries about members."""
    return [role for role, rights in RIGHTS.items() if right in rights]


def rights_of(membership: "Membership | None", key: "ApiKey | None" = None) -> frozenset[Right]:
    """Everything a member, or else a key, may do; nobody may do nothing."""
    if membership is not None:
        return RIGHTS.get(membership.role, frozenset())
    if key is not None:
        return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in key.scopes))
    return frozenset()


def allows(request: "TenantRequest", right: Right) -> bool:
    """Whether the caller of this request has the right. For templates: ``request.rights``."""
    return right in request.rights


def require(request: "TenantRequest", right: Right) -> None:
    """Raise ``PermissionDenied`` unless the caller has the right."""
    if not allows(request, right):
        raise PermissionDenied(f"This needs the right {right.value}.")


View = Callable[Concatenate["TenantRequest", P], HttpResponseBase]


def page_requires(*rights: Right) -> Callable[[View[P]], View[P]]:
    """Guard a page view: the caller needs any one of ``rights``, else 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: "TenantRequest", *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(allows(request, right) for right in rights):
                raise PermissionDenied(f"This needs the right {rights[0].value}.")
            return view(request, *args, **kwargs)

        setattr(guarded, "rights", rights)  # noqa: B010  (read by the test that walks all URLs)
        return guarded  # type: ignore[return-value]  # wraps() keeps the signature

    return decorate
