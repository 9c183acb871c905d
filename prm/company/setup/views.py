"""The page of the set-up."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.company.sample.models import SampleData
from prm.company.sample.queries import sample_data
from prm.company.setup import service
from prm.company.setup.queries import has_begun, progress
from prm.core.urls import tenant_url
from prm.tenancy.work import broker
from prm.ui.form_page import Done, act
from prm.ui.http import asks_for_progress, progress_piece
from prm.ui.parts import Progress, Step


@require_GET
@page_requires(Right.SETTINGS_EDIT)
def page(request: TenantRequest) -> HttpResponse:
    """Show the steps with their states, and how far sample data has come or gone."""
    sample = sample_data()
    if asks_for_progress(request):
        return progress_piece(request, _progress(request, sample))
    steps = progress()
    done = sum(step.state.is_done for step in steps)
    context = {
        "steps": steps,
        "done": done,
        "sample": sample,
        "offers_sample": not has_begun(),
        "progress": _progress(request, sample),
        "is_aside": request.tenant.setup_aside_at is not None,
    }
    return render(request, "company/setup.html", context)


def _progress(request: TenantRequest, sample: SampleData | None) -> Progress:
    is_running = sample is not None and sample.is_under_way
    step = [Step(sample.step, state="now")] if sample is not None and sample.step else []
    return Progress(
        done=sample.steps_done if sample else 0,
        total=sample.steps if sample else None,
        unit="steps",
        steps=step,
        running=is_running,
        unreachable=is_running and not broker.answers(),
        page_url=tenant_url(request.tenant, "company:setup"),
    )


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def aside(request: TenantRequest) -> HttpResponse:
    """Put the set-up aside."""

    def work() -> Done:
        service.put_aside()
        back = tenant_url(request.tenant, "company:setup-back")
        there = tenant_url(request.tenant, "company:settings")
        return Done(there, "The set-up is put aside.", "It waits here, under Settings.", undo_url=back)

    return act(request, work, stay_url=tenant_url(request.tenant, "company:setup"))


@require_POST
@page_requires(Right.SETTINGS_EDIT)
def back(request: TenantRequest) -> HttpResponse:
    """Take the set-up up again."""

    def work() -> Done:
        service.take_up()
        return Done(tenant_url(request.tenant, "company:setup"), "The set-up is back in the menu.")

    return act(request, work, stay_url=tenant_url(request.tenant, "company:settings"))
