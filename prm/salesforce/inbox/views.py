"""Held records and conflicts. Managers see; administrators act."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.errors import Refused
from prm.mapping import Mapping
from prm.salesforce.engine.models import Conflict, SyncProblem
from prm.salesforce.inbox import service, tables
from prm.salesforce.mapping import registry
from prm.salesforce.pages.actions import act, page_url, record_url
from prm.salesforce.pages.service import send_now
from prm.ui.export.answers import file_asked
from prm.ui.toasts import toast

SHOWN_PROBLEMS = 200


SHOWN_CONFLICTS = 100


@require_POST
@page_requires(Right.SYNC_EDIT)
def try_again(request: TenantRequest) -> HttpResponse:
    """Send held records again at once."""
    mapping, code = request.POST.get("mapping", ""), request.POST.get("code", "")

    def work() -> None:
        service.try_again(mapping=mapping, code=code)
        send_now()

    return act(request, work, "Trying again.", "This page follows it.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def create_again(request: TenantRequest) -> HttpResponse:
    """Create records again that were deleted in Salesforce."""
    one = _mapping(request.POST.get("mapping", ""))
    gone = SyncProblem.objects.filter(mapping=one.key, kind=SyncProblem.Kind.DELETED_THERE)
    ids = list(gone.values_list("record_id", flat=True))

    def work() -> None:
        service.create_again(mapping=one.key, record_ids=ids)
        send_now()

    return act(request, work, f"Creating {len(ids)} again.")


def _mapping(key: str) -> Mapping:
    try:
        return registry.mapping(key)
    except KeyError:
        raise Http404 from None


@require_GET
@page_requires(Right.SYNC_VIEW)
def problems(request: TenantRequest) -> HttpResponseBase:
    """List the records of one reason, each with its message and age."""
    one = _mapping(request.GET.get("mapping", ""))
    code = request.GET.get("code", "")
    rows = SyncProblem.objects.filter(mapping=one.key, code=code).order_by("-last_at")
    if file := file_asked(request, f"held {one.plural}", tables.PROBLEMS, rows):
        return file
    shown = [
        {
            "problem": row,
            "title": row.title or str(row.record_id),
            "url": record_url(request, one, row.record_id),
        }
        for row in rows[:SHOWN_PROBLEMS]
    ]
    context = {
        "mapping": one,
        "code": code,
        "rows": shown,
        "count": rows.count(),
        "may_edit": allows(request, Right.SYNC_EDIT),
    }
    return render(request, "salesforce/problems.html", context)


@require_GET
@page_requires(Right.SYNC_VIEW)
def conflicts(request: TenantRequest) -> HttpResponseBase:
    """Both sides changed the same field: which value stayed, and taking the other."""
    known = registry.mappings()
    rows: list[dict[str, object]] = []
    found = Conflict.objects.filter(mapping__in=known).waiting_first()
    if file := file_asked(request, "conflicts", tables.CONFLICTS, found):
        return file
    for conflict in found[:SHOWN_CONFLICTS]:
        one = known[conflict.mapping]
        rows.append(
            {
                "conflict": conflict,
                "mapping": one,
                "label": tables.label_of(conflict),
                "url": record_url(request, one, conflict.record_id),
                "choosable": any(f.there == conflict.there for f in one.pulled),
            }
        )
    context = {
        "rows": rows,
        "open": Conflict.objects.filter(state=Conflict.State.OPEN).count(),
        "may_edit": allows(request, Right.SYNC_EDIT),
    }
    return render(request, "salesforce/conflicts.html", context)


@require_POST
@page_requires(Right.SYNC_EDIT)
def choose(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Decide a conflict for one side."""
    side = request.POST.get("side", "")
    get_object_or_404(Conflict, pk=pk)
    try:
        conflict = service.choose(conflict_id=pk, side=side)
    except Refused as refused:
        toast(request, refused.message, kind="bad")
    else:
        whose = "Our value stays." if side == "here" else "Salesforce's value stays."
        toast(request, f"{conflict.title}: {whose}", "It goes to both sides with the next sync.")
    return redirect(page_url(request, "conflicts"))
