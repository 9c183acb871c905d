"""The overview, and who moved in it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from activities.overview import queries
from activities.overview.queries import LEVELS, TIERS, TRENDS_SHOWN, Matrix
from activities.overview.report import Report, report
from activities.overview.rules import PERIODS, compared
from activities.overview.words import why
from partners.alarms.words import false_words, rare_words
from partners.directory.models import Partner
from partners.reviews.board import last_reviews
from partners.states import Level, Tier
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.calendar import today
from prm.core.urls import tenant_url
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.export import answers as export
from prm.ui.formatting import money
from prm.ui.lists import page_of
from prm.ui.navigation import items_for

NAV = "overview"
_CELLS = ("level", "tier", "was_level", "was_tier")


@require_GET
@page_requires(Right.TIER_DECIDE)
def overview(request: TenantRequest) -> HttpResponse:
    """Show how we stand, what moved, what waits."""
    found = report(request.GET.get("period", ""))
    context = {
        "report": found,
        "rows": _rows(found.matrix),
        "sums": [
            *((tier, _sum(found.matrix, [tier])) for tier in TIERS),
            ("", _sum(found.matrix, [*TIERS, ""])),
        ],
        "tiers": TIERS,
        "waits": _waits(request),
        "chart": _chart(found, request.tenant),
        "labels": [
            (label, found.revenue.get(tier))
            for label, tier in (("All", "all"), *((t.label, t.value) for t in TIERS))
        ],
        "slipping": found.trends.slipping[:TRENDS_SHOWN],
        "rising": found.trends.rising[:TRENDS_SHOWN],
        "false_words": false_words(found.trends.seen.watched),
        "rare_words": rare_words(found.trends.seen.rare, request.tenant),
        "periods": PERIODS.items(),
        "period_label": PERIODS[found.days.key],
        "kept": f"period={found.days.key}",
        "nav_key": NAV,
    }
    return render(request, "activities/overview.html", context)


def _rows(matrix: Matrix) -> list[tuple[Level, list[tuple[str, queries.Cell]], queries.Cell]]:
    """Return each level with its cells by tier and its sum."""
    return [
        (level, [(tier.value, matrix.cells.get((level, tier), queries.Cell())) for tier in TIERS],
         matrix.sum_of([level], [*TIERS, ""]))
        for level in LEVELS
    ]  # fmt: skip


def _sum(matrix: Matrix, tiers: Sequence[str]) -> queries.Cell:
    return matrix.sum_of([level for level in LEVELS if level != Level.PROSPECT], tiers)


def _waits(request: TenantRequest) -> list[dict[str, object]]:
    """Return what waits for a decision or a person, by the counters of the menu (one query each)."""
    found = []
    for item in items_for(request.rights):
        count = item.counter(request.membership.pk) if item.counter else None
        if count:
            label = item.label if isinstance(item.label, str) else item.label()
            url = tenant_url(request.tenant, item.url_name)
            found.append(
                {"label": label, "icon": item.icon, "url": url, "count": count, "decision": item.decision}
            )
    return sorted(found, key=lambda one: not one["decision"])


def _chart(found: Report, tenant: Tenant) -> charts.BarChart:
    months, sums = queries.months_by_tier(found.on)
    kinds = ((Tier.HIGH, "us"), (Tier.MEDIUM, "weak"), (Tier.LOW, "mute"))
    series = [charts.Series(tier.label, sums[tier], kind=kind) for tier, kind in kinds]
    if any(sums[""]):
        series.append(charts.Series("No tier", sums[""], kind="grey"))
    return charts.month_bars(
        title="Revenue by tier", months=months, series=series, incomplete_last=True, currency=tenant
    )


@require_GET
@page_requires(Right.TIER_DECIDE)
def moved(request: TenantRequest) -> HttpResponseBase:
    """List who moved since the period began, from where to where, and why."""
    days = compared(request.GET.get("period", ""), today(request.tenant))
    rows = _asked(queries.moved(days.month_before), request)
    heads: export.Columns[Partner] = {
        request.tenant.partner_noun.capitalize(): lambda row: row.name,
        "From": lambda row: _place(vars(row)["was_level"], vars(row)["was_tier"]),
        "To": lambda row: _place(row.standing.level, row.tier),
        "Revenue, 12 months": lambda row: money(row.standing.revenue_12m, request.tenant),
        "Rep": lambda row: str(row.rep.user) if row.rep else "",
    }
    if file := export.file_asked(request, "who moved", heads, rows):
        return file
    page = page_of(rows, request.GET.get("page"), 50)
    reviews = last_reviews([row.pk for row in page.object_list], since=days.now.first)
    shown = [
        {
            "partner": row,
            "was": _place(row.was_level, row.was_tier),
            "now": _place(row.standing.level, row.tier),
            "why": why(row.was_level, row.was_tier, row.standing.level, row.tier, reviews.get(row.pk, "")),
        }
        for row in page.object_list
    ]
    context = {
        "page": page,
        "rows": shown,
        "days": days,
        "exports": export.links(request),
        "nouns": (request.tenant.partner_noun, request.tenant.partner_noun_plural),
        "is_filtered": any(request.GET.get(name) for name in _CELLS),
        "nav_key": NAV,
    }
    return render(request, "activities/moved.html", context)


def _asked(rows: "QuerySet[Any]", request: TenantRequest) -> "QuerySet[Any]":
    """Keep who came to, or left, the cell that the address names."""
    names = {"level": "standing__level", "tier": "tier", "was_level": "was_level", "was_tier": "was_tier"}
    found: dict[str, str] = {
        column: "" if request.GET[name] == "none" else request.GET[name]
        for name, column in names.items()
        if request.GET.get(name)
    }
    return rows.filter(**found)


def _place(level: str, tier: str) -> str:
    words = Level(level).label if level in Level.values else "–"
    return f"{words}, {Tier(tier).label.lower()}" if tier in Tier.values else words
