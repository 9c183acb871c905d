"""Answers to htmx and to plain browsers from one view.

A page opened in the sheet is the same URL and the same template; only ``layout`` differs. So is a
page that keeps itself up to date (``components/live.html``): it asks its own URL for its parts.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

SHEET_ID = "sheet"
LIVE_ID = "live"


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment: not for a boosted or a restored whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def target(request: HttpRequest) -> str:
    """Return the id of the element htmx will swap, or ""."""
    return (request.htmx.target or "") if is_htmx(request) else ""  # type: ignore[attr-defined]


def in_sheet(request: HttpRequest) -> bool:
    """Whether this request fills the sheet."""
    return target(request) == SHEET_ID


def is_live(request: HttpRequest) -> bool:
    """Whether a page that keeps itself up to date asks for its own parts."""
    return target(request) == LIVE_ID


def unchanged(request: HttpRequest, stamp: str) -> bool:
    """Whether that page has already seen the state named *stamp*; it then wants no answer (204)."""
    return is_live(request) and request.GET.get("seen") == stamp


def invalid(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """Return the form again, with its errors: 422 for htmx (our config swaps it), 200 for browsers."""
    return render(request, template, dict(context), status=422 if is_htmx(request) else 200)


def saved(request: HttpRequest, next_url: str, *, fragments: Sequence[str] = ()) -> HttpResponse:
    """After a save: the next page, or for htmx with *fragments* those fragments and the toasts.

    Each fragment is trusted, rendered markup whose root has an id and ``hx-swap-oob``. A page that
    leads to itself and keeps itself up to date stays as well and gets the toasts; otherwise htmx
    loads *next_url* as a whole page.
    """
    if not is_htmx(request):
        return HttpResponseRedirect(next_url)
    if not fragments and not _stays(request, next_url):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = next_url
        return response
    toasts = render_to_string("components/toasts_oob.html", {}, request=request)
    response = HttpResponse("".join([*fragments, toasts]))
    response["HX-Reswap"] = "none"
    response["HX-Trigger"] = "prm:close-sheet"
    return response


def _stays(request: HttpRequest, next_url: str) -> bool:
    """Whether the page behind is *next_url* and says (prm.js, PRM-Live) that it renews itself."""
    behind = request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]
    return "PRM-Live" in request.headers and urlsplit(behind).path == urlsplit(next_url).path


def stay_url(request: HttpRequest, default: str) -> str:
    """Return the page behind the sheet, else ``next``, else *default*."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return (htmx.current_url_abs_path if htmx else None) or back_url(request, default)


def back_url(request: HttpRequest, default: str) -> str:
    """``?next=`` or the form's ``next`` when it stays on this site, else *default*."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else default
