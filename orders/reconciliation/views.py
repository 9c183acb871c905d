"""The pages of reconciliation: a month of days, the orders that differ, control totals."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.reconciliation import queries, service
from orders.reconciliation.forms import SignForm, TotalsForm
from orders.reconciliation.models import ControlTotal, ReconciledDay
from orders.reconciliation.reading import read_totals
from orders.reconciliation.spans import connection_state
from orders.reconciliation.states import Cause, Origin, Side
from orders.reconciliation.telling import board, tables
from orders.reconciliation.telling.presentation import exactly
from orders.sources.models import OrderSource
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.calendar import today
from prm.core.urls import tenant_url
from prm.ui.export import answers as export
from prm.ui.form_page import Done, act, form_page
from prm.ui.formatting import day as day_words
from prm.ui.formatting import plural
from prm.ui.lists import page_of

NAV = "reconciliation"
PER_PAGE = 50


@require_GET
@page_requires(Right.RECONCILE)
def month(request: TenantRequest) -> HttpResponseBase:
    """Show a month of a source: its days, what differs and why, and above it the whole tenant's money."""
    sources = queries.sources()
    if not sources:
        context = {"has_orders": OrderSource.objects.filter(orders__isnull=False).exists(), "nav_key": NAV}
        return render(request, "orders/reconciliation_empty.html", context)
    asked = request.GET.get("source", "")
    source = next((one for one in sources if str(one.id) == asked), None)
    source = source or max(sources, key=lambda one: (one.open > 0, -sources.index(one)))
    chosen = board.month_asked(request.GET.get("month", ""), today(request.tenant))
    days: QuerySet[ReconciledDay] = ReconciledDay.objects.newest_first().filter(
        source=source.id, day__gte=chosen, day__lte=board.last_day(chosen)
    )
    if file := export.file_asked(request, f"reconciliation {source.name} {chosen:%Y-%m}", tables.DAYS, days):
        return file
    shown = board.board_of(
        request.tenant, source, chosen, opened=_uuid(request.GET.get("open", "")), until=today(request.tenant)
    )
    every: QuerySet[ReconciledDay] = ReconciledDay.objects.all()
    context = {
        "board": shown,
        "sources": sources,
        "connection": connection_state(),
        "money": [(total, *board.money_line(total, request.tenant)) for total in queries.totals(every)],
        "undated": [(count, exactly(amount, code)) for code, count, amount in queries.undated()],
        "taken_at": queries.taken_at(),
        "open_days": sum(one.open for one in sources),
        "exports": export.links(request),
        "nav_key": NAV,
    }
    return render(request, "orders/reconciliation.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _home(request: TenantRequest, row: ReconciledDay | None = None) -> str:
    home = tenant_url(request.tenant, "orders:reconciliation")
    if row is None:
        return home
    return f"{home}?source={row.source_id}&month={row.day:%Y-%m}&open={row.pk}"


@require_POST
@page_requires(Right.RECONCILE)
def check(request: TenantRequest) -> HttpResponse:
    """Count a month anew, and have Salesforce itself counted."""
    first = board.month_asked(request.POST.get("month", ""), today(request.tenant))
    last = board.last_day(first)
    home = f"{_home(request)}?source={request.POST.get('source', '')}&month={first:%Y-%m}"

    def work() -> Done:
        service.refresh(first, last)
        asked = service.count_there(first, last)
        detail = "Salesforce is being counted; its figures follow." if asked else ""
        return Done(home, f"{first:%B %Y} counted again.", detail)

    return act(request, work, stay_url=home)


@require_http_methods(["GET", "POST"])
@page_requires(Right.RECONCILE)
def sign(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say why a day differs."""
    row = get_object_or_404(ReconciledDay.objects.select_related("source"), pk=pk)
    form = SignForm(request.POST or None)

    def save() -> Done:
        service.sign(pk, note=form.cleaned_data["note"])
        undo = tenant_url(request.tenant, "orders:reconciliation-undo", pk=pk)
        return Done(_home(request, row), f"{day_words(row.day)} is explained.", "", undo_url=undo)

    context = {
        "title": f"{row.source.name}, {day_words(row.day)}",
        "parts": [
            (
                part,
                exactly(
                    part.amount, row.currency if part.cause.side is Side.SOURCE else request.tenant.currency
                ),
            )
            for part in queries.parts_of(row)
        ],
        "next": _home(request, row),
        "nav_key": NAV,
    }
    return form_page(request, form, "orders/reconciliation_sign.html", context, save=save)


@require_POST
@page_requires(Right.RECONCILE)
def reopen(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a sign-off back."""
    row = get_object_or_404(ReconciledDay, pk=pk)

    def work() -> Done:
        service.reopen(pk)
        undo = tenant_url(request.tenant, "orders:reconciliation-undo", pk=pk)
        return Done(_home(request, row), f"{day_words(row.day)} is open again.", "", undo_url=undo)

    return act(request, work, stay_url=_home(request, row))


@require_POST
@page_requires(Right.RECONCILE)
def undo(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Forget what was said of a day."""
    row = get_object_or_404(ReconciledDay, pk=pk)

    def work() -> Done:
        service.undo_decision(pk)
        return Done(_home(request, row), f"{day_words(row.day)} stands as its figures say.")

    return act(request, work, stay_url=_home(request, row))


@require_GET
@page_requires(Right.RECONCILE)
def rows(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """List the orders and rejected rows that differ on a day, of one cause or of all."""
    row = get_object_or_404(ReconciledDay.objects.select_related("source"), pk=pk)
    asked = request.GET.get("cause", "")
    cause = Cause(asked) if asked in Cause.values else None
    found = queries.differing(row, cause)
    name = f"differences {row.source.name} {row.day:%Y-%m-%d}"
    if file := export.file_asked(request, name, tables.ROWS, found):
        return file
    page = page_of(found, request.GET.get("page"), PER_PAGE)
    own = request.tenant.currency
    context = {
        "day": row,
        "cause": cause,
        "page": page,
        "rows": [
            {
                "row": one,
                "difference": exactly(one.difference, row.currency if one.cause.side is Side.SOURCE else own),
                "here": exactly(one.here, own),
                "there": exactly(one.there, own),
            }
            for one in page.object_list
        ],
        "next": _home(request, row),
        "exports": export.links(request),
        "nouns": ("order", "orders"),
        "nav_key": NAV,
    }
    return render(request, "orders/reconciliation_rows.html", context)


@require_http_methods(["GET", "POST"])
@page_requires(Right.TOTAL_WRITE)
def totals(request: TenantRequest) -> HttpResponseBase:
    """List control totals, and take a table of them."""
    listed: QuerySet[ControlTotal] = ControlTotal.objects.select_related("source").order_by("-day", "-id")
    if file := export.file_asked(request, "control totals", tables.TOTALS, listed):
        return file
    form = TotalsForm(request.POST or None)

    def save() -> Done:
        said = read_totals(form.cleaned_data["table"])
        changed, known = service.declare(form.cleaned_data["source"], said, origin=Origin.HAND)
        return Done(
            tenant_url(request.tenant, "orders:control-totals"),
            f"{plural(changed, 'control total')} taken.",
            f"{known} were known." if known else "The days are counted anew.",
        )

    def context() -> dict[str, object]:
        page = page_of(listed, request.GET.get("page"), PER_PAGE)
        return {
            "page": page,
            "rows": [{"total": one, "amount": exactly(one.amount, one.currency)} for one in page.object_list],
            "exports": export.links(request),
            "nouns": ("control total", "control totals"),
            "next": _home(request),
            "nav_key": NAV,
        }

    return form_page(request, form, "orders/control_totals.html", context, save=save)


@require_POST
@page_requires(Right.TOTAL_WRITE)
def withdraw(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take a control total back."""
    total = get_object_or_404(ControlTotal, pk=pk)
    home = tenant_url(request.tenant, "orders:control-totals")

    def work() -> Done:
        service.withdraw(pk)
        return Done(
            home,
            f"The control total of {day_words(total.day)} is gone.",
            "The day is reckoned as it was sent.",
        )

    return act(request, work, stay_url=home)
