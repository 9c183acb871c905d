"""The one place that says what a role, or a key, may do. Pages and API ask here.

`ROLES` is the table of roles: a new role is one row in it. `SCOPES` is that of API keys. `page_requires`
guards a page view, `prm.api.callers.Needs` an API view, `require` anything else.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase


class Right(StrEnum):
    """Something a caller may do in a tenant."""

    PARTNER_VIEW = "partner.view"
    PARTNER_EDIT = "partner.edit"
    STANDING_VIEW = "standing.view"
    TIER_DECIDE = "tier.decide"
    POLICY_EDIT = "policy.edit"
    SETTINGS_EDIT = "settings.edit"
    ORDER_VIEW = "order.view"
    ORDER_WRITE = "order.write"
    ORDER_TIE = "order.tie"
    SOURCE_EDIT = "source.edit"
    RATE_EDIT = "rate.edit"
    IMPORT_RUN = "import.run"
    RECONCILE = "revenue.reconcile"
    TOTAL_WRITE = "total.write"
    ACTIVITY_VIEW = "activity.view"
    ACTIVITY_WRITE = "activity.write"
    ACTIVITY_MANAGE = "activity.manage"
    PANEL_KEEP = "panel.keep"
    SYNC_VIEW = "sync.view"
    SYNC_EDIT = "sync.edit"
    CONFLICT_DECIDE = "conflict.decide"
    MEMBER_EDIT = "member.edit"
    KEY_EDIT = "key.edit"
    AUDIT_VIEW = "audit.view"
    API_DOCS = "api.docs"
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
        Right.API_DOCS,
    }
)
# Whoever keeps a panel visits partners; who leads them decides, and begins the day elsewhere.
_MANAGER = (_REP - {Right.PANEL_KEEP}) | {
    Right.TIER_DECIDE,
    Right.POLICY_EDIT,
    Right.ORDER_TIE,
    Right.RATE_EDIT,
    Right.IMPORT_RUN,
    Right.RECONCILE,
    Right.TOTAL_WRITE,
    Right.ACTIVITY_MANAGE,
    Right.SYNC_VIEW,
    Right.CONFLICT_DECIDE,
}
_ADMINISTRATOR = frozenset(Right) - {Right.OWN_REFERRALS, Right.PANEL_KEEP}


@dataclass(frozen=True, slots=True)
class Role:
    """What a member can be to the tenant. `key` is stored with the membership, `label` is for people."""

    key: str
    label: str
    rights: frozenset[Right]


# In the order in which they are offered.
ROLES = (
    Role("administrator", "Administrator", _ADMINISTRATOR),
    Role("manager", "Manager", _MANAGER),
    Role("rep", "Rep", _REP),
    Role("partner", "Partner", frozenset({Right.OWN_REFERRALS})),
)
RIGHTS = {role.key: role.rights for role in ROLES}
LABELS = {role.key: role.label for role in ROLES}

# Whoever is given a key may read how it is used.
SCOPES: dict[str, frozenset[Right]] = {
    "orders:write": frozenset({Right.ORDER_WRITE, Right.ORDER_VIEW, Right.API_DOCS}),
    "orders:read": frozenset({Right.ORDER_VIEW, Right.API_DOCS}),
    "imports:write": frozenset({Right.IMPORT_RUN, Right.ORDER_VIEW, Right.API_DOCS}),
    "rates:write": frozenset({Right.RATE_EDIT, Right.ORDER_VIEW, Right.API_DOCS}),
    "totals:write": frozenset({Right.TOTAL_WRITE, Right.API_DOCS}),
    "partners:read": frozenset({Right.PARTNER_VIEW, Right.STANDING_VIEW, Right.API_DOCS}),
    "partners:write": frozenset({Right.PARTNER_VIEW, Right.PARTNER_EDIT, Right.API_DOCS}),
    "lists:write": frozenset({Right.IMPORT_RUN, Right.PARTNER_VIEW, Right.PARTNER_EDIT, Right.API_DOCS}),
    "activities:read": frozenset({Right.ACTIVITY_VIEW, Right.API_DOCS}),
    "sync:read": frozenset({Right.SYNC_VIEW, Right.API_DOCS}),
}


class _Member(Protocol):
    @property
    def role(self) -> str: ...


class _Key(Protocol):
    @property
    def scopes(self) -> Iterable[str]: ...


class Caller(Protocol):
    """A request of somebody whose rights are known."""

    @property
    def rights(self) -> frozenset[Right]: ...


def roles_with(right: Right) -> tuple[str, ...]:
    """Return the roles that have the right, in the table's order; for queries about members."""
    return tuple(role.key for role in ROLES if right in role.rights)


def staff_roles() -> tuple[str, ...]:
    """Return the roles of the tenant's own people: those that do not see their own referrals only."""
    return tuple(role.key for role in ROLES if Right.OWN_REFERRALS not in role.rights)


def rights_of(membership: _Member | None, key: _Key | None = None) -> frozenset[Right]:
    """Return everything a member, or else a key, may do; nobody may do nothing."""
    if membership is not None:
        return RIGHTS.get(membership.role, frozenset())
    if key is not None:
        return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in key.scopes))
    return frozenset()


def allows(request: Caller, right: Right) -> bool:
    """Return whether the caller of this request has the right. For templates: `request.rights`."""
    return right in request.rights


def require(request: Caller, right: Right) -> None:
    """Raise `PermissionDenied` unless the caller has the right."""
    if not allows(request, right):
        raise PermissionDenied(f"This needs the right {right.value}.")


P = ParamSpec("P")
R = TypeVar("R", bound=Caller)
View = Callable[Concatenate[R, P], HttpResponseBase]


def page_requires(*rights: Right) -> Callable[[View[R, P]], View[R, P]]:
    """Guard a page view: the caller needs any one of `rights`, else 403."""

    def decorate(view: View[R, P]) -> View[R, P]:
        @wraps(view)
        def guarded(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(allows(request, right) for right in rights):
                raise PermissionDenied(f"This needs the right {rights[0].value}.")
            return view(request, *args, **kwargs)

        setattr(guarded, "rights", rights)  # noqa: B010  (read by the test that walks all URLs)
        return guarded  # type: ignore[return-value]  # wraps() keeps the signature

    return decorate
