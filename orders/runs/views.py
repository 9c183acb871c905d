"""Imports: choose a file, look at what it will do, let it run, see what was rejected."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.doors import registry as doors
from orders.doors.files import uploads
from orders.ingest.states import RejectReason
from orders.runs import service
from orders.runs.bar import bar_of
from orders.runs.kept import kept_preview
from orders.runs.models import ImportRun
from orders.runs.presentation import charts_of, progress_of
from orders.runs.preview import Preview
from orders.runs.questions import chosen
from orders.runs.states import UNDECIDED, RunState
from orders.runs.tables import RunTable, run_state
from orders.runs.undo import hindrances_of
from orders.sources import service as sources_service
from orders.sources.models import OrderSource
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.tenancy.work.service import is_about
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import asks_for_progress, is_htmx, progress_piece, saved
from prm.ui.lists import Empty, ListPage

NAV = "imports"
# What changes in a specification, and what is said of it.
Wanted = tuple[Mapping[str, object], str]


def _list_url(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "orders:imports")


@method_decorator(page_requires(Right.IMPORT_RUN), name="dispatch")
class RunList(ListPage):
    """All imports, latest first."""

    rights = (Right.IMPORT_RUN,)
    table_class = RunTable
    template_name = "orders/imports.html"
    nouns = ("import", "imports")

    def get_queryset(self) -> QuerySet[ImportRun]:
        """List started imports; those whose process died are settled first."""
        service.settle_dead_runs()
        return ImportRun.objects.recent()

    def get_empty(self) -> Empty:
        """Say what to do first: a source, then a file."""
        tenant = current_tenant()
        if OrderSource.objects.exists():
            return Empty(
                title="No imports yet",
                text="Choose a file of orders. You see what it will do before anything is written.",
                icon="file-import",
                action_url=tenant_url(tenant, "orders:import"),
                action_label="Choose file",
            )
        return Empty(
            title="First say how the files are to be read",
            text="Choose a file of your system: all of it is read, and you see how.",
            icon="database",
            action_url=tenant_url(tenant, "orders:source-sample"),
            action_label="Choose file",
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the runs that wait for a look; they are listed above."""
        waiting = ImportRun.objects.undecided()[:10]
        return super().get_context_data(nav_key=NAV, waiting=waiting, **kwargs)


@require_http_methods(["GET", "POST"])
@page_requires(Right.IMPORT_RUN)
def upload(request: TenantRequest) -> HttpResponse:
    """Bring orders through a door (`?door=`, else the first that people use); then show their preview."""
    if not OrderSource.objects.filter(is_active=True).exists():
        return redirect(_list_url(request))
    chosen, kind_of_form = doors.for_people(request.GET.get("door"))
    form = kind_of_form(request.POST or None, request.FILES or None)

    def save() -> Done:
        run = service.receive(form.cleaned_data["source"], form.brought())
        return Done(run.get_absolute_url())

    context = {"nav_key": NAV, "doors": doors.with_forms(), "chosen": chosen}
    return form_page(request, form, "orders/upload.html", context, save=save)


@require_GET
@page_requires(Right.IMPORT_RUN)
def run(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show one import: its preview while it waits, its progress while it runs, its result afterwards."""
    service.settle_dead_runs()
    found = run_of(pk)
    if found.state == RunState.PREVIEW and not found.message and kept_preview(found) is None:
        # The source's rules have changed since, or the preview was kept by an older version.
        found = service.read_again(pk)
    if asks_for_progress(request):
        return progress_piece(request, progress_of(found))
    if found.state in UNDECIDED:
        template = "orders/reading.html" if found.is_reading else "orders/preview.html"
        return render(request, template, _preview_context(request, found))
    if is_htmx(request) and request.GET.get("part") == "retry":
        # Nothing to swap while it goes on; then the page has other parts.
        return HttpResponse(status=204, headers={} if _is_retrying(found) else {"HX-Refresh": "true"})
    return render(request, "orders/run.html", _run_context(found))


def run_of(pk: UUID) -> ImportRun:
    """Return the run of this id in the tenant, or raise `Http404`."""
    return get_object_or_404(ImportRun.objects.select_related("source"), pk=pk)


def _preview_context(request: TenantRequest, found: ImportRun) -> dict[str, object]:
    context: dict[str, object] = {
        "run": found,
        "nav_key": NAV,
        "size": found.bytes,
        "may_edit": allows(request, Right.SOURCE_EDIT),
    }
    if found.is_reading:
        return context | {"progress": progress_of(found)}
    kept = kept_preview(found)
    if kept is None:
        return context | {"broken": found.message}
    shown = kept.shown
    return context | {
        "preview": shown,
        "doubts": [(doubt, charts_of(doubt)) for doubt in shown.doubts],
        "read_at": kept.read_at,
        "bar": bar_of(shown.shares),
        "reasons": _named(shown.reasons),
    }


def _named(reasons: Mapping[RejectReason, int]) -> list[tuple[str, int]]:
    named = [(reason.heading, count) for reason, count in reasons.items()]
    return sorted(named, key=lambda reason: -reason[1])


def _run_context(found: ImportRun) -> dict[str, object]:
    return {
        "run": found,
        "state": run_state(found),
        "progress": progress_of(found),
        "groups": found.rejected_lines.open().by_reason() if found.state == RunState.DONE else [],
        "is_retrying": _is_retrying(found),
        "settled": found.rejected_lines.settled().count(),
        "others": ImportRun.objects.recent().exclude(pk=found.pk)[:5],
        "can_restart": found.state == RunState.FAILED
        and bool(found.corrects or any(file.stored for file in found.kept_files)),
        "nav_key": NAV,
        "hindrances": hindrances_of(found) if found.state == RunState.DONE else [],
    }


def _is_retrying(found: ImportRun) -> bool:
    return is_about("orders.retry_rejects", {"run_id": str(found.pk)})


@require_POST
@page_requires(Right.IMPORT_RUN)
def start(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Start the import of a run that waits, or again of one that failed."""
    found = run_of(pk)
    here = found.get_absolute_url()

    def work() -> Done:
        service.start(found.pk)
        return Done(here)

    return act(request, work, stay_url=here)


@require_POST
@page_requires(Right.IMPORT_RUN)
def read(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Have the files of a run read anew for its preview."""
    found = run_of(pk)
    here = found.get_absolute_url()

    def work() -> Done:
        service.read_again(found.pk)
        return Done(here)

    return act(request, work, stay_url=here)


@require_POST
@page_requires(Right.IMPORT_RUN)
def stop(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Ask a run to stop, or throw a preview away."""
    found = run_of(pk)
    was_preview = found.state in UNDECIDED
    service.stop(found.pk)
    return saved(request, _list_url(request) if was_preview else found.get_absolute_url())


@require_POST
@page_requires(Right.IMPORT_RUN)
def accept(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Let a reading hold for this file alone (`once`), or as the source says all the same."""
    found = run_of(pk)
    here = found.get_absolute_url()

    def work() -> Done:
        uploads.check_kept(found.kept_files)
        for choice in request.POST.get("once", "").split():
            service.accept(found.pk, choice)
        return Done(here, "The file is read so.", "The source stays as it is.")

    return act(request, work, stay_url=here)


@require_POST
@page_requires(Right.SOURCE_EDIT)
def change(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change the source to the reading that fits a file better, and look again."""
    key = request.POST.get("reading", "")

    def wanted(shown: Preview) -> Wanted | None:
        better = next((one for doubt in shown.doubts for one in doubt.better if one.key == key), None)
        return (better.changes, f"It reads {better.label} from this file on.") if better else None

    return _change_source(request, pk, wanted)


@require_POST
@page_requires(Right.IMPORT_RUN)
def take_back(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take an import back."""
    here = run_of(pk).get_absolute_url()

    def work() -> Done:
        taken = service.take_back(pk)
        return Done(here, "The import is taken back.", taken.message)

    return act(request, work, stay_url=here)


@require_POST
@page_requires(Right.SOURCE_EDIT)
def answer(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Answer a question of the preview: change the source's rules, and look again."""

    def wanted(shown: Preview) -> Wanted | None:
        choice = chosen(shown.questions, request.POST.get("choice", ""))
        return (choice.changes, choice.label) if choice else None

    return _change_source(request, pk, wanted)


def _change_source(
    request: TenantRequest, pk: UUID, wanted: Callable[[Preview], Wanted | None]
) -> HttpResponse:
    """Change the source of a run as one of its preview's offers says, and look again; nothing where it is none."""
    found = run_of(pk)
    source, here = found.source, found.get_absolute_url()

    def work() -> Done:
        uploads.check_kept(found.kept_files)
        kept = kept_preview(found)
        offer = wanted(kept.shown) if kept else None
        if offer is None:
            return Done(here)
        changes, said = offer
        spec = {**source.spec, **changes}
        sources_service.save_source(source, name=source.name, spec=spec, is_active=source.is_active)
        return Done(here, "The source is changed.", said)

    return act(request, work, stay_url=here)
