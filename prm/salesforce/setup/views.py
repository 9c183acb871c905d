"""The connection and its set-up."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.salesforce.mapping import registry
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import act, page_url
from prm.salesforce.pages.service import send_now
from prm.salesforce.setup import service
from prm.salesforce.setup.forms import ConnectForm
from prm.ui.form_page import Done, form_page
from prm.ui.http import invalid, saved
from prm.ui.toasts import toast


@page_requires(Right.SYNC_EDIT)
def connect(request: TenantRequest) -> HttpResponse:
    """Connect by client credentials; nothing is stored unless Salesforce accepts them."""
    present = queries.present_connection()
    initial = {"login_url": present.login_url, "client_id": present.client_id} if present else {}
    form = ConnectForm(request.POST or None, initial=initial)

    def save() -> Done:
        bound = service.connect(**form.cleaned_data)
        return Done(page_url(request, "setup"), f"Connected to {bound}.", "Next: set up the fields.")

    return form_page(request, form, "salesforce/connect.html", {"present": present}, save=save)


@page_requires(Right.SYNC_EDIT)
def setup(request: TenantRequest) -> HttpResponseBase:
    """Show what is missing in the organisation, and make it."""
    connection = queries.present_connection()
    if connection is None:
        return redirect(page_url(request, "connect"))
    context: dict[str, object] = {"connection": connection, "mappings": _mapping_rows()}
    try:
        result = service.set_up(dry_run=request.method != "POST")
    except Refused as refused:
        context["refused"] = refused.message
        return invalid(request, "salesforce/setup.html", context)
    if request.method == "POST" and result.complete:
        toast(request, "Salesforce is set up.", f"{len(result.made)} parts made. The sync has begun.")
        send_now()
        return saved(request, page_url(request))
    return render(request, "salesforce/setup.html", context | {"result": result})


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
