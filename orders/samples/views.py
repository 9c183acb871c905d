"""A source from a sample: bring a file, look at how it reads, use the readings."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from orders.proof.choices import open_findings
from orders.proof.finding import Finding, Place
from orders.proof.findings import findings_of, missing_of
from orders.proof.study import Study
from orders.samples import service
from orders.samples.forms import BringForm, ReadingsForm
from orders.samples.kept import from_json
from orders.samples.models import FileSample
from orders.samples.presentation import lines_of, rows_of, sums_of
from orders.samples.states import SampleState
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.work import broker
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import asks_for_progress, progress_piece
from prm.ui.parts import Progress

NAV = "sources"


@require_http_methods(["GET", "POST"])
@page_requires(Right.SOURCE_EDIT)
def bring(request: TenantRequest) -> HttpResponse:
    """Bring a file of a system that no source describes yet."""
    form = BringForm(request.POST if request.method == "POST" else None, request.FILES or None)

    def save() -> Done:
        return Done(service.bring(form.brought()).get_absolute_url())

    context = {"nav_key": NAV, "waiting": FileSample.objects.all()[:10]}
    return form_page(request, form, "orders/sample_add.html", context, save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.SOURCE_EDIT)
def sample(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show how a sample reads, with what it leaves open; use the readings when they are sent."""
    found = get_object_or_404(FileSample, pk=pk)
    if asks_for_progress(request):
        return progress_piece(request, _progress_of(found))
    if found.state != SampleState.READY:
        return _not_ready(request, found)
    study = from_json(found.study)
    findings = findings_of(study, found.columns, Place(request.tenant.timezone, request.tenant.currency))
    form = ReadingsForm(
        request.POST if request.method == "POST" else None,
        sample=found,
        findings=findings,
        headings=[tally.heading for tally in study.columns],
    )
    if request.method == "POST" and "columns" in request.POST:
        return _other_columns(request, found, form)

    def save() -> Done:
        run = service.use(found.pk, name=form.cleaned_data["name"], answers=form.answers(), more=form.more())
        return Done(
            run.get_absolute_url(),
            f"Source {run.source.name} is made.",
            "Next you see what the file will do.",
        )

    return form_page(
        request, form, "orders/sample.html", lambda: _context(found, study, findings, form), save=save
    )


def _other_columns(request: TenantRequest, found: FileSample, form: ReadingsForm) -> HttpResponse:
    here = found.get_absolute_url()

    def work() -> Done:
        service.set_columns(found.pk, form.columns())
        return Done(here, "Looked at again.", "The findings are those of the columns you chose.")

    return act(request, work, stay_url=here)


def _context(
    found: FileSample, study: Study, findings: list[Finding], form: ReadingsForm
) -> dict[str, object]:
    answers = form.answers() if form.is_bound and form.is_valid() else {}
    headings, rows = rows_of(study, found.columns, findings, answers)
    used = set(found.columns.values())
    lines = lines_of(form)
    return {
        "sample": found,
        "study": study,
        "of_file": [line for line in lines if line.finding.key in ("encoding", "delimiter", "header")],
        "of_columns": [line for line in lines if line.finding.key not in ("encoding", "delimiter", "header")],
        "column_fields": [form[name] for name in form.fields if name.startswith("column_")],
        "missing": missing_of(found.columns),
        "questions": len(open_findings(findings, answers)),
        "dropped": [tally.heading for tally in study.columns if tally.place not in used],
        "headings": headings,
        "rows": rows,
        "sums": sums_of(study, found.columns, findings, answers),
        "nav_key": NAV,
    }


def _progress_of(found: FileSample) -> Progress:
    return Progress(
        done=found.lines_done,
        total=None,
        seconds_left=None,
        per_second=None,
        steps=[],
        running=found.is_reading,
        unreachable=found.is_reading and not broker.answers(),
        page_url=found.get_absolute_url(),
    )


def _not_ready(request: TenantRequest, found: FileSample) -> HttpResponse:
    if request.method == "POST":
        return redirect(found.get_absolute_url())
    context = {"sample": found, "progress": _progress_of(found), "nav_key": NAV}
    return render(request, "orders/sample_reading.html", context)


@require_POST
@page_requires(Right.SOURCE_EDIT)
def discard(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Throw a sample away."""
    found = get_object_or_404(FileSample, pk=pk)

    def work() -> Done:
        service.discard(found.pk)
        return Done(tenant_url(request.tenant, "orders:source-sample"), f"{found.name} is thrown away.")

    return act(request, work, stay_url=tenant_url(request.tenant, "orders:source-sample"))
