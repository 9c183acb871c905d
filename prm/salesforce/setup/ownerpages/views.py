"""The page of the owners: who was found in Salesforce, who was not, and who owns the rest. Administrators choose."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.urls import tenant_url
from prm.salesforce.owners import looking, service
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import page_url
from prm.salesforce.people.models import SalesforceUser
from prm.salesforce.setup import errands
from prm.salesforce.setup.fieldpages.views import ASKED_FROM
from prm.salesforce.setup.models import Errand
from prm.salesforce.setup.ownerpages.forms import BY_EMAIL, FALLBACK, USER, FallbackForm, OwnerForm
from prm.ui.form_page import Done, form_page
from prm.ui.http import saved

NAV = "owners"


@require_GET
@page_requires(Right.SYNC_VIEW)
def owners(request: TenantRequest) -> HttpResponseBase:
    """Show who stands for whom."""
    context = {
        "look": looking.look(),
        "connection": queries.present_connection(),
        "may_edit": allows(request, Right.SYNC_EDIT),
        "nav_key": NAV,
    }
    return render(request, "salesforce/owners.html", context)


@require_POST
@page_requires(Right.SYNC_EDIT)
def read(request: TenantRequest) -> HttpResponse:
    """Have the users read again; the page comes back when that is done."""
    errand = errands.ask(Errand.Kind.DESCRIBE)
    request.session[ASKED_FROM] = NAV
    return saved(request, tenant_url(request.tenant, "salesforce:errand", kind=errand.kind))


@page_requires(Right.SYNC_EDIT)
def owner(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Choose who stands for a member."""
    look = looking.look()
    row = next((one for one in look.rows if one.member_id == pk), None)
    if row is None:
        raise Http404
    how = (USER if row.how == "chosen" else FALLBACK) if row.is_chosen else BY_EMAIL
    chosen = SalesforceUser.objects.filter(sf_id=row.user_id).first() if row.user_id else None
    initial = {"how": how, "user": chosen and chosen.pk}
    form = OwnerForm(request.POST or None, initial=initial, fallback=look.fallback)

    def save() -> Done:
        wanted, user = form.cleaned_data["how"], form.cleaned_data["user"]
        if wanted == BY_EMAIL:
            service.by_email(member_id=pk)
        else:
            service.choose(member_id=pk, user=user.sf_id if wanted == USER else "")
        return Done(page_url(request, NAV), f"{row.name} chosen.", "What it changes is compared anew.")

    context = {"row": row, "back": page_url(request, NAV), "nav_key": NAV}
    return form_page(request, form, "salesforce/owner.html", context, save=save)


@page_requires(Right.SYNC_EDIT)
def fallback(request: TenantRequest) -> HttpResponse:
    """Choose who owns what nobody else does."""
    rules = looking.look().rules
    chosen = SalesforceUser.objects.filter(sf_id=rules.fallback).first() if rules else None
    form = FallbackForm(request.POST or None, initial={"user": chosen and chosen.pk})

    def save() -> Done:
        user = form.cleaned_data["user"]
        service.choose_fallback(user=user.sf_id if user else "")
        return Done(page_url(request, NAV), "Fallback owner chosen.", "What it changes is compared anew.")

    context = {"back": page_url(request, NAV), "nav_key": NAV}
    return form_page(request, form, "salesforce/owner_fallback.html", context, save=save)
