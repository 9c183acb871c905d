"""The three score components that orders and estimates alone can tell: revenue, trend, share."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np

from partners.scoring import Component, Facts, Measure, ScoringContext
from partners.standing import month_end
from prm.tenancy.calendar import add_months, months_between
from prm.ui.formatting import money, percent

_UNITS = 10_000  # ten-thousandths of the currency unit in one unit
_RECENT, _BEFORE = 3, 9


# --- revenue ------------------------------------------------------------------------------------


def revenue_fraction(revenue: float, high_from: float) -> float:
    """Nine tenths when the high band is reached, all at twice its start; straight lines between."""
    if revenue <= 0:
        return 0.0
    part = revenue / high_from
    return 0.9 * part if part < 1 else min(1.0, 0.9 + 0.1 * (part - 1))


def measure_revenue(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Revenue of twelve months against the start of the high band."""
    high = float(ctx.rules.high_from)
    found: dict[UUID, Measure] = {}
    bands = {"high_from": str(ctx.rules.high_from), "medium_from": str(ctx.rules.medium_from)}
    for partner_id, amount in zip(ctx.partner_ids, ctx.revenue_12m.tolist(), strict=True):
        fraction = round(revenue_fraction(amount / _UNITS, high), 4)
        found[partner_id] = Measure(fraction, {"revenue": amount / _UNITS, **bands})
    return found


def explain_revenue(facts: Facts, tenant: Any) -> str:
    """Say the revenue and how far the next band is."""
    revenue = Decimal(str(facts["revenue"]))
    high, medium = Decimal(facts["high_from"]), Decimal(facts["medium_from"])
    if revenue == 0:
        return "No revenue in 12 months"
    said = f"{money(revenue, tenant)} in 12 months"
    if revenue >= high:
        return f"{said}, {money(revenue - high, tenant)} above the start of high"
    if revenue >= medium:
        return f"{said}, {money(high - revenue, tenant)} below high"
    return f"{said}, {money(medium - revenue, tenant)} below medium"


# --- orders trend -------------------------------------------------------------------------------


def trend_fraction(recent: float, before: float) -> float:
    """Compare orders a month: half when even, all when doubled, none when halved.

    Half an order a month is added to both sides, so that one order more or less moves a partner
    with few orders little.
    """
    ratio = (recent + 0.5) / (before + 0.5)
    return float(min(1.0, max(0.0, 0.5 + 0.5 * np.log2(ratio))))


def measure_trend(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Orders a month in the last three whole months against up to nine months before them."""
    running = month_end(ctx.as_of) != ctx.as_of
    last = len(ctx.months) - (2 if running else 1)
    split = last - _RECENT + 1
    start = max(0, split - _BEFORE)
    recent = ctx.orders[:, split : last + 1].sum(axis=1) / _RECENT
    since = ctx.months[split]
    sums = ctx.orders[:, start:split].cumsum(axis=1)
    found: dict[UUID, Measure] = {}
    for row, partner_id in enumerate(ctx.partner_ids):
        span = _months_before(ctx.first_order_on[row], since, split - start)
        if span < _RECENT:
            found[partner_id] = Measure(None, _first_order(ctx.first_order_on[row]))
            continue
        before = float(sums[row, -1]) / span
        now = float(recent[row])
        facts = {"recent": round(now, 1), "before": round(before, 1), "since": since.isoformat()}
        found[partner_id] = Measure(round(trend_fraction(now, before), 4), facts)
    return found


def _months_before(first_on: date | None, since: date, most: int) -> int:
    """Whole months between the first order's month and `since`, capped; 0 when there is no order."""
    if first_on is None:
        return 0
    return min(most, months_between(first_on, since))


def _first_order(first_on: date | None) -> Facts:
    return {"first_on": first_on.isoformat() if first_on else None}


def explain_trend(facts: Facts, tenant: Any) -> str:
    """Say the two averages, or why they cannot be compared yet."""
    if "recent" not in facts:
        first = facts.get("first_on")
        if not first:
            return "Cannot tell yet: no orders"
        return f"Cannot tell yet: first order in {date.fromisoformat(first):%B %Y}"
    since = date.fromisoformat(facts["since"])
    recent, before = _rate(facts["recent"]), _rate(facts["before"])
    if facts["recent"] == 0 and facts["before"] == 0:
        return f"No orders since {add_months(since, -_BEFORE):%B %Y}"
    return f"{recent} orders a month since {since:%B}, {before} before"


def _rate(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


# --- market share -------------------------------------------------------------------------------


def measure_share(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Our part of the partner's estimated orders; partners without estimates cannot be told."""
    found: dict[UUID, Measure] = {}
    for partner_id in ctx.partner_ids:
        share = ctx.shares.get(partner_id)
        if share is None:
            found[partner_id] = Measure(None, {})
        elif share.doubtful:
            found[partner_id] = Measure(None, {"doubtful": True})
        else:
            found[partner_id] = Measure(round(share.share, 4), {"share": round(share.share, 4)})
    return found


def explain_share(facts: Facts, tenant: Any) -> str:
    """Say the share, or why it cannot be told."""
    if facts.get("doubtful"):
        return "Cannot tell: the estimates are below what already comes to us"
    if "share" not in facts:
        return "Cannot tell yet: no estimate of total orders"
    return f"{percent(facts['share'])} of their estimated orders come to us"


COMPONENTS = [
    Component("revenue", "Revenue", 30, 10, measure_revenue, explain_revenue),
    Component("trend", "Orders trend", 10, 20, measure_trend, explain_trend),
    Component("share", "Market share", 15, 40, measure_share, explain_share),
]
