"""The form of an estimate."""

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from partners.directory.models import Partner
from partners.directory.views import form_page, show_partner
from partners.share import service
from partners.share.forms import EstimateForm
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.ui.formatting import money
from prm.ui.http import saved
from prm.ui.toasts import toast


@page_requires(Right.PARTNER_EDIT)
def estimate_add(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """An estimate of all the partner's orders in a year."""
    partner = get_object_or_404(Partner, pk=pk)
    form = EstimateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            estimate = service.add_estimate(partner.pk, **form.cleaned_data, by=request.membership)
        except Refused as refused:
            show_partner(form, refused)
        else:
            said = f"{money(estimate.middle, request.tenant)} a year, {estimate.source}"
            toast(request, "Estimate added.", f"{said}. Share and score follow.")
            return saved(request, partner.get_absolute_url())
    context = {
        "form": form,
        "partner": partner,
        "title": "Add estimate",
        "submit": "Add estimate",
        "money_fields": ("low", "middle", "high"),
        "intro": f"What {partner.name} orders in a year, at us and elsewhere. Nine times in ten the truth "
        "should lie between the two ends.",
    }
    return form_page(request, "partners/small_form.html", context)
