"""Sync health, connection, set-up, held records and conflicts. Managers see; administrators act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from prm.mapping import Mapping
from prm.salesforce import queries, registry, services, tasks
from prm.salesforce.forms import ConnectForm
from prm.salesforce.models import Conflict, SyncProblem, SyncSchedule
from prm.tenancy.errors import Refused
from prm.tenancy.http import TenantRequest
from prm.tenancy.permissions import Right, allows, page_requires
from prm.ui.http import invalid, saved
from prm.ui.toasts import toast

SHOWN_PROBLEMS = 200
SHOWN_CONFLICTS = 100


def _url(request: TenantRequest, name: str = "health") -> str:
    return reverse(f"salesforce:{name}", kwargs={"tenant": request.tenant.slug})


def _record_url(request: TenantRequest, one: Mapping, record_id: UUID) -> str:
    """Where a record's page is; "" when its kind has none."""
    try:
        return reverse(one.url_name, kwargs={"tenant": request.tenant.slug, "pk": record_id})
    except NoReverseMatch:
        return ""


@require_GET
@page_requires(Right.SYNC_VIEW)
def health(request: TenantRequest) -> HttpResponse:
    """Whether Salesforce keeps up, and what holds it up."""
    connection = queries.present_connection()
    context: dict[str, Any] = {"may_edit": allows(request, Right.SYNC_EDIT)}
    if connection is None:
        return render(request, "salesforce/not_connected.html", context)
    context |= _health(connection)
    return render(request, "salesforce/health.html", context)


def _health(connection: Any) -> dict[str, Any]:
    found = queries.health(connection)
    word, kind = found.status
    return {"health": found, "status_word": word, "status_kind": kind}


@require_GET
@page_requires(Right.SYNC_VIEW)
def live(request: TenantRequest) -> HttpResponse:
    """The part of the health page that changes, for polling."""
    connection = queries.present_connection()
    if connection is None:
        raise Http404
    context = {"may_edit": allows(request, Right.SYNC_EDIT), **_health(connection)}
    return render(request, "salesforce/parts/live.html", context)


@page_requires(Right.SYNC_EDIT)
def connect(request: TenantRequest) -> HttpResponseBase:
    """Connect by client credentials; nothing is stored unless Salesforce accepts them."""
    present = queries.present_connection()
    initial = {"login_url": present.login_url, "client_id": present.client_id} if present else {}
    form = ConnectForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            bound = services.connect(**form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, refused.message)
        else:
            toast(request, f"Connected to {bound}.", "Next: set up the fields.")
            return saved(request, _url(request, "setup"))
    context = {"form": form, "present": present}
    if request.method == "POST":
        return invalid(request, "salesforce/connect.html", context)
    return render(request, "salesforce/connect.html", context)


@page_requires(Right.SYNC_EDIT)
def setup(request: TenantRequest) -> HttpResponseBase:
    """What is missing in the organisation, and making it."""
    connection = queries.present_connection()
    if connection is None:
        return redirect(_url(request, "connect"))
    context: dict[str, Any] = {"connection": connection, "mappings": _mapping_rows()}
    try:
        result = services.set_up(dry_run=request.method != "POST")
    except Refused as refused:
        context["refused"] = refused.message
        return invalid(request, "salesforce/setup.html", context)
    if request.method == "POST" and result.complete:
        toast(request, "Salesforce is set up.", f"{len(result.made)} parts made. The sync has begun.")
        _send_now()
        return saved(request, _url(request))
    return render(request, "salesforce/setup.html", context | {"result": result})


def _mapping_rows() -> list[dict[str, Any]]:
    return [{"mapping": one, "fields": queries.field_rows(one)} for one in registry.mappings().values()]


def _send_now() -> None:
    SyncSchedule.objects.update(not_before=None)
    tasks.sync_tenant.send(pull=True, door="page")


def _act(request: TenantRequest, work: Callable[[], object], done: str, detail: str = "") -> HttpResponse:
    try:
        work()
    except Refused as refused:
        toast(request, refused.message, kind="bad")
    else:
        toast(request, done, detail)
    return redirect(_url(request))


@require_POST
@page_requires(Right.SYNC_EDIT)
def sync_now(request: TenantRequest) -> HttpResponse:
    """Start a run in the background."""
    return _act(request, _send_now, "Sync started.", "This page follows it.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def pause(request: TenantRequest) -> HttpResponse:
    """Stop exchanging changes; they wait."""
    return _act(request, services.pause, "Sync paused.", "Changes are kept and go when you resume.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def resume(request: TenantRequest) -> HttpResponse:
    """Go on."""

    def work() -> None:
        services.resume()
        _send_now()

    return _act(request, work, "Sync resumed.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def disconnect(request: TenantRequest) -> HttpResponse:
    """End the connection."""
    return _act(
        request,
        services.disconnect,
        "Disconnected from Salesforce.",
        "Nothing was changed there. Connect again to go on.",
    )


@require_POST
@page_requires(Right.SYNC_EDIT)
def try_again(request: TenantRequest) -> HttpResponse:
    """Send held records again at once."""
    mapping, code = request.POST.get("mapping", ""), request.POST.get("code", "")

    def work() -> None:
        services.try_again(mapping=mapping, code=code)
        _send_now()

    return _act(request, work, "Trying again.", "This page follows it.")


@require_POST
@page_requires(Right.SYNC_EDIT)
def create_again(request: TenantRequest) -> HttpResponse:
    """Create records again that were deleted in Salesforce."""
    one = _mapping(request.POST.get("mapping", ""))
    gone = SyncProblem.objects.filter(mapping=one.key, kind=SyncProblem.Kind.DELETED_THERE)
    ids = list(gone.values_list("record_id", flat=True))

    def work() -> None:
        services.create_again(mapping=one.key, record_ids=ids)
        _send_now()

    return _act(request, work, f"Creating {len(ids)} again.")


def _mapping(key: str) -> Mapping:
    try:
        return registry.mapping(key)
    except KeyError:
        raise Http404 from None


@require_GET
@page_requires(Right.SYNC_VIEW)
def problems(request: TenantRequest) -> HttpResponse:
    """The records of one reason, each with its message and age."""
    one = _mapping(request.GET.get("mapping", ""))
    code = request.GET.get("code", "")
    rows = SyncProblem.objects.filter(mapping=one.key, code=code).order_by("-last_at")
    shown = [
        {
            "problem": row,
            "title": row.title or str(row.record_id),
            "url": _record_url(request, one, row.record_id),
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
def conflicts(request: TenantRequest) -> HttpResponse:
    """Both sides changed the same field: which value stayed, and taking the other."""
    known = registry.mappings()
    rows: list[dict[str, Any]] = []
    for conflict in Conflict.objects.filter(mapping__in=known)[:SHOWN_CONFLICTS]:
        one = known[conflict.mapping]
        label = next((f.label for f in one.fields if f.there == conflict.there), "")
        rows.append(
            {
                "conflict": conflict,
                "mapping": one,
                "label": label or conflict.there,
                "url": _record_url(request, one, conflict.record_id),
                "choosable": any(f.there == conflict.there for f in one.pulled),
            }
        )
    rows.sort(key=lambda row: row["conflict"].state != Conflict.State.OPEN)
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
        conflict = services.choose(conflict_id=pk, side=side, by=str(request.user))
    except Refused as refused:
        toast(request, refused.message, kind="bad")
    else:
        whose = "Our value stays." if side == "here" else "Salesforce's value stays."
        toast(request, f"{conflict.title}: {whose}", "It goes to both sides with the next sync.")
        tasks.sync_tenant.send(pull=False, door="page")
    return redirect(_url(request, "conflicts"))
