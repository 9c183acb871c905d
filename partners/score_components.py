"""The three score components that orders and estimates alone can tell: revenue, trend, share."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import numpy as np

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.reviews.models import TierReview
from partners.share.models import ShareEstimate
from partners.standing.arrays import Floats, Written, months_since, rounded
from partners.standing.models import PartnerMonth
from partners.standing.registry import (
    EVERYBODY,
    Component,
    Facts,
    Measure,
    Measures,
    ScoreSource,
    ScoringContext,
)
from partners.standing.rules import month_end
from prm.core.calendar import add_months
from prm.tenancy.context import order_nouns, said_of_orders
from prm.tenancy.models import Tenant
from prm.ui.formatting import money, percent, percent_range

_UNITS = 10_000  # ten-thousandths of the currency unit in one unit
_RECENT, _BEFORE = 3, 9


# --- revenue ------------------------------------------------------------------------------------


def revenue_fraction(revenue: Floats, high_from: float) -> Floats:
    """Nine tenths when the high band is reached, all at twice its start; straight lines between."""
    part = np.maximum(revenue, 0) / high_from
    return np.where(part < 1, 0.9 * part, np.minimum(1.0, 0.9 + 0.1 * (part - 1)))


def measure_revenue(ctx: ScoringContext) -> Measures:
    """Revenue of twelve months against the start of the high band."""
    revenue = ctx.revenue_12m / _UNITS
    everybody = np.ones(len(revenue), dtype=np.bool_)
    if not ctx.rules.is_confirmed:
        unknown = np.full(len(revenue), np.nan)
        return Measures(ctx.partner_ids, unknown, Written(len(revenue), (everybody, {"unconfirmed": True})))
    facts = {
        "revenue": revenue,
        "high_from": str(ctx.rules.high_from),
        "medium_from": str(ctx.rules.medium_from),
    }
    fractions = rounded(revenue_fraction(revenue, float(ctx.rules.high_from)), 4)
    count = len(revenue)
    return Measures(ctx.partner_ids, fractions, Written(count, (everybody, facts)))


def explain_revenue(facts: Facts, tenant: Tenant) -> str:
    """Say the revenue and how far the next band is."""
    if facts.get("unconfirmed"):
        return "Cannot tell yet: nobody has confirmed tier bands"
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


def trend_fraction(recent: Floats, before: Floats) -> Floats:
    """Compare orders a month: half when even, all when doubled, none when halved.

    Half an order a month is added to both sides, so that one order more or less moves a partner
    with few orders little.
    """
    ratio = (recent + 0.5) / (before + 0.5)
    return np.clip(0.5 + 0.5 * np.log2(ratio), 0, 1)


def measure_trend(ctx: ScoringContext) -> Measures:
    """Orders a month in the last three whole months against up to nine months before them."""
    running = month_end(ctx.as_of) != ctx.as_of
    last = len(ctx.months) - (2 if running else 1)
    split = last - _RECENT + 1
    start = max(0, split - _BEFORE)
    since = ctx.months[split]
    spans = np.clip(months_since(ctx.first_order_on, since), 0, split - start)
    told = spans >= _RECENT
    recent = ctx.orders[told, split : last + 1].sum(axis=1) / _RECENT
    before = ctx.orders[told, start:split].sum(axis=1) / spans[told]
    fractions = np.full(len(told), np.nan)
    fractions[told] = rounded(trend_fraction(recent, before), 4)
    averages = {"recent": rounded(recent, 1), "before": rounded(before, 1), "since": since.isoformat()}
    first = {"first_on": ctx.first_order_on[~told]}
    return Measures(ctx.partner_ids, fractions, Written(len(told), (told, averages), (~told, first)))


def explain_trend(facts: Facts, tenant: Tenant) -> str:
    """Say the two averages, or why they cannot be compared yet."""
    if "recent" not in facts:
        first = facts.get("first_on")
        if not first:
            return f"Cannot tell yet: no {order_nouns()[1]}"
        return f"Cannot tell yet: first {order_nouns()[0]} in {date.fromisoformat(first):%B %Y}"
    since = date.fromisoformat(facts["since"])
    recent, before = _rate(facts["recent"]), _rate(facts["before"])
    if facts["recent"] == 0 and facts["before"] == 0:
        return f"No {order_nouns()[1]} since {add_months(since, -_BEFORE):%B %Y}"
    return f"{recent} {order_nouns()[1]} a month since {since:%B}, {before} before"


def _rate(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


# --- market share -------------------------------------------------------------------------------


def measure_share(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Our part of the partner's estimated orders; partners without estimates cannot be told."""
    shares = ctx.shares
    if shares is None:
        return {}
    wide = shares.known & ~shares.doubtful & np.isnan(shares.share)
    told = shares.known & ~shares.doubtful & ~wide
    part = np.where(told, shares.share, np.nan)
    facts = (
        (
            told,
            {
                "share": part[told],
                "low": shares.share_low[told],
                "high": shares.share_high[told],
            },
        ),
        (shares.known & shares.doubtful, {"doubtful": True}),
        (wide, {"too_wide": True}),
    )
    return Measures(ctx.partner_ids, part, Written(len(part), *facts))


def explain_share(facts: Facts, tenant: Tenant) -> str:
    """Say the share, or why it cannot be told."""
    if facts.get("doubtful"):
        return "Cannot tell: the estimates are below what already comes to us"
    if facts.get("too_wide"):
        return "Cannot tell: the estimates lie too far apart"
    if "share" not in facts:
        return f"Cannot tell yet: no estimate of total {order_nouns()[1]}"
    said = f"{percent(facts['share'])} of their estimated {order_nouns()[1]} come to us"
    # Facts of months that ended before ranges were kept have none.
    return f"{said} ({percent_range(facts['low'], facts['high'])})" if "low" in facts else said


COMPONENTS = [
    Component("revenue", "Revenue", 30, 10, measure_revenue, explain_revenue),
    Component("trend", said_of_orders("{Orders} trend"), 10, 20, measure_trend, explain_trend),
    Component("share", "Market share", 15, 40, measure_share, explain_share),
]

# What level, tier and share are computed from as well as the components above.
SOURCES = [
    ScoreSource(Partner, ("tier", "tier_since"), partners="SELECT r.id"),
    ScoreSource(PartnerMonth, ("month", "orders", "revenue", "first_on", "last_on")),
    ScoreSource(ShareEstimate, ("source", "low", "middle", "high", "as_of", "created_at")),
    ScoreSource(TierReview, ("decided_tier", "tier_since", "effective_on", "signed_at")),
    ScoreSource(
        StandingPolicy,
        (
            "state", "high_from", "medium_from", "trailing_months", "hysteresis_pct", "minimum_stay_months",
            "repeat_k", "repeat_n", "lapse_months", "weights", "is_confirmed", "usual_visits",
        ),
        partners=EVERYBODY,
    ),
]  # fmt: skip
