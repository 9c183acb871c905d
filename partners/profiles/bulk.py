"""Pages of the bulk bar: what an act needs, doing it to the selection, taking it back; the selection as a file."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from partners.bulk import service
from partners.bulk.models import BulkChange
from partners.bulk.registry import action_called
from partners.directory.models import Partner
from partners.profiles import columns
from partners.profiles.filters import PartnerFilter, shows_all
from partners.profiles.tables import PartnerTable
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.core.urls import tenant_url
from prm.tenancy.models import Tenant
from prm.ui.export import answers as export
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, moment, money_short, plural
from prm.ui.lists import page_of

NAV = "partners"
CHANGES = (Right.PARTNER_EDIT, Right.ACTIVITY_MANAGE)


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a form means: partners by their ids, or (`query`) all that a list shows, as many as were said."""

    ids: tuple[UUID, ...]
    query: str = ""
    said: int = 0

    @classmethod
    def of(cls, data: QueryDict, *, request: TenantRequest) -> "Selection":
        """Read it. Raises `Refused` for ids that are none."""
        query = data.get("query", "")
        if data.get("all"):
            ids = tuple(
                of_query(QueryDict(query.lstrip("?")), request).values_list("pk", flat=True)[
                    : service.MOST + 1
                ]
            )
            said = data.get("said", "")
            return cls(ids, query or "?", int(said) if said.isdigit() else len(ids))
        texts = [one for some in data.getlist("id") for one in some.replace(",", " ").split()]
        try:
            return cls(tuple(dict.fromkeys(UUID(text) for text in texts)))
        except ValueError as error:
            raise Refused("That is nobody of the list.", field="ids", code="invalid") from error


def of_query(query: QueryDict, request: TenantRequest) -> QuerySet[Partner]:
    """Return the partners that the list shows for a query. Raises `Refused` for a filter that cannot be read."""
    partners = Partner.objects.with_standing()
    everybody = partners if shows_all(query) else partners.active()
    filterset = PartnerFilter(data=query, queryset=everybody, request=request)
    if not filterset.is_valid():
        name, messages = next(iter(filterset.errors.items()))
        raise Refused(str(messages[0]), field=name, code="invalid")
    found: QuerySet[Partner] = filterset.qs
    return found


@require_POST
@page_requires(*CHANGES)
def change(request: TenantRequest, key: str) -> HttpResponse:
    """Ask what an act needs; sent again with it, do it to the selection."""
    action = action_called(key)
    if action is None or action.right not in request.rights:
        raise Http404
    home = tenant_url(request.tenant, "partners:list")
    try:
        selection = Selection.of(request.POST, request=request)
    except Refused as refused:
        selection, problem = Selection(()), refused.message
    else:
        problem = "" if selection.ids else "Nobody is selected: tick rows of the list first."
    is_answer = "go" in request.POST
    if is_answer and not problem and selection.query and selection.said != len(selection.ids):
        problem = f"The list has changed: it shows {figure(len(selection.ids))} now. Look again, and send it if that is meant."
    context = {
        "action": action,
        "selection": selection,
        "problem": problem,
        "people": plural(len(selection.ids), request.tenant.partner_noun, request.tenant.partner_noun_plural),
        "money": _money(selection, request.tenant),
        "next": home,
        "nav_key": NAV,
    }
    form = action.form(request.POST if is_answer else None)
    if problem or not is_answer:
        return render(request, "partners/bulk_form.html", {"form": form, **context})

    def save() -> Done:
        values = {name: request.POST.get(name) for name in request.POST if name not in {"id", "go", "query"}}
        done = service.change_many(selection.ids, action=key, values=values, by=request.membership)
        undo = tenant_url(request.tenant, "partners:bulk-undo", pk=done.pk)
        stay = f"{home}{selection.query if selection.query != '?' else ''}"
        if not done.count:
            return Done(stay, "Nothing to do.", "All of them were so already.", kind="info")
        return Done(stay, f"{done.words}.", undo_url=undo)

    return form_page(request, form, "partners/bulk_form.html", context, save=save)


def _money(selection: Selection, tenant: Tenant) -> str:
    rows = Partner.objects.filter(pk__in=selection.ids[: service.MOST]).values_list(
        "standing__revenue_12m", flat=True
    )
    return money_short(sum((revenue for revenue in rows if revenue is not None), 0), tenant)


@require_POST
@page_requires(*CHANGES)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Put back what still is as the act left it."""
    made = get_object_or_404(BulkChange, pk=pk)
    home = tenant_url(request.tenant, "partners:list")

    def work() -> Done:
        done = service.undo_change(made.pk)
        stays = done.count - (done.put_back or 0)
        detail = f"{figure(stays)} were changed since and stay." if stays else ""
        nouns = (request.tenant.partner_noun, request.tenant.partner_noun_plural)
        return Done(home, f"Taken back for {plural(done.put_back or 0, *nouns)}.", detail)

    return act(request, work, stay_url=home, refused_title="Not taken back.")


@require_GET
@page_requires(*CHANGES)
def log(request: TenantRequest) -> HttpResponseBase:
    """List what was done to many at once, the latest first."""
    changes = BulkChange.objects.select_related("by__user")
    heads: export.Columns[BulkChange] = {
        "What": str,
        "By": lambda one: str(one.by.user) if one.by else "",
        "When": lambda one: one.at,
        "Partners": lambda one: one.count,
        "Taken back": lambda one: one.undone_at,
    }
    if file := export.file_asked(request, "changes of many", heads, changes):
        return file
    page = page_of(changes, request.GET.get("page"), 50)
    rows = [{"change": one, "when": moment(one.at), "undone": day(one.undone_at)} for one in page.object_list]
    context = {
        "page": page,
        "rows": rows,
        "exports": export.links(request),
        "nouns": ("change", "changes"),
        "nav_key": NAV,
    }
    return render(request, "partners/bulk_log.html", context)


@require_POST
@page_requires(Right.PARTNER_VIEW)
def take_along(request: TenantRequest) -> HttpResponseBase:
    """Answer the selection as a file, with the columns that the list shows."""
    try:
        selection = Selection.of(request.POST, request=request)
    except Refused as refused:
        return HttpResponse(refused.message, status=400, content_type="text/plain; charset=utf-8")
    query = QueryDict(request.POST.get("query", "").lstrip("?"))
    keys = columns.chosen(query, request.rights)
    rows = columns.annotated(Partner.objects.with_standing(), keys).filter(pk__in=selection.ids)
    table = PartnerTable(
        rows.prefetch_related("codes"), tenant=request.tenant, **PartnerTable.showing(keys, selectable=False)
    )
    return export.exported("csv", table.sheet(request.tenant.partner_noun_plural), rows=len(selection.ids))
