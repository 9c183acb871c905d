"""Held records and conflicts. Managers see and decide conflicts; administrators act on what is held."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.mapping import Mapping
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem
from prm.salesforce.inbox import queries, records, service, tables
from prm.salesforce.inbox.filters import ConflictFilter, WaitingFilter
from prm.salesforce.mapping import registry
from prm.salesforce.pages.actions import act, page_url, record_url
from prm.salesforce.pages.service import send_now
from prm.salesforce.wire import codes
from prm.ui import form_page
from prm.ui.export.answers import asked, file_asked
from prm.ui.form_page import Done
from prm.ui.formatting import plural
from prm.ui.http import in_sheet, is_htmx
from prm.ui.lists import Empty, ListPage, page_of
from prm.ui.toasts import toast

SHOWN_PROBLEMS = 200
SHOWN_CASES = 50
LASTING = (SyncProblem.Kind.DELETED_THERE, SyncProblem.Kind.MERGED_THERE)
MOST_AT_ONCE = 200


@require_POST
@page_requires(Right.SYNC_EDIT)
def try_again(request: TenantRequest) -> HttpResponse:
    """Send held records again at once."""
    mapping, code, record = (request.POST.get(name, "") for name in ("mapping", "code", "record"))
    if record:
        return _try_one(request, record)
    if "some" in request.POST:
        return _try_some(request)

    def work() -> None:
        service.try_again(mapping=mapping, code=code if mapping else None)
        send_now()

    return act(request, work, "Trying again.", "This page follows it.")


def _try_some(request: TenantRequest) -> HttpResponse:
    """Send those of a list that are ticked."""
    ids = [found for text in request.POST.getlist("records") if (found := _uuid(text))][:SHOWN_PROBLEMS]
    mapping, code = request.POST.get("mapping", ""), request.POST.get("code", "")
    address = tenant_url(request.tenant, "salesforce:problems")
    back = f"{address}?{urlencode({'mapping': mapping, 'code': code})}"

    def work() -> Done:
        if not ids:
            raise Refused("Tick the records that are to be tried again.", code="required")
        count = service.try_again(mapping=mapping, code=code, record_ids=ids)
        send_now()
        return Done(back, f"Trying {count} again.", "What goes through leaves this list.")

    return form_page.act(request, work, stay_url=back)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _try_one(request: TenantRequest, record: str) -> HttpResponse:
    try:
        record_id = UUID(record)
    except ValueError:
        raise Http404 from None
    back = tenant_url(request.tenant, "salesforce:record", pk=record_id)

    def work() -> Done:
        service.try_again(record_id=record_id)
        send_now()
        return Done(back, "Trying again.")

    return form_page.act(request, work, stay_url=back)


@require_POST
@page_requires(Right.SYNC_EDIT)
def create_again(request: TenantRequest) -> HttpResponse:
    """Create records again that were deleted in Salesforce."""
    one = _mapping(request.POST.get("mapping", ""))
    ids = queries.deleted_there(one.key)

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
            "fields": tables.fields_of(row),
            "url": record_url(request, one, row.record_id),
        }
        for row in rows[:SHOWN_PROBLEMS]
    ]
    context = {
        "mapping": one,
        "code": code,
        "rows": shown,
        "count": rows.count(),
        "known": codes.known(code),
        "can_retry": rows.exclude(kind__in=LASTING).exists(),
        "may_edit": allows(request, Right.SYNC_EDIT),
        "nav_key": "sync",
    }
    return render(request, "salesforce/problems.html", context)


@require_GET
@page_requires(Right.SYNC_VIEW, Right.PARTNER_VIEW)
def record(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say of one record whether it is the same in Salesforce, and if not, why, since when, and what happens next.

    A fragment of the record's own page, and a page by itself. Without a connection the fragment is empty.
    """
    state = records.state_of(pk, request.GET.get("kind", ""))
    if state is None:
        raise Http404
    context = {
        "record": state,
        "record_url": record_url(request, state.mapping, pk),
        "may_see": allows(request, Right.SYNC_VIEW),
        "may_edit": allows(request, Right.SYNC_EDIT),
        "nav_key": "sync",
    }
    if not is_htmx(request) or in_sheet(request):
        return render(request, "salesforce/record.html", context)
    if not state.is_connected:
        return HttpResponse()
    return render(request, "salesforce/parts/record.html", context)


# --- conflicts ------------------------------------------------------------------------------------


@require_GET
@page_requires(Right.SYNC_VIEW)
def conflicts(request: TenantRequest) -> HttpResponseBase:
    """Show the records with fields that both sides changed, and the decision about one of them beside the list."""
    found = queries.inbox()
    shown = queries.rows(list(found.order_by("-at"))) if asked(request) else []
    if file := file_asked(request, "conflicts", tables.CONFLICTS, shown):
        return file
    page = page_of(queries.cases(found), request.GET.get("page"), SHOWN_CASES)
    cases = queries.cases_of(page)
    record = request.GET.get("record", "")
    detail = queries.detail(record) if record else None
    if detail is None and cases:
        detail = queries.detail(cases[0].key)
    context = {
        "cases": cases,
        "page": page,
        "detail": detail,
        "asked": bool(record),
        "record_url": record_url(request, detail.case.mapping, detail.case.record_id) if detail else "",
        "count": page.paginator.count,
        "open": queries.waiting().count(),
        "settled": queries.settled_this_week(),
        "may_decide": allows(request, Right.CONFLICT_DECIDE),
        **_beside(cases, detail),
    }
    return render(request, "salesforce/conflicts.html", context)


def _beside(cases: Sequence[queries.Case], detail: queries.Detail | None) -> dict[str, str]:
    """Return the records before and after the one that is shown, for the keys `[` and `]`."""
    keys = [one.key for one in cases]
    at = keys.index(detail.case.key) if detail is not None and detail.case.key in keys else -1
    return {
        "previous": keys[at - 1] if at > 0 else "",
        "following": keys[at + 1] if 0 <= at < len(keys) - 1 else "",
    }


def _inbox(request: TenantRequest, record: str = "") -> str:
    url = page_url(request, "conflicts")
    return f"{url}?{urlencode({'record': record})}" if record else url


@require_POST
@page_requires(Right.CONFLICT_DECIDE)
def decide(request: TenantRequest) -> HttpResponse:
    """Decide all fields of one record at once: each its own side, or all the same one."""
    record = request.POST.get("record", "")
    detail = queries.detail(record)
    if detail is None:
        toast(request, "This was decided meanwhile.", kind="warn")
        return redirect(_inbox(request))
    every = request.POST.get("all", "")
    choices = [_choice(request, row, every) for row in detail.rows if row.choosable]
    missing = sum(not choice.side for choice in choices)

    def work() -> Done:
        if missing:
            raise Refused(f"Choose a value for every field first: {missing} of {len(choices)} left.")
        done = service.choose_all(choices=choices)
        undo_url = tenant_url(request.tenant, "salesforce:undo", pk=done[0].pk) if len(done) == 1 else ""
        return Done(
            _inbox(request, request.POST.get("next", "")),
            f"{detail.case.title}: {plural(len(done), 'field')} decided.",
            "It goes to both sides with the next sync.",
            undo_url=undo_url,
        )

    return form_page.act(request, work, stay_url=_inbox(request, record))


def _choice(request: TenantRequest, row: queries.Row, every: str) -> service.Choice:
    pk = row.conflict.pk
    side = every or request.POST.get(f"side-{pk}", "")
    return service.Choice(pk, side, request.POST.get(f"value-{pk}", ""))


@require_POST
@page_requires(Right.CONFLICT_DECIDE)
def decide_many(request: TenantRequest) -> HttpResponse:
    """Take the same side for all fields of the records that are ticked."""
    keys = request.POST.getlist("record")[:MOST_AT_ONCE]
    side = request.POST.get("side", "")

    def work() -> Done:
        found = [detail for key in keys if (detail := queries.detail(key)) is not None]
        if not found:
            raise Refused("Tick the records first.")
        rows = [row for detail in found for row in detail.rows if row.choosable]
        chosen = service.choose_many(choices=[service.Choice(row.conflict.pk, side) for row in rows])
        words = f"{plural(len(chosen.done), 'field')} of {plural(len(found), 'record')} decided."
        if chosen.refused:
            first = next(iter(chosen.refused.values()))
            return Done(_inbox(request), words, f"{len(chosen.refused)} not: {first}", kind="warn")
        return Done(_inbox(request), words, "They go to both sides with the next sync.")

    return form_page.act(request, work, stay_url=_inbox(request))


@require_GET
@page_requires(Right.SYNC_VIEW)
def conflict(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show one conflict: what both sides held, what became of it, and the way back."""
    one = get_object_or_404(Conflict, pk=pk, mapping__in=registry.mappings())
    if one.state == Conflict.State.OPEN:
        return redirect(_inbox(request, f"{one.mapping}:{one.record_id}"))
    (row,) = queries.rows([one])
    mapping = registry.mapping(one.mapping)
    context = {
        "row": row,
        "conflict": one,
        "mapping": mapping,
        "outcome": queries.outcome(one),
        "record_url": record_url(request, mapping, one.record_id),
        "may_decide": allows(request, Right.CONFLICT_DECIDE),
        "nav_key": "conflicts",
    }
    return render(request, "salesforce/conflict.html", context)


@require_POST
@page_requires(Right.CONFLICT_DECIDE)
def choose(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Decide one conflict for one side or a third value, also one that was decided before."""
    get_object_or_404(Conflict, pk=pk)

    def work() -> Done:
        done = service.choose(
            conflict_id=pk, side=request.POST.get("side", ""), value=request.POST.get("value", "")
        )
        undo_url = tenant_url(request.tenant, "salesforce:undo", pk=pk)
        words = {"here": "our value stays.", "salesforce": "Salesforce's value stays."}
        return Done(
            page_url(request, "conflicts"),
            f"{done.title}: {words.get(done.winner, 'the new value is stored.')}",
            "It goes to both sides with the next sync.",
            undo_url=undo_url,
        )

    return form_page.act(request, work, stay_url=tenant_url(request.tenant, "salesforce:conflict", pk=pk))


@require_POST
@page_requires(Right.CONFLICT_DECIDE)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a decision back."""
    get_object_or_404(Conflict, pk=pk)

    def work() -> Done:
        one = service.undo(conflict_id=pk)
        back = tenant_url(request.tenant, "salesforce:conflict", pk=pk)
        return Done(back, f"{one.title}: the decision is taken back.", "Our value is what it was.")

    return form_page.act(request, work, stay_url=tenant_url(request.tenant, "salesforce:conflict", pk=pk))


class ConflictList(ListPage):
    """All conflicts, those that people or rules have decided too."""

    table_class = tables.ConflictTable
    filterset_class = ConflictFilter
    template_name = "salesforce/history.html"
    nouns = ("conflict", "conflicts")
    empty = Empty(
        title="No conflicts yet",
        text="When both sides change the same field, both values are kept here, with who changed them and what stayed.",
        icon="git-merge",
    )

    @method_decorator(page_requires(Right.SYNC_VIEW))
    def dispatch(self, request: TenantRequest, *args: object, **kwargs: object) -> HttpResponseBase:  # type: ignore[override]
        """Ask for the right first."""
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Conflict]:
        """Return those of mappings that are still declared, latest first."""
        found: QuerySet[Conflict] = Conflict.objects.filter(mapping__in=registry.mappings())
        return found.order_by("-at")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Keep Conflicts marked in the menu."""
        return super().get_context_data(nav_key="conflicts", **kwargs)


class WaitingList(ListPage):
    """Records that cannot go before another one is in Salesforce."""

    table_class = tables.WaitingTable
    filterset_class = WaitingFilter
    template_name = "salesforce/waiting.html"
    nouns = ("record", "records")
    empty = Empty(
        title="Nothing waits for another record",
        text="An order goes after its partner's account. What cannot go yet is listed here with what it waits for.",
        icon="circle-check",
    )

    @method_decorator(page_requires(Right.SYNC_VIEW))
    def dispatch(self, request: TenantRequest, *args: object, **kwargs: object) -> HttpResponseBase:  # type: ignore[override]
        """Ask for the right first."""
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Outbox]:
        """Return them, the longest first."""
        return queries.waiting_for_parents()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Keep Sync health marked in the menu."""
        return super().get_context_data(nav_key="sync", **kwargs)
