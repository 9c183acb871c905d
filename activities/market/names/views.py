"""Pages of names: all of them, one of them, and merging two."""

from typing import Final
from uuid import UUID

from django import forms
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from activities.market.names import service
from activities.market.names.forms import (
    CompetitorForm,
    DifferentiatorForm,
    MergeCompetitorForm,
    MergeDifferentiatorForm,
)
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.queries import look_alikes, moving, root_of
from activities.market.names.service import KINDS
from activities.market.names.service import Some as Named
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui.export.answers import Columns, file_asked
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import plural
from prm.ui.lists import page_of

NAV: Final = "competition"
TABS: Final = {"competitor": "Competitors", "differentiator": "Reasons"}
PER_PAGE: Final = 50
COLUMNS: Columns[object] = {
    "Name": lambda row: getattr(row, "name", ""),
    "Insights": lambda row: getattr(row, "times", 0),
}


def _row(kind: str, pk: UUID) -> Named:
    if kind == "competitor":
        return get_object_or_404(Competitor, pk=pk)
    if kind == "differentiator":
        return get_object_or_404(Differentiator, pk=pk)
    raise Http404


def _kind(row: Named) -> str:
    return "competitor" if isinstance(row, Competitor) else "differentiator"


def _url(request: TenantRequest, name: str, row: Named) -> str:
    return tenant_url(request.tenant, f"activities:{name}", kind=_kind(row), pk=row.pk)


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def names(request: TenantRequest) -> HttpResponseBase:
    """List competitors, or reasons, with how often each is named, and those that may be one."""
    kind = request.GET.get("kind", "competitor")
    model = KINDS.get(kind, Competitor)
    rows = model.objects.own().annotate(times=Count("insights")).order_by("-times", "name")
    if file := file_asked(request, "names", COLUMNS, rows):
        return file
    page = page_of(rows, request.GET.get("page"), PER_PAGE)
    may_edit = Right.ACTIVITY_MANAGE in request.rights
    context = {
        "page": page,
        "may_edit": may_edit,
        "rows": _with_other_names(
            [row for row in page.object_list if isinstance(row, Competitor | Differentiator)]
        ),
        "kind": "differentiator" if model is Differentiator else "competitor",
        "tabs": TABS.items(),
        "alike": look_alikes(model) if may_edit else [],
        "nav_key": NAV,
    }
    return render(request, "activities/names.html", context)


def _with_other_names(rows: list[Named]) -> list[tuple[Named, list[str]]]:
    """Return rows with the names that stand for them directly (one query)."""
    if not rows:
        return []
    others: dict[UUID, list[str]] = {row.pk: [] for row in rows}
    for name, same_as in type(rows[0]).objects.filter(same_as__in=others).values_list("name", "same_as"):
        if same_as is not None:
            others[same_as].append(name)
    return [(row, others[row.pk]) for row in rows]


@page_requires(Right.ACTIVITY_MANAGE)
@require_http_methods(["GET", "POST"])
def name(request: TenantRequest, kind: str, pk: UUID) -> HttpResponse:
    """One name: what it is called, its other names, and which one it is."""
    row = _row(kind, pk)
    form = _form(request, row)

    def save() -> Done:
        data = form.cleaned_data
        service.rename(row=row, name=data["name"])
        if isinstance(row, Competitor):
            service.place(competitor=row, city=data["city"])
        if data["other_name"]:
            service.add_other_name(row=row, name=data["other_name"])
        return Done(_url(request, "name", row), f"{row.name} saved.")

    merge_form = MergeCompetitorForm() if isinstance(row, Competitor) else MergeDifferentiatorForm()
    context = {
        "row": row,
        "kind": kind,
        "root": root_of(row) if row.same_as_id else None,
        "other_names": row.other_names.annotate(times=Count("noted")).order_by("name"),
        "times": row.insights.count(),
        "merge_form": merge_form,
        "action": request.get_full_path(),
        "nav_key": NAV,
    }
    return form_page(request, form, "activities/name.html", context, save=save)


def _form(request: TenantRequest, row: Named) -> forms.Form:
    if isinstance(row, Competitor):
        return CompetitorForm(request.POST or None, initial={"name": row.name, "city": row.city})
    return DifferentiatorForm(request.POST or None, initial={"name": row.name})


@page_requires(Right.ACTIVITY_MANAGE)
@require_http_methods(["GET", "POST"])
def name_merge(request: TenantRequest, kind: str, pk: UUID) -> HttpResponse:
    """Say what a merge would move (`?into=`), and merge."""
    row = _row(kind, pk)
    given = request.POST or request.GET or None
    form = MergeCompetitorForm(given) if isinstance(row, Competitor) else MergeDifferentiatorForm(given)
    into: Named | None = form.cleaned_data["into"] if given and form.is_valid() else None

    def save() -> Done:
        assert into is not None
        main = service.merge(row=row, into=into)
        undo = _url(request, "name-separate", row)
        return Done(_url(request, "name", main), f"{row.name} is {main.name} now.", undo_url=undo)

    told = moving(row)
    context = {
        "row": row,
        "kind": kind,
        "into": into,
        "moving": told,
        "insights": plural(told.insights, "insight", "insights"),
        "action": _url(request, "name-merge", row),
        "nav_key": NAV,
    }
    return form_page(request, form, "activities/name_merge.html", context, save=save)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def name_separate(request: TenantRequest, kind: str, pk: UUID) -> HttpResponse:
    """Take a name apart from the one it was merged into."""
    row = _row(kind, pk)
    here = _url(request, "name", row)

    def work() -> Done:
        service.separate(row=row)
        return Done(here, f"{row.name} is on its own again.", "What was noted under it went with it.")

    return act(request, work, stay_url=here)


@page_requires(Right.ACTIVITY_MANAGE)
@require_POST
def name_apart(request: TenantRequest, kind: str, pk: UUID) -> HttpResponse:
    """Say that two names that look alike are not one (`other`)."""
    row = _row(kind, pk)
    try:
        other = _row(kind, UUID(request.POST.get("other", "")))
    except ValueError:
        raise Http404 from None
    here = f"{tenant_url(request.tenant, 'activities:names')}?kind={kind}"

    def work() -> Done:
        service.keep_apart(row=row, other=other)
        return Done(here, f"{row.name} and {other.name} stay two.")

    return act(request, work, stay_url=here)
