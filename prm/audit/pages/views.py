"""The trail's page, its export, and how long it is kept; a row's own history for the pages of other apps."""

from collections.abc import Sequence
from itertools import groupby

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.audit.keeping import service
from prm.audit.keeping.queries import years_kept
from prm.audit.pages.forms import RetentionForm, TrailForm
from prm.audit.pages.tables import sheet
from prm.audit.trail import queries
from prm.audit.trail.asking import meant
from prm.audit.trail.rules import MOST_COUNTED
from prm.audit.trail.sql import Asked
from prm.audit.trail.undoing import offers_for
from prm.audit.trail.words import Entry, entries
from prm.core.calendar import local_date
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui.export import answers as export
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import clock, day, plural
from prm.ui.lists import Chip
from prm.ui.parts import Item

NAV = "audit"


@require_GET
@page_requires(Right.AUDIT_VIEW)
def trail(request: TenantRequest) -> HttpResponse:
    """Show the lines asked for, the newest first, by day."""
    form = TrailForm(request.GET)
    is_valid = form.is_valid()
    asked = form.asked(meant(form.cleaned_data["q"], request.rights)) if is_valid else Asked(kind="-")
    try:
        page = queries.page(asked, cursor=request.GET.get("cursor", ""))
    except Refused:
        page = queries.page(asked)
    count = queries.count(asked) if is_valid else 0
    context = {
        "form": form,
        "chips": _chips(form, request.GET) if is_valid else [],
        "days": days_of(page.lines),
        "page": page,
        "count": min(count, MOST_COUNTED),
        "more": count > MOST_COUNTED,
        "kept": _kept(years_kept()),
        "is_asked": is_valid and asked != Asked(),
        "can_keep": allows(request, Right.SETTINGS_EDIT),
        "nav_key": NAV,
    }
    return render(request, "audit/trail.html", context, status=200 if is_valid else 400)


def days_of(lines: Sequence[queries.Line]) -> list[tuple[str, list[Entry]]]:
    """Return lines in words, by the tenant's days."""
    tenant = current_tenant()
    found = entries(lines, offers=offers_for(lines))
    return [
        (day(on, weekday=True), list(group))
        for on, group in groupby(found, lambda one: local_date(tenant, one.at))
    ]


def _chips(form: TrailForm, query: QueryDict) -> list[Chip]:
    found = []
    for name, label, words in form.words():
        rest = query.copy()
        for one in (name, f"{name}_words", "cursor"):
            rest.pop(one, None)
        found.append(Chip(name, label, words, f"?{rest.urlencode()}"))
    return found


def _kept(years: int | None) -> str:
    return "Kept for good" if years is None else f"Kept {plural(years, 'year')}"


@require_POST
@page_requires(Right.AUDIT_VIEW)
def take_along(request: TenantRequest) -> HttpResponseBase:
    """Answer the lines asked for as a file; that is a line of the trail itself, whose own line comes after them."""
    form = TrailForm(request.POST)
    wanted = request.POST.get("format", "csv")
    if not form.is_valid() or wanted not in export.FORMATS:
        return HttpResponse("A filter cannot be read.", status=400, content_type="text/plain; charset=utf-8")
    asked = form.asked(meant(form.cleaned_data["q"], request.rights))
    lines = queries.count(asked, most=10**9)
    answer = export.exported(wanted, sheet(asked), rows=lines)
    if answer.status_code == 200:
        words = ", ".join(f"{label} {said}".strip() for _, label, said in form.words()) or "all"
        service.record_export(lines=lines, file_format=wanted, asked=words)
    return answer


@require_http_methods(["GET", "POST"])
@page_requires(Right.SETTINGS_EDIT)
def retention(request: TenantRequest) -> HttpResponse:
    """Change for how long the trail is kept."""
    home = tenant_url(request.tenant, "audit:trail")
    form = RetentionForm(request.POST or None, initial={"years": years_kept()})

    def save() -> Done:
        years = form.cleaned_data["years"]
        before = service.set_retention(years=years)
        detail = "" if before == years else f"Before: {_kept(before).lower()}."
        return Done(home, f"{_kept(years)}.", detail)

    context = {"next": home, "nav_key": NAV, "can_go_back": allows(request, Right.AUDIT_VIEW)}
    return form_page(request, form, "audit/retention.html", context, save=save)


def history(
    request: HttpRequest, asked: Asked, *, template: str, most: int, **context: object
) -> HttpResponse:
    """Draw the history of one thing for another app's page, whose view has seen to the rights."""
    try:
        page = queries.page(asked, cursor=request.GET.get("cursor", ""), most=most)
    except Refused:
        page = queries.page(asked, most=most)
    days = days_of(page.lines)
    items = [_item(on, entry) for on, found in days for entry in found]
    return render(request, template, {"days": days, "items": items, "page": page, **context})


def _item(on: str, entry: Entry) -> Item:
    """Return a line as an entry of a timeline."""
    told = "; ".join(f"{one.label} {one.before} → {one.after}" for one in entry.first)
    return Item(
        icon=entry.door.icon,
        title=f"{entry.kind} {entry.act.label.lower()}",
        when=f"{on}, {clock(entry.at)}",
        text=told or entry.detail,
        note=f"{entry.who}, {entry.door.label}",
    )
