"""Who calls the API and what they may do, for every API view."""

from typing import TYPE_CHECKING, cast

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from prm.accounts.rights import Right, allows

if TYPE_CHECKING:
    from rest_framework.views import APIView

    from prm.accounts.http import TenantRequest


def caller(request: Request) -> "TenantRequest":
    """Return Django's request below DRF's, with what the middleware found out about the caller."""
    return cast("TenantRequest", request._request)


class CallerAuthentication(SessionAuthentication):
    """The caller found by the middleware: a member by session (with CSRF), or an API key."""

    def authenticate(self, request: Request) -> tuple[object, object] | None:
        """Return `(user, key)`; user is `None` for a key."""
        found = caller(request)
        if found.api_key is not None:
            return None, found.api_key
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme that makes a missing caller a 401 and not a 403."""
        return "Api-Key"


class IsCaller(BasePermission):
    """Somebody the tenant knows; views ask for more with `Needs`."""

    message = "This needs a member or an API key of this tenant."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the middleware found a membership or a key."""
        found = caller(request)
        return any(who is not None for who in (found.membership, found.api_key))


def Needs(read: Right, write: Right | None = None) -> type[BasePermission]:  # noqa: N802
    """Return a permission class: `read` for safe methods, `write` (default: the same) for others."""

    class HasRight(IsCaller):
        rights = (read, write or read)

        def has_permission(self, request: Request, view: "APIView") -> bool:
            """Return whether the caller has the right that the method needs."""
            right = read if request.method in {"GET", "HEAD", "OPTIONS"} else (write or read)
            self.message = f"This needs the right {right.value}."
            return super().has_permission(request, view) and allows(caller(request), right)

    return HasRight
