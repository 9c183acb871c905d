"""What every answer carries whatever view made it: what a browser may keep of it, and fewer bytes."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_cache_control, patch_vary_headers

# What prm.ui.http looks at when it decides between a page and a fragment of the same address.
_DECIDES: Final = ("HX-Request", "HX-Target", "HX-Boosted", "HX-History-Restore-Request")
_COMPRESSED: Final = ("text/", "application/json", "application/problem+json", "image/svg+xml")


class FragmentMiddleware:
    """A page and its fragments have one address: a browser must not show the one where it wants the other.

    It would, when somebody comes back to a page that is not in its back/forward cache. So what is answered
    to htmx is not stored, and everything says that it depends on who asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, _DECIDES)
        if "HX-Request" in request.headers:
            patch_cache_control(response, no_store=True)
        return response


class CompressionMiddleware(GZipMiddleware):
    """Django's gzip, for texts alone: workbooks and other archives are compressed already.

    A guesser of secrets reads them off the length of answers that also hold words of the guesser's (BREACH).
    Django adds up to 100 random bytes to each answer, and its CSRF token is masked anew in each, so
    that pages hold nothing that stays the same and is worth guessing.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        """Compress where it helps."""
        if not response.headers.get("Content-Type", "").startswith(_COMPRESSED):
            return response
        compressed: HttpResponse = super().process_response(request, response)  # type: ignore[assignment]
        return compressed
