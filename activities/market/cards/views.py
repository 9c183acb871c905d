"""The battle card on a page, also without signal: `worker.js` keeps the cards, `static/activities/cards.js` asks it to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from activities.market.board.report import Group
from activities.market.cards.forms import LineForm
from activities.market.cards.queries import Card, Met, card, most_met
from activities.market.cards.service import write_line
from activities.market.competition.rules import WinRatio
from activities.market.names.models import Competitor
from activities.market.names.queries import root_of
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.ui import charts
from prm.ui.export import answers as export
from prm.ui.form_page import Done, form_page

NAV = "competition"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as it is drawn."""

    group: Group
    interval: charts.Interval


COLUMNS: export.Columns[Met] = {
    "Competitor": lambda one: one.competitor.name,
    "Insights": lambda one: one.times,
    "Last heard of": lambda one: one.last,
}
WORKER: Final = Path(__file__).with_name("worker.js")


@page_requires(Right.ACTIVITY_VIEW)
@require_GET
def battle_cards(request: TenantRequest) -> HttpResponseBase:
    """List the cards of those whom we meet most: with the phone's worker they open without signal."""
    found = most_met()
    if file := export.file_asked(request, "battle cards", COLUMNS, found):
        return file
    rows = [(one, tenant_url(request.tenant, "activities:card", pk=one.competitor.pk)) for one in found]
    context = {"rows": rows, "read_at": now(), "nav_key": NAV}
    return render(request, "activities/cards.html", context)


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def worker(request: TenantRequest) -> HttpResponse:
    """Give the script that keeps battle cards on a phone; it reaches as far as its own folder."""
    del request
    return HttpResponse(WORKER.read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")


@page_requires(Right.ACTIVITY_VIEW)
@require_GET
def battle_card(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show what to say against a competitor."""
    competitor = get_object_or_404(Competitor, pk=pk)
    main = root_of(competitor)
    if main.pk != competitor.pk:
        return HttpResponseRedirect(tenant_url(request.tenant, "activities:card", pk=main.pk))
    return render(request, "activities/card.html", _context(request, card(main)))


def _context(request: TenantRequest, found: Card) -> dict[str, object]:
    axis = charts.share_axis()
    return {
        "card": found,
        "interval": _drawn(axis, found.ratio, found.verdict.state) if found.ratio.decided else None,
        "axis": axis,
        "even": _even(found),
        "reasons": [Reason(one, _drawn(axis, one.ratio, one.verdict.state)) for one in found.reasons],
        "marks": (marks := _marks(found)),
        "marks_words": ", ".join(outcome for _, outcome in marks),
        "may_write": Right.ACTIVITY_MANAGE in request.rights,
        "read_at": now(),
        "nav_key": NAV,
    }


def _marks(found: Card) -> list[tuple[int, str]]:
    """Return the last cases as marks in a row, newest last: where each stands in points, and its outcome."""
    return [(10 + 20 * place, one.outcome) for place, one in enumerate(reversed(found.cases))]


def _drawn(axis: charts.Axis, ratio: WinRatio, state: str) -> charts.Interval:
    return charts.interval(
        axis, estimate=ratio.won / ratio.decided, low=ratio.low, high=ratio.high, state=state
    )


def _even(found: Card) -> str:
    """Say what the range means, in words."""
    if not found.is_told:
        return f"{found.verdict.words}."
    if found.verdict.state == "none":
        return "Even lies inside the range: no clear lead for anybody yet."
    return f"{found.verdict.words}."


@page_requires(Right.ACTIVITY_MANAGE)
@require_http_methods(["GET", "POST"])
def card_line(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Write the line at the head of a card; below it stand the versions before."""
    competitor = root_of(get_object_or_404(Competitor, pk=pk))
    found = card(competitor)
    start = {"line": found.line.text if found.line else "", "seen": found.version}
    form = LineForm(request.POST or None, initial=start)
    here = tenant_url(request.tenant, "activities:card", pk=competitor.pk)

    def save() -> Done:
        data = form.cleaned_data
        row = write_line(competitor=competitor, line=data["line"], by=request.membership, seen=data["seen"])
        return Done(here, f"Version {row.version} is in force.", competitor.name)

    context = {"card": found, "action": request.get_full_path(), "nav_key": NAV}
    return form_page(request, form, "activities/card_line.html", context, save=save)
