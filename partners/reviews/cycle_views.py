"""Pages of a cycle: opened, signed, opened again, its decisions taken back, and how reviews are held."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from partners.reviews.cycle import service
from partners.reviews.cycle.models import CycleDecision, ReviewCycle
from partners.reviews.cycle.queries import settings
from partners.reviews.cycle.rules import effective_day
from partners.reviews.cycle.states import CycleState
from partners.reviews.forms import CycleForm, ReopenForm, ReviewSettingsForm
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.calendar import quarter_word, today
from prm.core.urls import tenant_url
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, plural

SMALL = "partners/small_form.html"


def board_url(request: TenantRequest) -> str:
    """Return the address of the board."""
    return tenant_url(request.tenant, "partners:review")


@page_requires(Right.TIER_DECIDE)
def open_(request: TenantRequest) -> HttpResponse:
    """Open a review: from now on decisions are kept, and in force together on its day."""
    tenant, on = request.tenant, today(request.tenant)
    initial = {
        "name": quarter_word(on, tenant.year_starts),
        "effective_on": effective_day(on, tenant.year_starts),
    }
    form = CycleForm(request.POST or None, initial=initial)

    def save() -> Done:
        cycle = service.open_cycle(by=request.membership, **form.cleaned_data)
        starts = day(cycle.effective_on)
        return Done(
            board_url(request), f"{cycle.name} is open.", f"Decisions are in force together, from {starts}."
        )

    context = {
        "title": "Open a review",
        "submit": "Open review",
        "intro": "All proposals are decided, then signed as one. Nothing changes before its day.",
        "cancel_url": board_url(request),
        "nav_key": "review",
    }
    return form_page(request, form, SMALL, context, save=save)


@require_POST
@page_requires(Right.TIER_DECIDE)
def sign(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Sign a review."""
    get_object_or_404(ReviewCycle, pk=pk)

    def work() -> Done:
        cycle = service.sign_cycle(pk, by=request.membership)
        if cycle.state == CycleState.SIGNED_ONCE:
            return Done(
                board_url(request), f"{cycle.name} is signed by you.", "It waits for a second person."
            )
        starts = f"In force from {day(cycle.effective_on)}."
        return Done(board_url(request), f"{cycle.name} is signed.", starts)

    return act(request, work, stay_url=board_url(request), refused_title="Not signed.", kind="warn")


@page_requires(Right.TIER_DECIDE)
def reopen(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Open a signed review again, with a reason."""
    cycle = get_object_or_404(ReviewCycle, pk=pk)
    form = ReopenForm(request.POST or None)

    def save() -> Done:
        service.reopen_cycle(pk, by=request.membership, **form.cleaned_data)
        return Done(board_url(request), f"{cycle.name} is open again.", "Who, when and why stay with it.")

    context = {
        "title": f"Open {cycle.name} again",
        "submit": "Open again",
        "cancel_url": board_url(request),
        "nav_key": "review",
    }
    return form_page(request, form, SMALL, context, save=save)


@require_POST
@page_requires(Right.TIER_DECIDE)
def take_back(request: TenantRequest) -> HttpResponse:
    """Take decisions of the open review back: those named, or all."""
    named = [one for some in request.POST.getlist("decision") for one in some.split(",")]
    asked = [one for one in named if _is_id(one)]

    def work() -> Done:
        some = CycleDecision.objects.filter(pk__in=asked).values_list("pk", flat=True)
        gone = service.take_back(list(some))
        names = gone[0].partner.name if len(gone) == 1 else plural(len(gone), "decision")
        return Done(board_url(request), f"{names}: taken back." if gone else "Nothing was taken back.")

    return act(request, work, stay_url=board_url(request), refused_title="Not taken back.", kind="warn")


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@page_requires(Right.TIER_DECIDE)
def change_settings(request: TenantRequest) -> HttpResponse:
    """Say how reviews are held."""
    kept = settings()
    initial = {"two_people": kept.two_people, "every_quarter": kept.every_quarter}
    form = ReviewSettingsForm(request.POST or None, initial=initial)

    def save() -> Done:
        service.set_review_settings(**form.cleaned_data)
        return Done(board_url(request), "Saved.", "It holds for the next signature.")

    context = {
        "title": "How reviews are held",
        "submit": "Save",
        "cancel_url": board_url(request),
        "nav_key": "review",
    }
    return form_page(request, form, SMALL, context, save=save)
