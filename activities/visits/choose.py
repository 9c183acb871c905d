"""Whom is it about: the first step of every form that needs a partner."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from activities.forms_base import PartnerSearchForm
from activities.plans import queries
from activities.today.rules import due_now
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.core import calendar

SUGGESTED = 12


def asked_partner(request: TenantRequest) -> Partner | None:
    """Return the partner of ``?partner=``, None without; 404 for one that is not there."""
    wanted = request.GET.get("partner")
    if not wanted:
        return None
    try:
        return get_object_or_404(Partner.objects.select_related("standing"), pk=UUID(wanted))
    except ValueError:
        raise Http404 from None


def choose_partner(request: TenantRequest, title: str, question: str) -> HttpResponse:
    """Offer one's own partners, those due first, or what a search finds; each leads on with ``?partner=``."""
    form = PartnerSearchForm(request.GET)
    text = form.cleaned_data["q"].strip() if form.is_valid() else ""
    active = Partner.objects.active()
    day = calendar.today(request.tenant)
    if text:
        found = active.matching(text).order_by("name", "pk").values_list("pk", flat=True)[:SUGGESTED]
        rows = queries.panel_of(active.filter(pk__in=list(found)), day)
    else:
        mine = queries.panel_of(active.filter(rep=request.membership), day)
        rows = sorted(mine, key=lambda row: due_now(row.state, day) is None)[:SUGGESTED]
    context = {
        "form": form,
        "text": text,
        "rows": rows,
        "title": title,
        "question": question,
        "next": request.GET.get("next", ""),
    }
    return render(request, "activities/choose.html", context)
