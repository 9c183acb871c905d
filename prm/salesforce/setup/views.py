"""The connection and its set-up."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.salesforce.credentials import keys
from prm.salesforce.mapping import registry
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import act, connect_page, page_url
from prm.salesforce.pages.service import send_now
from prm.salesforce.setup import errands, service
from prm.salesforce.setup.models import Errand
from prm.salesforce.setup.signin.views import failed_page
from prm.tenancy.work import broker
from prm.ui.http import asks_for_progress, progress_piece, saved
from prm.ui.parts import Progress, Step
from prm.ui.toasts import toast

_SHOWN_ON: Final = {
    Errand.Kind.READ: "adopt",
    Errand.Kind.TRY: "start",
    Errand.Kind.START: "start",
    Errand.Kind.DESCRIBE: "mapping",
    Errand.Kind.TRY_MAP: "mapping-try",
}
"""The pages that show what an errand found."""


@page_requires(Right.SYNC_EDIT)
def setup(request: TenantRequest) -> HttpResponseBase:
    """Show what is missing in the organisation, and have it made; Salesforce is asked in the background."""
    connection = queries.present_connection()
    if connection is None:
        return redirect(page_url(request, "connect"))
    known = errands.known_setup(connection)
    under_way = errands.under_way()
    if request.method == "POST":
        kind = Errand.Kind.LOOK if request.POST.get("do") == "look" else Errand.Kind.SET_UP
        under_way = errands.ask(kind)
    elif under_way is None and known is None:
        under_way = errands.ask(Errand.Kind.LOOK)
    if under_way is not None:
        return saved(request, _errand_url(request, under_way))
    assert known is not None
    context = {
        "connection": connection,
        "credential": keys.stored(),
        "sign_in_url": page_url(request, connect_page(queries.signs_in_by())),
        "mappings": _mapping_rows(),
        "known": known,
        "result": known.result,
    }
    return render(request, "salesforce/setup.html", context)


@page_requires(Right.SYNC_EDIT)
def start(request: TenantRequest) -> HttpResponseBase:
    """Show what starting would do, try it, and start; Salesforce is asked in the background."""
    connection = queries.present_connection()
    if connection is None:
        return redirect(page_url(request, "connect"))
    if not connection.is_resting:
        return redirect(page_url(request))
    if request.method == "POST":
        kind = Errand.Kind.START if request.POST.get("do") == "start" else Errand.Kind.TRY
        return saved(request, _errand_url(request, errands.ask(kind)))
    under_way = errands.under_way()
    if under_way is not None:
        return redirect(_errand_url(request, under_way))
    tried, known = errands.latest(Errand.Kind.TRY), errands.known_outcome(connection)
    context = {
        "connection": connection,
        "limits": queries.calls_left(),
        "tried": tried if known is None else known[0],
        "outcome": known[1] if known else None,
        "nav_key": "sync",
    }
    return render(request, "salesforce/start.html", context)


def _errand_url(request: TenantRequest, errand: Errand) -> str:
    return tenant_url(request.tenant, "salesforce:errand", kind=errand.kind)


@require_GET
@page_requires(Right.SYNC_EDIT)
def errand(request: TenantRequest, kind: str) -> HttpResponseBase:
    """Show how far an errand is; when it is over, go where its result is shown."""
    if kind not in Errand.Kind.values:
        raise Http404
    found = errands.latest(Errand.Kind(kind))
    progress = _progress_of(request, found) if found is not None and found.is_open else None
    if asks_for_progress(request):
        return progress_piece(request, progress)
    if progress is not None:
        return render(request, "salesforce/errand.html", {"errand": found, "progress": progress})
    return _after(request, found, Errand.Kind(kind))


def _progress_of(request: TenantRequest, found: Errand) -> Progress:
    return Progress(
        done=found.steps_done,
        total=None,
        unit="steps",
        steps=[Step(found.step or "Waits for its turn", state="now" if found.steps_done else "waits")],
        page_url=_errand_url(request, found),
        unreachable=not found.steps_done and not broker.answers(),
    )


def _after(request: TenantRequest, found: Errand | None, kind: Errand.Kind) -> HttpResponseBase:
    is_done = found is not None and found.state == Errand.State.DONE
    if kind == Errand.Kind.CONNECT:
        if found is None or not is_done:
            return redirect(page_url(request, failed_page(found)))
        toast(request, f"Connected to {found.result.get('connected')}.", "Next: set up the fields.")
    elif kind == Errand.Kind.SET_UP and found is not None and is_done and not found.result.get("missing"):
        bound = queries.present_connection()
        is_resting = bound is not None and bound.is_resting
        then = "Next: see what starting would do." if is_resting else "What waited for it goes now."
        toast(request, "Salesforce is set up.", f"{len(found.result['made'])} parts made. {then}")
        return redirect(page_url(request, "start" if is_resting else "health"))
    elif kind in _SHOWN_ON and kind != Errand.Kind.START:
        return redirect(page_url(request, _SHOWN_ON[kind]))
    elif kind == Errand.Kind.START:
        if not is_done:
            toast(request, "Not started.", found.message if found else "", kind="bad")
            return redirect(page_url(request, "start"))
        toast(request, "Started.", "Everything here is compared and sent once; this page follows it.")
        return redirect(page_url(request))
    return redirect(page_url(request, "setup"))


@require_POST
@page_requires(Right.SYNC_EDIT)
def stop(request: TenantRequest, kind: str) -> HttpResponse:
    """Stop an errand."""
    if kind not in Errand.Kind.values:
        raise Http404
    errands.stop(Errand.Kind(kind))
    stopped = errands.latest(Errand.Kind(kind))
    made = kind == Errand.Kind.SET_UP
    toast(request, "Stopped.", "What was made in Salesforce until now stays there." if made else "")
    asked = Errand.Kind(kind)
    back = failed_page(stopped) if asked == Errand.Kind.CONNECT else _SHOWN_ON.get(asked, "health")
    return saved(request, page_url(request, back))


def _mapping_rows() -> list[dict[str, object]]:
    return [{"mapping": one, "fields": queries.field_rows(one)} for one in registry.mappings().values()]


@require_POST
@page_requires(Right.SYNC_EDIT)
def pause(request: TenantRequest) -> HttpResponse:
    """Stop exchanging changes; they wait."""
    return act(request, service.pause, "Sync paused.", "Changes are kept and go when you resume.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def resume(request: TenantRequest) -> HttpResponse:
    """Go on."""

    def work() -> None:
        service.resume()
        send_now()

    return act(request, work, "Sync resumed.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def disconnect(request: TenantRequest) -> HttpResponse:
    """End the connection."""
    return act(
        request,
        service.disconnect,
        "Disconnected from Salesforce.",
        "Nothing was changed there. Connect again to go on.",
    )
