"""Mass changes that wait for a person. Managers see; administrators decide."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.errors import Refused
from prm.salesforce.breakers import queries, service, tables
from prm.salesforce.breakers.forms import GuardForm
from prm.salesforce.guards.models import HeldChange, MassChange, rules_of_tenant
from prm.salesforce.pages.actions import page_url
from prm.ui.form_page import Done, form_page
from prm.ui.lists import Empty, ListPage
from prm.ui.toasts import toast

SHOWN, EXAMPLES = 20, 3


@require_GET
@page_requires(Right.SYNC_VIEW)
def mass_changes(request: TenantRequest) -> HttpResponse:
    """List what waits, each with some of its records, and what was decided lately."""
    rows = [
        {
            "mass": mass,
            "words": queries.words_of(mass),
            "waits": mass.state == MassChange.State.WAITING,
            "examples": queries.examples_of(mass, EXAMPLES),
        }
        for mass in queries.shown()[:SHOWN]
    ]
    context = {"rows": rows, "rules": rules_of_tenant(), "may_edit": allows(request, Right.SYNC_EDIT)}
    return render(request, "salesforce/mass_changes.html", context)


class HeldChangeList(ListPage):
    """What one mass change did, record by record."""

    table_class = tables.HeldChangeTable
    filterset_class = tables.HeldChangeFilter
    template_name = "salesforce/mass_change.html"
    nouns = ("change", "changes")
    request: TenantRequest
    empty = Empty(
        title="Nothing waits here any more",
        text="What was approved has gone to the other side; what was refused is as it was.",
        icon="circle-check",
    )

    @method_decorator(page_requires(Right.SYNC_VIEW))
    def dispatch(self, request: TenantRequest, *args: object, **kwargs: object) -> HttpResponseBase:  # type: ignore[override]
        """Ask for the right first, then for the mass change."""
        self.mass = get_object_or_404(queries.shown(), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[HeldChange]:
        """Return what it did, as long as it waits."""
        return tables.changes_of(self.mass.pk)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add the mass change in words, and whether it may be decided."""
        may = self.mass.state == MassChange.State.WAITING and allows(self.request, Right.SYNC_EDIT)
        words = queries.words_of(self.mass)
        return super().get_context_data(
            mass=self.mass, words=words, may_decide=may, nav_key="mass-changes", **kwargs
        )


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

    return form_page(request, form, "salesforce/thresholds.html", {"nav_key": "mass-changes"}, save=save)
