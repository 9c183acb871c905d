"""Answers to htmx and to plain browsers from one view.

A page opened in the sheet is the same URL and the same template; only ``layout`` differs. So is a
page that keeps itself up to date (``components/live.html``): it asks its own URL for its parts.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from prm.ui.parts import PROGRESS_QUERY, Progress

SHEET_ID = "sheet"
LIVE_ID = "live"
SAVED_COOKIE: Final = "prm_saved"
"""Names the address of a form that was saved, for forms.js: what was typed there need not be kept any longer."""
SAVED_SECONDS: Final = 60


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


def asks_for_progress(request: HttpRequest) -> bool:
    """Whether a page asks for how far its long job is (`PROGRESS_QUERY`), and not a person for the page."""
    return is_htmx(request) and PROGRESS_QUERY in request.META["QUERY_STRING"].split("&")


def progress_piece(request: HttpRequest, progress: Progress | None) -> HttpResponse:
    """Answer `asks_for_progress`: how far the job is; once it is over (or none is left) the page loads anew.

    The page of a finished job has other parts than its progress, and never fits into the piece.
    """
    if progress is not None and progress.running:
        return render(request, "components/progress.html", {"progress": progress})
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def invalid(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """Return the form again, with its errors: 422 for htmx (our config swaps it), 200 for browsers."""
    return render(request, template, dict(context), status=422 if is_htmx(request) else 200)


def saved(request: HttpRequest, next_url: str, *, fragments: Sequence[str] = ()) -> HttpResponse:
    """After a save: as `go_on`, and the browser forgets what was typed in this form."""
    return mark_saved(request, go_on(request, next_url, fragments=fragments))


def mark_saved(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response; with it the browser learns that the form of this address was saved."""
    response.set_cookie(
        SAVED_COOKIE,
        quote(request.path, safe=""),
        max_age=SAVED_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def go_on(request: HttpRequest, next_url: str, *, fragments: Sequence[str] = ()) -> HttpResponse:
    """Go to the next page, or for htmx with *fragments* answer those fragments and the toasts.

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


def page_asked_from(request: HttpRequest, default: str) -> str:
    """Return the page that its reader has before them, to come back to after signing in.

    That is the address itself where it is read. What a form sends or htmx asks for opens nothing by itself:
    then it is the page that shows the form or the fragment, or *default* where the browser does not say.
    """
    if is_htmx(request):
        return request.htmx.current_url_abs_path or default  # type: ignore[attr-defined]
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    parts = urlsplit(request.headers.get("Referer", ""))
    if parts.netloc != request.get_host():
        return default
    return parts._replace(scheme="", netloc="", fragment="").geturl() or default
