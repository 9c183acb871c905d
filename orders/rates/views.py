"""Rates of exchange: what waits for one, those that hold, and how they come in."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.book.words import rate_words
from orders.rates import queries, service, tables
from orders.rates.forms import AgeForm, ChangeForm, RateForm, TableForm
from orders.rates.models import ExchangeRate
from orders.states import Wait
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.tenancy.context import order_nouns, say_of_orders
from prm.ui.export import answers as export
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day, number, plural
from prm.ui.lists import page_of

NAV = "rates"
PER_PAGE = 50


@require_GET
@page_requires(Right.RATE_EDIT)
def rates(request: TenantRequest) -> HttpResponseBase:
    """Show what waits, by currency and month, and below it the rates, the latest of each currency first."""
    waiting = queries.waiting_months()
    file = (
        export.file_asked(request, say_of_orders("{orders} waiting for rates"), tables.WAITING, waiting)
        if request.GET.get("list") == "waiting"
        else export.file_asked(request, "exchange rates", tables.rates(request.tenant), queries.rates())
    )
    if file:
        return file
    page = page_of(queries.rates(), request.GET.get("page"), PER_PAGE)
    context = {
        "waiting": waiting,
        "waiting_orders": sum(entry.orders for entry in waiting),
        "lacks_rates": any(entry.reason != Wait.TOO_LARGE for entry in waiting),
        "page": page,
        "rows": [{"rate": rate, "words": rate_words(rate.rate)} for rate in page.object_list],
        "oldest_days": queries.oldest_days(),
        "exports": export.links(request),
        "nouns": ("rate", "rates"),
        "nav_key": NAV,
    }
    return render(request, "orders/rates.html", context)


def _home(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "orders:rates")


@require_http_methods(["GET", "POST"])
@page_requires(Right.RATE_EDIT)
def add(request: TenantRequest) -> HttpResponse:
    """Add a rate; the address may name currency and day."""
    asked = {name: request.GET[name] for name in ("currency", "since") if name in request.GET}
    form = RateForm(request.POST or None, initial=asked or None)

    def save() -> Done:
        rate, taken = service.set_rate(**form.cleaned_data)
        what = f"{rate.currency} is worth {rate_words(rate.rate)} {rate.into} from {day(rate.since)} on."
        return Done(_home(request), what, _converted(taken.converted))

    context = {"title": "Add exchange rate", "submit": "Save rate", "next": _home(request), "nav_key": NAV}
    return form_page(request, form, "orders/rate_form.html", context, save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.RATE_EDIT)
def change(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Correct a rate."""
    rate = get_object_or_404(ExchangeRate, pk=pk)
    form = ChangeForm(request.POST or None, initial={"rate": rate_words(rate.rate)})

    def save() -> Done:
        now, taken = service.change_rate(rate.pk, rate=form.cleaned_data["rate"])
        return Done(
            _home(request),
            f"{now.currency}: {rate_words(now.rate)} from {day(now.since)} on.",
            _converted(taken.converted),
        )

    context = {
        "title": f"{rate.currency} from {day(rate.since)}",
        "submit": "Save rate",
        "next": _home(request),
        "rate": rate,
        "orders": queries.orders_by(rate),
        "nav_key": NAV,
    }
    return form_page(request, form, "orders/rate_form.html", context, save=save)


@require_POST
@page_requires(Right.RATE_EDIT)
def remove(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a rate back."""
    rate = get_object_or_404(ExchangeRate, pk=pk)

    def work() -> Done:
        gone, moved = service.remove_rate(rate.pk)
        fields = {"currency": gone.currency, "since": gone.since.isoformat(), "rate": rate_words(gone.rate)}
        return Done(
            _home(request),
            f"The rate of {gone.currency} from {day(gone.since)} is gone.",
            _converted(moved),
            undo_url=tenant_url(request.tenant, "orders:rate-add"),
            undo_fields=fields,
        )

    return act(request, work, stay_url=_home(request))


@require_http_methods(["GET", "POST"])
@page_requires(Right.RATE_EDIT)
def bring(request: TenantRequest) -> HttpResponse:
    """Take a table of rates."""
    form = TableForm(request.POST or None, request.FILES or None)

    def save() -> Done:
        file = request.FILES.get("file")
        source = str(getattr(file, "name", "") or "pasted")
        taken = service.import_rates(form.cleaned_data["file"] or form.cleaned_data["table"], source=source)
        what = f"{plural(taken.created, 'rate')} new, {number(taken.corrected)} corrected, {number(taken.unchanged)} known."
        return Done(_home(request), what, _converted(taken.converted))

    context = {"title": "Import exchange rates", "submit": "Import", "next": _home(request), "nav_key": NAV}
    return form_page(request, form, "orders/rate_form.html", context, save=save)


@require_http_methods(["GET", "POST"])
@page_requires(Right.RATE_EDIT)
def age(request: TenantRequest) -> HttpResponse:
    """Say how old a rate may be."""
    form = AgeForm(request.POST or None, initial={"oldest_days": queries.oldest_days()})

    def save() -> Done:
        moved = service.set_oldest_days(form.cleaned_data["oldest_days"])
        return Done(_home(request), "Saved.", _converted(moved))

    context = {"title": "How old a rate may be", "submit": "Save", "next": _home(request), "nav_key": NAV}
    return form_page(request, form, "orders/rate_form.html", context, save=save)


@require_POST
@page_requires(Right.RATE_EDIT)
def again(request: TenantRequest) -> HttpResponse:
    """Try again to count what was too large to be added up."""

    def work() -> Done:
        moved = service.count_again()
        words = f"{plural(moved, *order_nouns())} counted." if moved else "They are still too large."
        return Done(_home(request), words, kind="good" if moved else "warn")

    return act(request, work, stay_url=_home(request))


def _converted(orders: int) -> str:
    return (
        f"{plural(orders, *order_nouns())} converted anew; months and scores follow."
        if orders
        else say_of_orders("No {order} is concerned.")
    )
