"""The form of an estimate."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from partners.directory.models import Partner
from partners.share import service
from partners.share.forms import EstimateForm
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import money


@page_requires(Right.PARTNER_EDIT)
def estimate_add(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Add an estimate of all the partner's orders in a year."""
    partner = get_object_or_404(Partner, pk=pk)
    form = EstimateForm(request.POST or None)

    def save() -> Done:
        estimate = service.add_estimate(partner.pk, **form.cleaned_data, by=request.membership)
        said = f"{money(estimate.middle, request.tenant)} a year, {estimate.source}"
        return Done(partner.get_absolute_url(), "Estimate added.", f"{said}. Share and score follow.")

    context = {
        "partner": partner,
        "title": "Add estimate",
        "submit": "Add estimate",
        "money_fields": ("low", "middle", "high"),
        "intro": f"What {partner.name} orders in a year, at us and elsewhere. Nine times in ten the truth "
        "should lie between the two ends.",
    }
    return form_page(request, form, "partners/small_form.html", context, save=save)
