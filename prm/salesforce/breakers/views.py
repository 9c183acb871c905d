"""Mass changes that wait for a person. Managers see; administrators decide."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.errors import Refused
from prm.salesforce.breakers import queries, service
from prm.salesforce.breakers.forms import GuardForm
from prm.salesforce.guards.models import MassChange, rules_of_tenant
from prm.salesforce.pages.actions import page_url
from prm.ui.form_page import Done, form_page
from prm.ui.toasts import toast

SHOWN, SHOWN_CHANGES = 20, 100


@require_GET
@page_requires(Right.SYNC_VIEW)
def mass_changes(request: TenantRequest) -> HttpResponse:
    """List what waits, each with its records, and what was decided lately."""
    rows = [
        {
            "mass": mass,
            "words": queries.words_of(mass),
            "waits": mass.state == MassChange.State.WAITING,
            "changes": [
                {"change": change, "field": queries.field_words(change)}
                for change in mass.changes.order_by("title", "record_id", "field")[:SHOWN_CHANGES]
            ],
        }
        for mass in queries.shown()[:SHOWN]
    ]
    context = {"rows": rows, "rules": rules_of_tenant(), "may_edit": allows(request, Right.SYNC_EDIT)}
    return render(request, "salesforce/mass_changes.html", context)


@require_POST
@page_requires(Right.SYNC_EDIT)
def decide(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Approve or refuse one."""
    decisions = {"approve": service.approve, "refuse": service.refuse}
    chosen = decisions.get(request.POST.get("do", ""))
    if chosen is None:
        raise Http404
    try:
        mass = chosen(pk)
    except Refused as refused:
        if refused.code == "not_found":
            raise Http404 from refused
        toast(request, refused.message, kind="bad")
    else:
        toast(request, f"{mass.get_state_display()}.", "It is carried out with the next sync.")
    return redirect(page_url(request, "mass-changes"))


@page_requires(Right.SYNC_EDIT)
def thresholds(request: TenantRequest) -> HttpResponse:
    """Change from how many records on a change waits."""
    rules = rules_of_tenant()
    initial = {name: getattr(rules, name) for name in service.THRESHOLDS}
    form = GuardForm(request.POST or None, initial=initial)

    def save() -> Done:
        service.set_rules(form.cleaned_data)
        return Done(page_url(request, "mass-changes"), "Thresholds saved.")

    return form_page(request, form, "salesforce/thresholds.html", {}, save=save)
