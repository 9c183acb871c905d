"""The queue of unattributed orders: who is this code? List and detail beside each other."""

from decimal import Decimal
from itertools import zip_longest
from typing import NotRequired, TypedDict
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from orders.attribution import service, tables
from orders.attribution.forms import TieForm
from orders.attribution.models import Answer
from orders.attribution.service import Tied, Waiting
from orders.attribution.suggestions import Suggestion
from orders.attribution.words import answer_words
from orders.book.models import Order
from orders.book.queries import consequence, months_of_code
from orders.sources.queries import sources_of
from partners.directory.codes import normalise
from partners.directory.models import Partner
from partners.directory.queries import partners_by_words
from partners.directory.service import create_partner
from partners.kinds.queries import usual_kind
from partners.lookalikes.service import look_at
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.notation.reader import figure
from prm.core.urls import tenant_url
from prm.core.words.tables import beginning, words_of
from prm.tenancy.context import first_up, order_nouns, say_of_orders
from prm.ui.export import answers as export
from prm.ui.form_page import Done, act, leave
from prm.ui.formatting import money, plural
from prm.ui.http import back_url
from prm.ui.lists import page_of

PER_PAGE = 30
NO_CODE = "-"


@require_GET
@page_requires(Right.ORDER_TIE)
def queue(request: TenantRequest) -> HttpResponseBase:
    """Show codes by money, and the one chosen with guesses and the consequence of each answer."""
    if request.GET.get("list") == "single":
        file = export.file_asked(
            request, say_of_orders("{orders} without a code"), tables.SINGLE, _without_code()
        )
        if file:
            return file
    entries = service.waiting()
    if wanted := export.asked(request):
        return export.exported(wanted, tables.sheet(request.tenant, entries), rows=len(entries))
    page = page_of(entries, request.GET.get("page"), PER_PAGE)
    shown = list(page.object_list)
    guesses = service.suggestions_for(shown)
    chosen = _chosen(request, shown)
    context: dict[str, object] = {
        "page": page,
        "entries": [_entry(entry, guesses.get(entry.key, []), chosen) for entry in shown],
        "codes": sum(1 for entry in entries if entry.code),
        "lone": sum(entry.orders for entry in entries if not entry.code),
        "orders": sum(entry.orders for entry in entries),
        "amount": sum((entry.amount for entry in entries), Decimal(0)),
        "certain": [entry for entry in shown if any(g.certain for g in guesses.get(entry.key, []))],
        "exports": export.links(request),
        "nouns": ("code", "codes"),
        "moving": service.moving_codes(),
        "nav_key": "unattributed",
    }
    if chosen is not None:
        place = entries.index(chosen) + 1
        context |= {"chosen": chosen, "place_words": f"{place} of {len(entries)}"}
        context |= _detail(request, chosen, guesses.get(chosen.key, []))
    return render(request, "orders/unattributed.html", context)


def _chosen(request: TenantRequest, shown: list[Waiting]) -> Waiting | None:
    wanted = request.GET.get("code")
    if wanted is not None:
        code = "" if wanted == NO_CODE else wanted
        same = [entry for entry in shown if entry.code == code]
        scheme = request.GET.get("scheme", "")
        chosen = next((entry for entry in same if entry.scheme == scheme), same[0] if same else None)
        if chosen is not None:
            return chosen
    return shown[0] if shown else None


def _entry(entry: Waiting, guesses: list[Suggestion], chosen: Waiting | None) -> dict[str, object]:
    kind, words = tables.guessed(entry, guesses)
    return {
        "waiting": entry,
        "kind": kind,
        "words": words,
        "is_chosen": entry is chosen,
        "key": entry.code or NO_CODE,
    }


def _detail(request: TenantRequest, chosen: Waiting, guesses: list[Suggestion]) -> dict[str, object]:
    if not chosen.code:
        single = page_of(_without_code(), request.GET.get("orders"), 25)
        return {"single": single, "partners": _partners_searched(request), "search": request.GET.get("q", "")}
    sources = sources_of(chosen.scheme)
    answers = [
        {
            "guess": guess,
            "share": guess.score / 100,
            "partner_id": guess.candidate.id,
            "consequence": consequence(guess.candidate.id, chosen.code, sources=sources),
        }
        for guess in guesses
    ]
    others = [
        {"partner": partner, "consequence": consequence(partner.pk, chosen.code, sources=sources)}
        for partner in _partners_searched(request)
    ]
    return {
        "answers": answers,
        "others": others,
        "search": request.GET.get("q", ""),
        "months": months_of_code(chosen.code, sources=sources),
    }


def _without_code() -> QuerySet[Order]:
    waiting = Order.objects.unattributed().filter(code="")
    return waiting.select_related("source").order_by(F("counted").desc(nulls_last=True), "id")


def _partners_searched(request: TenantRequest) -> list[Partner]:
    words = words_of(request.GET.get("q", "")[:100])
    ids = partners_by_words(words, most=30)
    return list(
        Partner.objects.active().select_related("organisation").filter(pk__in=ids).order_by("name", "id")[:8]
    )


def _back(request: TenantRequest, **query: str) -> str:
    base = tenant_url(request.tenant, "orders:unattributed")
    asked = QueryDict(mutable=True)
    asked.update(query)
    return f"{base}?{asked.urlencode()}" if query else base


@require_POST
@page_requires(Right.ORDER_TIE)
def tie(request: TenantRequest) -> HttpResponse:
    """Say whose code it is."""
    sent = _code_sent(request)
    form = TieForm(request.POST)
    partner = form.chosen()
    stay = _back(request, **sent)
    if partner is None:
        return leave(request, Done(stay, "Choose who it is first.", kind="warn"))

    def work() -> Done:
        done = service.tie_code(**sent, partner_id=partner.pk)
        return Done(
            _back(request),
            f"{plural(done.orders, *order_nouns())} tied to {partner.name}.",
            f"{money(done.amount, request.tenant)}. The code is remembered; the score follows.{_later(done)}",
            **_undo(request, done),
        )

    return act(request, work, stay_url=stay)


def _later(done: Tied) -> str:
    """Return the sentence about orders that are still on their way, "" if none is."""
    if not done.later:
        return ""
    return f" {figure(done.later)} of them {'follows' if done.later == 1 else 'follow'} in the background."


class _Sent(TypedDict):
    code: str
    scheme: NotRequired[str]


def _code_sent(request: TenantRequest) -> _Sent:
    """Return which code a button is about, and of which scheme if it says so."""
    code = request.POST.get("code", "")
    return {"code": code, "scheme": request.POST["scheme"]} if "scheme" in request.POST else {"code": code}


class _Undo(TypedDict, total=False):
    undo_url: str


def _undo(request: TenantRequest, done: Tied) -> _Undo:
    """Return where the toast's Undo leads; an answer that moved nothing has none."""
    if done.answer is None:
        return {}
    return {"undo_url": tenant_url(request.tenant, "orders:answer-undo", pk=done.answer.pk)}


@require_POST
@page_requires(Right.ORDER_TIE)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take an answer back, from its toast or from the list of what is settled."""
    get_object_or_404(Answer, pk=pk)
    back = back_url(request, _back(request))

    def work() -> Done:
        answer = service.undo_answer(pk)
        words = f"{plural(answer.orders, *order_nouns())} as before." if answer.orders else ""
        return Done(back, f"Taken back: {answer_words(answer)}.", words, kind="info")

    return act(request, work, stay_url=back)


@require_GET
@page_requires(Right.ORDER_TIE)
def settled(request: TenantRequest) -> HttpResponseBase:
    """Show what was decided, latest first; each can be taken back as long as nothing came after it."""
    answers = Answer.objects.with_names()
    code = normalise(request.GET.get("q", ""))
    if code:
        answers = beginning(answers, "code", code)
    if file := export.file_asked(
        request, say_of_orders("settled {orders}"), tables.settled(request.tenant), answers
    ):
        return file
    page = page_of(answers, request.GET.get("page"), PER_PAGE)
    rows = [(answer, answer_words(answer)) for answer in page.object_list]
    context = {
        "page": page,
        "rows": rows,
        "search": request.GET.get("q", ""),
        "exports": export.links(request),
        "nouns": ("decision", "decisions"),
        "nav_key": "unattributed",
    }
    return render(request, "orders/settled.html", context)


@require_POST
@page_requires(Right.ORDER_TIE)
def ignore(request: TenantRequest) -> HttpResponse:
    """Say that a code is nobody's."""
    sent = _code_sent(request)

    def work() -> Done:
        done = service.ignore_code(**sent)
        title = f"{sent['code']} is not a {request.tenant.partner_noun}."
        words = f"{plural(done.orders, *order_nouns())} left the queue."
        return Done(_back(request), title, words, **_undo(request, done))

    return act(request, work, stay_url=_back(request, **sent))


@require_POST
@page_requires(Right.ORDER_TIE)
@page_requires(Right.PARTNER_EDIT)
def new_partner(request: TenantRequest) -> HttpResponse:
    """Make a partner of the name that was sent with a code, and tie the code to it."""
    sent = _code_sent(request)
    name = request.POST.get("name", "").strip() or sent["code"]
    kind = _kind_for(**sent)

    def work() -> Done:
        partner = create_partner(name=name, kind=kind)
        done = service.tie_code(**sent, partner_id=partner.pk)
        look_at([partner.pk])
        words = f"{plural(done.orders, *order_nouns())} tied.{_later(done)}"
        return Done(partner.get_absolute_url(), f"{partner.name} added.", words, **_undo(request, done))

    return act(request, work, stay_url=_back(request, **sent))


def _kind_for(code: str, scheme: str | None = None) -> str:
    sent = Order.objects.filter(code=code)
    if scheme is not None:
        sent = sent.filter(source__in=sources_of(scheme))
    order = sent.select_related("source").first()
    return order.source.rules.partner_kind if order is not None else usual_kind()


@require_POST
@page_requires(Right.ORDER_TIE)
def tie_order(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Tie one order, whosever it is now; take it from its partner; or take it out of the queue."""
    get_object_or_404(Order, pk=pk)
    stay = back_url(request, _back(request, code=NO_CODE))
    action = request.POST.get("action")
    partner = TieForm(request.POST).chosen()
    if action not in ("ignore", "untie") and partner is None:
        return leave(request, Done(stay, "Search for the partner first, then choose.", kind="warn"))

    def work() -> Done:
        if action == "ignore":
            return Done(
                stay,
                say_of_orders("The {order} left the queue."),
                **_undo(request, service.ignore_orders([pk])),
            )
        if action == "untie":
            return Done(
                stay, say_of_orders("The {order} waits again."), **_undo(request, service.untie_orders([pk]))
            )
        assert partner is not None
        done = service.tie_orders([pk], partner_id=partner.pk)
        return Done(
            stay,
            f"{first_up(order_nouns()[0])} tied to {partner.name}.",
            "The score follows.",
            **_undo(request, done),
        )

    return act(request, work, stay_url=stay)


@require_GET
@page_requires(Right.ORDER_TIE)
def order_partner(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Choose whose an order is, whosever it is now: partners are found as one types."""
    order = get_object_or_404(Order.objects.with_names(), pk=pk)
    found = [partner for partner in _partners_searched(request) if partner.pk != order.partner_id]
    context = {
        "order": order,
        "partners": found,
        "search": request.GET.get("q", ""),
        "next": order.get_absolute_url(),
        "nav_key": "orders",
    }
    return render(request, "orders/order_partner.html", context)


@require_POST
@page_requires(Right.ORDER_TIE)
def tie_certain(request: TenantRequest) -> HttpResponse:
    """Tie every code that was shown as certain, to whom it was certain then and still is."""
    sent = (request.POST.getlist(name) for name in ("code", "scheme"))
    wanted = set(zip_longest(*sent, fillvalue=""))
    entries = [entry for entry in service.waiting() if (entry.code, entry.scheme) in wanted]
    guesses = service.suggestions_for(entries)
    orders = codes = 0
    for entry in entries:
        best = guesses[entry.key][0] if guesses[entry.key] else None
        if best is not None and best.certain:
            orders += service.tie_code(
                entry.code, scheme=entry.scheme, partner_id=best.candidate.id, is_certain=True
            ).orders
            codes += 1
    words = f"{plural(orders, *order_nouns())}. Each can be undone under Settled."
    return leave(request, Done(_back(request), f"{plural(codes, 'code')} tied.", words))
