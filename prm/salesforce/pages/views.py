"""Sync health, connection, set-up, held records and conflicts. Managers see; administrators act."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.salesforce.engine.models import Connection
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import act, connect_page, page_url
from prm.salesforce.pages.service import look_again as look_again_now
from prm.salesforce.pages.service import send_now


@require_GET
@page_requires(Right.SYNC_VIEW)
def health(request: TenantRequest) -> HttpResponse:
    """Whether Salesforce keeps up, and what holds it up."""
    connection = queries.present_connection()
    context: dict[str, object] = {"may_edit": allows(request, Right.SYNC_EDIT)}
    if connection is None:
        return render(request, "salesforce/not_connected.html", context)
    if connection.is_resting:
        if context["may_edit"]:
            return redirect(page_url(request, "start"))
        return render(request, "salesforce/not_started.html", context | {"connection": connection})
    context |= _health(request, connection)
    return render(request, "salesforce/health.html", context)


def _health(request: TenantRequest, connection: Connection) -> dict[str, object]:
    found = queries.health(connection)
    word, kind = found.status
    return {
        "health": found,
        "status_word": word,
        "status_kind": kind,
        "sign_in_url": page_url(request, connect_page(queries.signs_in_by())),
    }


@require_GET
@page_requires(Right.SYNC_VIEW)
def live(request: TenantRequest) -> HttpResponse:
    """Draw the part of the health page that changes, for polling."""
    connection = queries.present_connection()
    if connection is None:
        raise Http404
    context = {"may_edit": allows(request, Right.SYNC_EDIT), **_health(request, connection)}
    return render(request, "salesforce/parts/live.html", context)


@require_POST
@page_requires(Right.SYNC_EDIT)
def sync_now(request: TenantRequest) -> HttpResponse:
    """Start a run in the background."""
    return act(request, send_now, "Sync started.", "This page follows it.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def look_again(request: TenantRequest) -> HttpResponse:
    """Look at once at the objects and fields that rest."""
    return act(request, look_again_now, "Looking.", "What is there again is read from the start.")
