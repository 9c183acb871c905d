"""The form of an estimate, taking one away, and asking a rep for one."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from partners.directory.models import Partner
from partners.share import queries, service
from partners.share.forms import AskForm, EstimateForm
from partners.share.models import EstimateRequest, ShareEstimate
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.audit import is_known
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import money
from prm.ui.http import stay_url


@page_requires(Right.PARTNER_EDIT)
def estimate_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Add an estimate of all the partner's orders in a year; a question that stands is shown, and answered by it."""
    partner = get_object_or_404(Partner, pk=pk)
    form = EstimateForm(request.POST or None)
    asked = queries.open_request(partner.pk)
    stay = stay_url(request, partner.get_absolute_url())

    def save() -> Done:
        estimate = service.add_estimate(partner.pk, **form.cleaned_data, by=request.membership)
        said = f"{money(estimate.middle, request.tenant)} a year, {estimate.source}"
        return Done(stay, "Estimate added.", f"{said}. Share and score follow.")

    context = {
        "partner": partner,
        "asked": asked,
        "stay": stay,
        "title": "Add estimate",
        "submit": "Add estimate",
        "money_fields": ("low", "middle", "high"),
        "intro": f"What {partner.name} sends in a year, to us and to others. Nine times in ten the truth "
        "should lie between the two ends.",
    }
    return form_page(request, form, "partners/estimate_form.html", context, save=save)


@require_POST
@page_requires(Right.PARTNER_EDIT)
def estimate_remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take an estimate away that was recorded by mistake."""
    estimate = get_object_or_404(ShareEstimate.objects.select_related("partner"), pk=pk)
    here = estimate.partner.get_absolute_url()

    def work() -> Done:
        service.remove_estimate(estimate.pk)
        undo = tenant_url(request.tenant, "partners:estimate-restore", pk=pk)
        return Done(here, "Estimate removed.", f"{estimate.source}. Share and score follow.", undo_url=undo)

    return act(request, work, stay_url=here)


@require_POST
@page_requires(Right.PARTNER_EDIT)
def estimate_restore(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Put an estimate back that was taken away."""
    if not is_known(ShareEstimate, pk):
        raise Http404

    def work() -> Done:
        back = service.restore_estimate(pk)
        return Done(back.partner.get_absolute_url(), "Estimate put back.", back.source)

    return act(request, work, stay_url=tenant_url(request.tenant, "partners:list"))


@page_requires(Right.ACTIVITY_MANAGE)
def ask(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Ask the partner's rep for an estimate."""
    partner = get_object_or_404(Partner.objects.select_related("rep__user"), pk=pk)
    form = AskForm(request.POST or None)
    here = partner.get_absolute_url()

    def save() -> Done:
        new = service.ask_reps([partner.pk], note=form.cleaned_data["note"], by=request.membership)
        if not new:
            reason = (
                "They are asked already." if partner.rep else "Nobody has them in a panel: give them a rep."
            )
            return Done(here, "Nobody was asked.", reason, kind="warn")
        undo = tenant_url(request.tenant, "partners:estimate-withdraw", pk=partner.pk)
        return Done(here, f"{partner.rep.user} is asked.", "It stands on their Today.", undo_url=undo)

    context = {
        "partner": partner,
        "title": "Ask the rep",
        "submit": "Ask",
        "intro": f"{partner.rep.user} is asked what {partner.name} sends in a year, here and elsewhere."
        if partner.rep
        else f"{partner.name} is in nobody’s panel: give them a rep first.",
    }
    return form_page(request, form, "partners/small_form.html", context, save=save)


@require_POST
@page_requires(Right.ACTIVITY_MANAGE)
def withdraw(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take the question about a partner back."""
    partner = get_object_or_404(Partner, pk=pk)

    def work() -> Done:
        done = service.withdraw_requests([partner.pk])
        title = "The question is taken back." if done else "No question is open."
        return Done(partner.get_absolute_url(), title, partner.name)

    return act(request, work, stay_url=partner.get_absolute_url())


@require_POST
@page_requires(Right.PARTNER_EDIT)
def decline(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Answer a question by "cannot say" (`open=1`: open it again)."""
    asked = get_object_or_404(EstimateRequest.objects.select_related("partner"), pk=pk)
    here = stay_url(request, asked.partner.get_absolute_url())

    def work() -> Done:
        if request.POST.get("open"):
            service.reopen_request(asked.pk)
            return Done(here, "The question is open again.", asked.partner.name)
        service.decline_request(asked.pk)
        fields = {"open": "1", "next": here}
        return Done(here, "Noted: cannot say.", asked.partner.name, undo_url=request.path, undo_fields=fields)

    return act(request, work, stay_url=here)
