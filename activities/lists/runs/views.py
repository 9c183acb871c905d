"""Lists: choose a file, say how it reads, decide who is who, let it run, see what was rejected, take it back."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.lists.kinds import allowed_kinds, find_kind
from activities.lists.runs import service
from activities.lists.runs.forms import BringForm, ColumnsForm, DefaultsForm, MeantForm
from activities.lists.runs.models import BringRow, BringRun
from activities.lists.runs.outcomes import lacks
from activities.lists.runs.presentation import bar, groups_of, progress_of, shares_of, show
from activities.lists.runs.returning import hindrances_of
from activities.lists.runs.tables import RowTable, RunTable, run_state
from activities.lists.runs.writing import to_write
from activities.lists.states import LEAVE, Outcome, RunState
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.bringing import Column, Kind
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui.export import csv_file
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import plural
from prm.ui.http import asks_for_progress, progress_piece
from prm.ui.lists import Empty, ListPage, page_of

NAV = "lists"
_PER_PAGE = 25


@method_decorator(page_requires(Right.IMPORT_RUN), name="dispatch")
class RunList(ListPage):
    """All lists that were brought, latest first."""

    rights = (Right.IMPORT_RUN,)
    table_class = RunTable
    template_name = "bringing/runs.html"
    nouns = ("list", "lists")

    def get_queryset(self) -> QuerySet[BringRun]:
        """List what was started; those whose process died are settled first."""
        service.settle_dead_runs()
        return BringRun.objects.begun()

    def get_empty(self) -> Empty:
        """Say what to do first."""
        _, many = allowed_kinds()[0].nouns() if allowed_kinds() else ("row", "rows")
        return Empty(
            title="No lists yet",
            text=f"Choose a file of {many} or whatever else you keep in a spreadsheet. You see what it will do before"
            " anything is written, and can take it back as a whole.",
            icon="file-import",
            action_url=tenant_url(current_tenant(), "bringing:add"),
            action_label="Choose file",
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the runs that wait for a look; they are listed above."""
        waiting = BringRun.objects.undecided()[:20]
        return super().get_context_data(nav_key=NAV, waiting=waiting, **kwargs)


@require_http_methods(["GET", "POST"])
@page_requires(Right.IMPORT_RUN)
def add(request: TenantRequest) -> HttpResponse:
    """Bring a list; next its preview is shown."""
    kinds = allowed_kinds()
    posted = request.method == "POST"
    frames = _frames(request, kinds)
    form = BringForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        kinds=kinds,
        initial={"kind": request.GET.get("kind", "")},
    )

    def save() -> Done:
        kind = form.cleaned_data["kind"]
        defaults = {column.key: value for key, column, value in frames if key == kind}
        return Done(service.bring(kind, form.brought(), defaults=defaults).get_absolute_url())

    columns = [
        (kind.nouns()[1].capitalize(), kind.summary, ", ".join(column.label for column in kind.all_columns()))
        for kind in kinds
    ]
    said = [(column.label, column.choices()[value]) for _, column, value in frames]
    context = {"nav_key": NAV, "kinds": columns, "frames": said}
    return form_page(request, form, "bringing/add.html", context, save=save)


def _frames(request: TenantRequest, kinds: Sequence[Kind]) -> list[tuple[str, Column, str]]:
    """Return where the address says that rows belong (`default_campaign`): kind, column and value."""
    asked = request.GET.get("kind", "")
    return [
        (kind.key, column, value)
        for kind in kinds
        if kind.key == asked
        for column in kind.all_columns()
        if column.is_frame and (value := request.GET.get(f"default_{column.key}", "")) in column.choices()
    ]


@require_GET
@page_requires(Right.IMPORT_RUN)
def run(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show one list: how it reads, who is who, its progress, its result."""
    service.settle_dead_runs()
    found, kind = run_of(pk)
    if asks_for_progress(request):
        return progress_piece(request, progress_of(found))
    if found.state == RunState.COLUMNS:
        return redirect(tenant_url(request.tenant, "bringing:columns", pk=pk))
    return render(request, "bringing/run.html", _context(request, found, kind))


def run_of(pk: UUID) -> tuple[BringRun, Kind]:
    """Return the run of this id and its kind; raise `Http404`, or `PermissionDenied` without the rights of the kind."""
    found = get_object_or_404(BringRun, pk=pk)
    kind = find_kind(found.kind)
    if kind not in allowed_kinds():
        raise PermissionDenied("This list needs more rights.")
    return found, kind


def _context(request: TenantRequest, found: BringRun, kind: Kind) -> dict[str, object]:
    one, many = kind.nouns()
    context: dict[str, object] = {
        "run": found, "nav_key": NAV, "one": one, "many": many, "state": run_state(found), "kind": kind,
    }  # fmt: skip
    if found.is_reading or found.is_active:
        return context | {"progress": progress_of(found)}
    if found.state == RunState.FAILED and not found.counts and not found.rows.exists():
        return context | {"broken": found.message}
    undecided = found.rows.filter(outcome=Outcome.DECIDE, is_done=False).order_by("decision", "line")
    page = page_of(undecided, request.GET.get("page"), _PER_PAGE)
    counts = found.rows.all().counted() if found.state == RunState.FAILED else found.counts
    found.counts = counts
    return (
        context
        | {
            "shares": shares_of(counts, kind),
            "bar": bar(counts, kind),
            "groups": groups_of(found, kind),
            "page": page,
            "to_decide": [show(kind, row) for row in page],
            "waiting": found.rows.all().undecided().count(),
            "writes": to_write(found).count(),
            "left": found.rows.filter(
                outcome=Outcome.DECIDE, is_done=False, decision__in=("", LEAVE)
            ).count(),
            "takes_new": kind.may_be_new and not kind.is_about,
            "written": found.rows.filter(is_written=True).count(),
            "hindrances": hindrances_of(found, kind) if found.state == RunState.DONE else [],
            "blank": found.blank_empties,
        }
        | (_lacking(found, kind) if found.state == RunState.PREVIEW else {})
    )


def _lacking(found: BringRun, kind: Kind) -> dict[str, object]:
    """Return how many rows say too little to be new, and the form that says it for all of them."""
    rows = found.rows.filter(outcome=Outcome.REJECTED, reason__startswith=lacks(kind))
    return {"lacking": rows.count(), "defaults_form": DefaultsForm(None, run=found, kind=kind)}


@require_http_methods(["GET", "POST"])
@page_requires(Right.IMPORT_RUN)
def columns(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say which column holds what; the file is read anew."""
    found, kind = run_of(pk)
    form = ColumnsForm(request.POST if request.method == "POST" else None, run=found, kind=kind)

    def save() -> Done:
        service.set_columns(
            found.pk,
            columns=form.columns(),
            readings=form.readings(),
            defaults=form.defaults(),
            blank_empties=form.cleaned_data["blank_empties"],
        )
        return Done(found.get_absolute_url())

    used = set(found.columns.values())
    context = {
        "run": found,
        "nav_key": NAV,
        "many": kind.nouns()[1],
        "column_fields": [form[name] for name in form.fields if name.startswith("column_")],
        "other_fields": [form[name] for name in form.fields if not name.startswith(("column_", "blank"))],
        "dropped": [heading for place, heading in enumerate(found.header) if place not in used],
    }
    return form_page(request, form, "bringing/columns.html", context, save=save)


@require_POST
@page_requires(Right.IMPORT_RUN)
def defaults(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """Say what new rows take where the file says nothing; it is read anew."""
    found, kind = run_of(pk)
    form = DefaultsForm(request.POST, run=found, kind=kind)

    def work() -> Done:
        if not form.is_valid() or not form.defaults():
            raise Refused("Choose what new ones are.", code="nothing-chosen")
        service.set_defaults(found.pk, form.defaults())
        return Done(found.get_absolute_url())

    return act(request, work, stay_url=found.get_absolute_url())


@method_decorator(page_requires(Right.IMPORT_RUN), name="dispatch")
class RowList(ListPage):
    """The rows of one list, all or those of one outcome."""

    rights = (Right.IMPORT_RUN,)
    table_class = RowTable
    template_name = "bringing/rows.html"
    nouns = ("row", "rows")
    empty = Empty(title="No rows", text="No row of this list is of this kind.", icon="checks")

    def get_queryset(self) -> QuerySet[BringRow]:
        """Return rows in the order of the file."""
        found, _ = run_of(self.kwargs["pk"])
        rows = BringRow.objects.filter(run=found).order_by("line")
        outcome = self.request.GET.get("outcome")
        return rows.filter(outcome=outcome) if outcome in Outcome.values else rows

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the run."""
        found, _ = run_of(self.kwargs["pk"])
        outcome = self.request.GET.get("outcome", "")
        words = Outcome(outcome).label if outcome in Outcome.values else "All rows"
        return super().get_context_data(nav_key=NAV, run=found, words=words, **kwargs)


@require_POST
@page_requires(Right.IMPORT_RUN)
def decide(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Decide about one row (`row`), or about all that wait."""
    found, _ = run_of(pk)
    here = found.get_absolute_url()
    row = request.POST.get("row", "")

    def work() -> Done:
        ids = [get_object_or_404(BringRow, run=found, pk=row).pk] if row else None
        count = service.decide(pk, request.POST.get("decision", ""), row_ids=ids)
        return Done(here, "" if row else f"{plural(count, 'row')} decided.")

    return act(request, work, stay_url=here)


@require_http_methods(["GET", "POST"])
@page_requires(Right.IMPORT_RUN)
def choose(request: TenantRequest, pk: UUID, row: UUID) -> HttpResponse:
    """Choose by typing whom a row means."""
    found, kind = run_of(pk)
    asked = get_object_or_404(BringRow, run=found, pk=row)
    form = MeantForm(request.POST if request.method == "POST" else None, kind=kind)

    def save() -> Done:
        service.decide(pk, str(form.cleaned_data["meant"].pk), row_ids=[asked.pk])
        return Done(
            found.get_absolute_url(), f"Line {figure(asked.line)} means {form.cleaned_data['meant']}."
        )

    context = {"run": found, "shown": show(kind, asked), "nav_key": NAV}
    return form_page(request, form, "bringing/choose.html", context, save=save)


def _step(step: Callable[[UUID], object], said: str = "") -> Callable[..., HttpResponseBase]:
    """Return the view of a button that moves a run on."""

    @require_POST
    @page_requires(Right.IMPORT_RUN)
    def view(request: TenantRequest, pk: UUID) -> HttpResponse:
        found, _ = run_of(pk)
        here = found.get_absolute_url()

        def work() -> Done:
            step(pk)
            is_gone = not BringRun.objects.filter(pk=pk).exists()
            return Done(tenant_url(request.tenant, "bringing:list") if is_gone else here, said)

        return act(request, work, stay_url=here)

    return view


start = _step(service.start)
stop = _step(service.stop)
read = _step(service.read_again)
take_back = _step(service.take_back)


@require_GET
@page_requires(Right.IMPORT_RUN)
def rejects(request: TenantRequest, pk: UUID) -> StreamingHttpResponse:
    """Send the rejected rows as a file that loads again."""
    found, _ = run_of(pk)

    def lines() -> object:
        yield csv_file.MARK
        yield from service.rejects_csv(found.pk)

    response = StreamingHttpResponse(lines(), content_type=csv_file.CONTENT_TYPE)  # type: ignore[arg-type]
    response["Content-Disposition"] = f'attachment; filename="rejected-{found.pk}.csv"'
    return response
