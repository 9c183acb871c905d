"""The page of the board: every figure opens the rows it was counted from."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from activities.market.board import rules
from activities.market.board.queries import BY
from activities.market.board.report import Board, Group, board
from activities.market.board.rules import PERIODS, QUARTERS, Span
from activities.market.names.models import Competitor
from activities.market.names.queries import Alike, look_alikes
from activities.market.news.models import MarketNews
from activities.market.news.queries import SHOWN_DAYS, news_for, news_since
from orders.catalogue.models import Product
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core import clock
from prm.core.urls import tenant_url
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.formatting import percent, percent_range, plural

NAV = "competition"
SHOWN: Final = 5
"""Groups and reasons that are drawn side by side."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group as it is drawn, with the addresses of its rows."""

    group: Group
    interval: charts.Interval
    over_time: SafeString
    url: str
    won_url: str
    lost_url: str


@require_GET
@page_requires(Right.ACTIVITY_VIEW)
def competition(request: TenantRequest) -> HttpResponse:
    """Show whom we lose to, where, since when and because of what."""
    product = _product(request.GET.get("product", ""))
    by = request.GET.get("by", "product")
    found = board(
        request.GET.get("period", ""),
        by=by if by in BY else "product",
        product=product.pk if product else None,
    )
    draw = _Drawing(request.tenant, found, product)
    context = {
        "found": found,
        "total_words": _total(found),
        "rows": [draw.row(one, "competitor") for one in found.competitors],
        "groups": [draw.row(one, found.by, large=True) for one in found.groups[:SHOWN]],
        "reasons": [draw.row(one, "differentiator", large=True) for one in found.reasons[:SHOWN]],
        "axis": draw.axis,
        "quarters": rules.quarter_words(found.span.quarters),
        "periods": PERIODS.items(),
        "period_label": PERIODS[found.span.key],
        "tabs": _tabs(request.tenant),
        "product": product,
        "products": Product.objects.own().filter(insights__isnull=False).distinct().order_by("name")[:20],
        "alike": _alike(request),
        "news": _news(request),
        "kept": urlencode({"period": found.span.key} | ({"product": product.pk} if product else {})),
        "nav_key": NAV,
    }
    return render(request, "activities/competition.html", context)


def _product(text: str) -> Product | None:
    try:
        return Product.objects.filter(pk=UUID(text)).first() if text else None
    except ValueError:
        return None


def _tabs(tenant: Tenant) -> list[tuple[str, str]]:
    words = {
        "product": "Product",
        "region": "Region",
        "rep": "Rep",
        "partner": tenant.partner_noun.capitalize(),
    }
    return [(key, words[key]) for key in BY]


def _total(found: Board) -> str:
    decided = found.total.decided
    if not decided:
        return "No case is decided in this time."
    cases = plural(decided, "decided case", "decided cases")
    if decided < rules.FEWEST:
        return f"We won {found.total.won} of {cases}: too few to tell."
    told = percent_range(found.total.low, found.total.high)
    return f"We win {percent(found.mean)} of {cases} ({told})."


def _alike(request: TenantRequest) -> list[Alike]:
    return look_alikes(Competitor, most=3) if Right.ACTIVITY_MANAGE in request.rights else []


def _news(request: TenantRequest) -> list[MarketNews]:
    """Return the news of two weeks: all of them to managers, a rep's own to a rep; at most four."""
    since = clock.now() - timedelta(days=SHOWN_DAYS)
    found = (
        news_since(since)
        if Right.ACTIVITY_MANAGE in request.rights
        else news_for(request.membership.pk, since)
    )
    return found[:4]


class _Drawing:
    """Draws groups on one axis, with the addresses of the insights behind each figure."""

    def __init__(self, tenant: Tenant, found: Board, product: Product | None) -> None:
        self.axis = charts.share_axis()
        self.span: Span = found.span
        self.list_url = tenant_url(tenant, "activities:insights")
        self.product = product

    def row(self, one: Group, name: str, *, large: bool = False) -> Row:
        """Return a group as it is drawn."""
        interval = charts.interval(
            self.axis, estimate=one.share, low=one.ratio.low, high=one.ratio.high, state=one.verdict.state
        )
        return Row(
            group=one,
            interval=interval,
            over_time=self._over_time(one, large=large),
            url=self._url(name, one),
            won_url=self._url(name, one, outcome="won"),
            lost_url=self._url(name, one, outcome="lost"),
        )

    def _url(self, name: str, one: Group, **more: str) -> str:
        days = {"before": self.span.last.isoformat()}
        if self.span.first:
            days["after"] = self.span.first.isoformat()
        product = {"product": str(self.product.pk)} if self.product else {}
        return f"{self.list_url}?{urlencode(days | product | {name: str(one.key)} | (more or {'decided': 'true'}))}"

    def _over_time(self, one: Group, *, large: bool) -> SafeString:
        periods = [
            charts.Period(
                quarter.ratio.won / quarter.ratio.decided if quarter.ratio.decided else None,
                quarter.ratio.low,
                quarter.ratio.high,
                not quarter.is_told,
            )
            for quarter in one.quarters
        ]
        told = "; ".join(
            f"{quarter.ratio.won} of {quarter.ratio.decided}" if quarter.ratio.decided else "none"
            for quarter in one.quarters
        )
        size = {"width": 204, "height": 56} if large else {"width": 136, "height": 24}
        words = f"{one.name}: won in the last {QUARTERS} quarters, oldest first: {told}"
        return charts.quarters(periods, state=one.verdict.state, words=words, **size)
