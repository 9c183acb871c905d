"""The pages of adopting: which records in Salesforce are ours already, and what a person says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final, overload
from uuid import UUID

from django.db.models import Count, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.urls import tenant_url
from prm.mapping import Kind, Mapping
from prm.salesforce.adoption import service
from prm.salesforce.adoption.service import Answer, Decided
from prm.salesforce.adoption.sorting import nouns_there
from prm.salesforce.engine.models import Connection
from prm.salesforce.mapping import registry
from prm.salesforce.matches import queries as matches
from prm.salesforce.matches.models import Match
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import page_url
from prm.salesforce.setup import errands
from prm.salesforce.setup.models import Errand
from prm.ui import formatting
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import plural
from prm.ui.http import back_url, saved
from prm.ui.lists import Page, page_of

PER_PAGE: Final = 25
S = Match.State
TABS: Final = {
    "certain": (S.CERTAIN,),
    "decide": (S.OPEN, S.LATER),
    "new-there": (S.NEW,),
    "decided": (S.CHOSEN, S.LINKED, S.APART, S.UNDOING),
}
_WORDS: Final = {
    "certain": "Certain", "decide": "To decide", "new-there": "New there", "new-here": "New here", "decided": "Decided",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists of the page."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Object:
    """One kind of record whose list the page can show; `count` is what waits for a person."""

    key: str
    label: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One value of a record on both sides."""

    label: str
    here: str
    there: str

    @property
    def is_same(self) -> bool:
        """Whether both hold the same, upper and lower case and blanks aside."""
        return bool(self.here) and self.here.split() == self.there.split()


@dataclass(frozen=True, slots=True)
class Row:
    """A record there beside the one here that it may be."""

    match: Match
    sides: list[Side]
    url: str

    @property
    def others(self) -> list[dict[str, str]]:
        """The other records here that it could be."""
        return [each for each in self.match.candidates if each["id"] != str(self.match.record_id)]


@page_requires(Right.SYNC_VIEW)
def adopt(request: TenantRequest) -> HttpResponseBase:
    """Show which records there are ours, by how sure that is; POST reads them, in the background."""
    connection = queries.present_connection()
    may_edit = allows(request, Right.SYNC_EDIT)
    if connection is None:
        return render(request, "salesforce/not_connected.html", {"may_edit": may_edit, "nav_key": "adopt"})
    if request.method == "POST":
        return read(request)
    reading = errands.latest(Errand.Kind.READ)
    if reading is not None and reading.is_open and may_edit:
        return redirect(tenant_url(request.tenant, "salesforce:errand", kind=reading.kind))
    one = _adopted(request.GET.get("object", ""))
    asked = request.GET.get("tab", "decide")
    tab = asked if asked in _WORDS else "decide"
    counts = {each.key: matches.counts(each.key) for each in _adoptable()}
    context = {
        "connection": connection,
        "reading": reading,
        "objects": _objects(one, counts),
        "object": one,
        "nouns": nouns_there(one.sobject),
        "is_unread": matches.is_unread(one.key),
        "tabs": _tabs(one, counts[one.key]),
        "tab": tab,
        "may_edit": may_edit,
        "nav_key": "adopt",
        **(_new_here(request, one) if tab == "new-here" else _listed(request, one, tab)),
    }
    return render(request, "salesforce/adopt.html", context)


@page_requires(Right.SYNC_EDIT)
def read(request: TenantRequest) -> HttpResponse:
    """Ask a worker to read what is there."""
    errand = errands.ask(Errand.Kind.READ)
    return saved(request, tenant_url(request.tenant, "salesforce:errand", kind=errand.kind))


def _adopted(key: str) -> Mapping:
    """Return the kind of record that is asked for; the first one for nonsense."""
    every = _adoptable()
    return next((one for one in every if one.key == key), every[0])


def _adoptable() -> list[Mapping]:
    """Return the kinds of records that are looked for there before new ones are made."""
    return [one for one in registry.mappings().values() if one.adopt is not None]


def _objects(shown: Mapping, counts: dict[str, dict[str, int]]) -> list[Object]:
    found = []
    for one in _adoptable():
        waits = sum(counts[one.key].get(state, 0) for state in TABS["decide"])
        found.append(Object(one.key, nouns_there(one.sobject).capitalize(), waits, one.key == shown.key))
    return found


def _tabs(one: Mapping, counts: dict[str, int]) -> list[Tab]:
    tabs = [
        Tab(key, _WORDS[key], sum(counts.get(each, 0) for each in states)) for key, states in TABS.items()
    ]
    return [*tabs[:3], Tab("new-here", _WORDS["new-here"], matches.count_new_here(one)), tabs[3]]


class _NewHere(Sequence[UUID]):
    """The records here that nothing there is like, read a page at a time."""

    def __init__(self, one: Mapping) -> None:
        self.one = one

    def __len__(self) -> int:
        return matches.count_new_here(self.one)

    @overload
    def __getitem__(self, place: int) -> UUID: ...
    @overload
    def __getitem__(self, place: slice) -> list[UUID]: ...
    def __getitem__(self, place: int | slice) -> UUID | list[UUID]:
        if isinstance(place, int):
            return matches.new_here(self.one, first=place, most=1)[0]
        first, end, _step = place.indices(len(self))
        return matches.new_here(self.one, first=first, most=end - first)


def _new_here(request: TenantRequest, one: Mapping) -> dict[str, object]:
    page: Page[UUID] = page_of(_NewHere(one), request.GET.get("page"), PER_PAGE)
    titles = queries.titles(one.key, list(page.object_list))
    rows = [(titles.get(each, str(each)), _url(request, one, each)) for each in page.object_list]
    return {"page": page, "new_here": rows}


def _url(request: TenantRequest, one: Mapping, record_id: UUID) -> str:
    """Return the page of a record here; "" for a kind without pages of its own."""
    return tenant_url(request.tenant, one.url_name, pk=record_id) if one.url_name else ""


def _listed(request: TenantRequest, one: Mapping, tab: str) -> dict[str, object]:
    mine: QuerySet[Match] = Match.objects.filter(mapping=one.key, state__in=TABS[tab])
    rows = mine.order_by("doubt", "name", "id")
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(name__icontains=words) | rows.filter(record_name__icontains=words)
    page: Page[Match] = page_of(rows, request.GET.get("page"), PER_PAGE)
    shown = _rows(request, one, list(page.object_list))
    groups = [(doubt, list(some)) for doubt, some in groupby(shown, key=lambda row: row.match.doubt)]
    totals = dict(rows.order_by().values("doubt").annotate(count=Count("pk")).values_list("doubt", "count"))
    return {"page": page, "groups": [(doubt, totals[doubt], some) for doubt, some in groups], "q": words}


_SIDES: Final = (
    ("name", "Name"), ("title", "Title"), ("phone", "Phone"), ("mobile", "Mobile"), ("city", "City"), ("website", "Website"),
    ("email", "E-mail"), ("npi", "NPI"), ("tax_id", "Tax id"), ("code", "Account number"),
    ("amount", "Amount"), ("currency", "Currency"), ("close_date", "Close date"), ("stage", "Stage"),
)  # fmt: skip
_HERE: Final = {"title": "role", "mobile": "phone"}
"""Clues that have another name among the values here."""


def _rows(request: TenantRequest, one: Mapping, shown: list[Match]) -> list[Row]:
    ours = one.read([row.record_id for row in shown if row.record_id])
    found = []
    for row in shown:
        values = ours.get(row.record_id) if row.record_id else None
        url = _url(request, one, row.record_id) if row.record_id and values is not None else ""
        here = {"name": row.record_name, **(values or {})}
        sides = [
            Side(label, *_both(one, clue, here.get(_HERE.get(clue, clue)), row))
            for clue, label in _SIDES
            if clue not in _HERE or row.seen.get(clue)
        ]
        found.append(Row(row, [side for side in sides if side.here or side.there], url))
    return found


_SHOWN: Final[dict[Kind, Callable[[str], str]]] = {
    Kind.CURRENCY: lambda text: formatting.number(Decimal(text), 2),
    Kind.DATE: lambda text: formatting.day(date.fromisoformat(text)),
}


def _both(one: Mapping, clue: str, here: object, row: Match) -> tuple[str, str]:
    """Return what both sides say, in words: a choice there as it stands there, whatever it is here."""
    there = str(row.seen.get(clue) or "")
    column = one.column(one.adopt.clues.get(clue, "")) if one.adopt is not None else None
    if column is not None and column.kind is Kind.PICKLIST:
        there = str(row.values.get(column.there) or there)
    words = _SHOWN.get(column.kind, str) if column is not None else str
    return ("" if here is None or here == "" else words(str(here))), (words(there) if there else "")


@require_POST
@page_requires(Right.SYNC_EDIT)
def decide(request: TenantRequest) -> HttpResponse:
    """Say of one record or the ticked ones that it is ours, is not, or waits."""
    back = back_url(request, page_url(request, "adopt"))
    answer, ids, record_id = _asked(request)

    def work() -> Done:
        done = service.decide(ids=ids, answer=answer, record_id=record_id)
        undo = tenant_url(request.tenant, "salesforce:adopt-undo", pk=done.batch) if done.count else ""
        return Done(back, _told(answer, done), " ".join(done.refused[:3]), undo_url=undo)

    return act(request, work, stay_url=back)


def _asked(request: TenantRequest) -> tuple[Answer, list[UUID], UUID | None]:
    """Return what a person says, of which records there, and which one here is meant. 404 for nonsense."""
    do, _, rest = request.POST.get("do", "").partition(":")
    match_id, _, record_id = rest.partition(":")
    try:
        ids = [UUID(match_id)] if match_id else [UUID(each) for each in request.POST.getlist("match")]
        if group := request.POST.get("group"):
            states = TABS["certain"] if group == "certain" else TABS["decide"]
            rows = Match.objects.filter(
                mapping=_adopted(request.POST.get("object", "")).key, state__in=states
            )
            rows = rows if group == "certain" else rows.filter(doubt=group)
            ids = list(rows.order_by("name", "id").values_list("pk", flat=True)[: service.MOST])
        return Answer(do), ids, UUID(record_id) if record_id else None
    except ValueError as error:
        raise Http404 from error


def _told(answer: Answer, done: Decided) -> str:
    if not done.count:
        return "Nothing was decided."
    records = plural(done.count, "record")
    bound = Connection.objects.first()
    waits = bound is not None and bound.is_resting
    words = {
        Answer.LINK: f"{records} {'will be linked at the start' if waits else 'linked'}.",
        Answer.APART: f"{records} kept apart.",
        Answer.LATER: f"{records} wait.",
    }
    return words[answer]


@page_requires(Right.SYNC_EDIT)
def take_back(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show what taking a link back does, and have it done; 404 for what is not linked."""
    looks = service.look_back([pk])
    if not looks:
        raise Http404
    back = page_url(request, "adopt") + "?tab=decided"
    look, form = looks[0], Form(request.POST if request.method == "POST" else None)

    def save() -> Done:
        done = service.take_back(ids=[pk])
        undo_url = tenant_url(request.tenant, "salesforce:adopt-undo", pk=done.batch)
        return Done(
            back,
            "The link is taken back with the next sync.",
            "Then it is to decide again.",
            undo_url=undo_url,
        )

    context = {"look": look, "row": look.match, "back": back, "nav_key": "adopt"}
    return form_page(request, form, "salesforce/take_back.html", context, save=save)


@require_POST
@page_requires(Right.SYNC_EDIT)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take back what was decided together; 404 for a step that nobody here took."""
    if not Match.objects.filter(batch=pk).exists():
        raise Http404
    back = page_url(request, "adopt")

    def work() -> Done:
        return Done(back, f"{plural(service.undo(pk), 'decision')} taken back.")

    return act(request, work, stay_url=back)
