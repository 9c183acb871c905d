"""What every API view shares: who calls, what they may do, and pages of results.

DRF reads its settings, and so this module, while it imports its own views: nothing here may import
``rest_framework.views``. The exception handler therefore lives in ``api_errors.py``.
"""

from typing import TYPE_CHECKING, Any, cast

from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from prm.tenancy.permissions import Right, allows

if TYPE_CHECKING:
    from rest_framework.views import APIView

    from prm.tenancy.http import TenantRequest


def _caller(request: Request) -> "TenantRequest":
    """Django's request below DRF's, with what the middleware found."""
    return cast("TenantRequest", request._request)


class CallerAuthentication(SessionAuthentication):
    """The caller found by the middleware: a member by session (with CSRF), or an API key."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """``(user, key)``; user is ``None`` for a key."""
        caller = _caller(request)
        if caller.api_key is not None:
            return None, caller.api_key
        return super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing caller a 401 and not a 403."""
        return "Api-Key"


class IsCaller(BasePermission):
    """Somebody the tenant knows; views ask for more with :func:`Needs`."""

    message = "This needs a member or an API key of this tenant."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """The middleware found a membership or a key."""
        caller = _caller(request)
        return caller.membership is not None or caller.api_key is not None


def Needs(read: Right, write: Right | None = None) -> type[BasePermission]:  # noqa: N802
    """A permission class: ``read`` for safe methods, ``write`` (default: the same) for others."""

    class HasRight(IsCaller):
        rights = (read, write or read)

        def has_permission(self, request: Request, view: "APIView") -> bool:
            """Whether the caller has the right that the method needs."""
            right = read if request.method in {"GET", "HEAD", "OPTIONS"} else (write or read)
            self.message = f"This needs the right {right.value}."
            return super().has_permission(request, view) and allows(_caller(request), right)

    return HasRight


class PageNumber(PageNumberPagination):
    """``?page=2&page_size=100``; at most 200 rows a page."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Cursor(CursorPagination):
    """``?page_size=100`` and the links it answers; for lists too long to count or to skip through.

    The view says its order by ``ordering`` and an ``OrderingFilter``.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
