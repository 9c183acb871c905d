"""Turns standings into what the pages show: figures, reasons, charts. Reads, never writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from partners.directory import page_parts
from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.reviews.models import TierReview
from partners.standing import registry
from partners.standing.models import PartnerMonth, Standing, StandingMonth
from partners.standing.rules import exit_below, whole
from prm.core.calendar import add_months, month_start
from prm.tenancy.models import Tenant
from prm.ui import charts, components
from prm.ui.formatting import day, money, month, number, percent, percent_range
from prm.ui.parts import Figure

CHART_MONTHS = 24


# --- months -------------------------------------------------------------------------------------


def orders_by_month(partner_ids: Sequence[UUID], last: date, months: int) -> dict[UUID, list[int]]:
    """Count orders per month, oldest first, for some partners (1 query)."""
    first = add_months(last, 1 - months)
    places = {add_months(first, step): step for step in range(months)}
    table = {pk: [0] * months for pk in partner_ids}
    rows = PartnerMonth.objects.filter(partner_id__in=partner_ids, month__gte=first, month__lte=last)
    for pk, at, orders in rows.values_list("partner_id", "month", "orders"):
        table[pk][places[at]] = orders
    return table


def revenue_by_month(partner_ids: Sequence[UUID], last: date, months: int) -> dict[UUID, list[Decimal]]:
    """Sum revenue per month, oldest first, for some partners (1 query)."""
    first = add_months(last, 1 - months)
    places = {add_months(first, step): step for step in range(months)}
    table = {pk: [Decimal(0)] * months for pk in partner_ids}
    rows = PartnerMonth.objects.filter(partner_id__in=partner_ids, month__gte=first, month__lte=last)
    for pk, at, revenue in rows.values_list("partner_id", "month", "revenue"):
        table[pk][places[at]] = revenue
    return table


def orders_chart(
    partner: Partner, reviews: Sequence[TierReview], on: date, *, months: int = CHART_MONTHS
) -> charts.BarChart:
    """Draw orders per month up to the running month, which is hatched; with visits, news and tier changes."""
    last = month_start(on)
    first = add_months(last, 1 - months)
    values = orders_by_month([partner.pk], last, months)[partner.pk]
    marks = page_parts.marks(partner, first, on)
    moves = _tier_moves(reviews, first)
    return charts.month_bars(
        title="Orders per month",
        months=[add_months(first, step) for step in range(months)],
        series=[charts.Series("Orders", values)],
        incomplete_last=True,
        dots=marks.dots,
        dots_label="Visits" if marks.dots else "",
        events=sorted([*marks.events, *moves], key=lambda event: event.when),
        marks_key=[*marks.key, *([("move", "Tier change")] if moves else [])],
        unit="orders",
    )


def _tier_moves(reviews: Sequence[TierReview], first: date) -> list[charts.Event]:
    """Every change of the tier in force since a day; the first tier is a start, not a change."""
    return [
        charts.Event(review.effective_on, f"Tier {review.get_decided_tier_display().lower()}", kind="move")
        for review in reviews
        if review.effective_on >= first and review.from_tier not in ("", review.decided_tier)
    ]


# --- score --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Why:
    """The answer to "why 67, and why not 61 as last month"."""

    title: str
    subtitle: str
    fall: charts.Waterfall


def explain(part: Mapping[str, Any], tenant: Tenant) -> str:
    """Say one component's facts as a sentence; facts of a version that is gone say so."""
    component = registry.component(part["key"])
    if component is None:
        return "No longer part of the score"
    try:
        return component.explain(part["facts"], tenant)
    except (KeyError, TypeError, ValueError):
        # Stored by an older version whose facts this sentence does not know; tonight's run renews it.
        return "Explained after the next nightly run"


def why(standing: Standing, before: StandingMonth | None, on: date, tenant: Tenant) -> Why | None:
    """Explain a score by its components, each against the end of last month; None without a score."""
    if standing.score is None:
        return None
    then = {part["key"]: part for part in before.components} if before else {}
    parts = [
        charts.Component(
            name=_label(part["key"]),
            points=part["points"],
            most=part["weight"] or 0,
            change=_change(part, then.get(part["key"]), known=before is not None),
            reason=explain(part, tenant),
        )
        for part in standing.components
    ]
    previous = add_months(on, -1)
    fall = charts.waterfall(
        parts,
        previous_month=month(previous, year=False) if before else "",
        score=standing.score,
        before=before.score if before else None,
    )
    return Why(f"Why {whole(standing.score)}", _against(standing.score, before, previous), fall)


def _label(key: str) -> str:
    component = registry.component(key)
    return component.label if component else key.replace("_", " ").capitalize()


def _change(part: Mapping[str, Any], then: Mapping[str, Any] | None, *, known: bool) -> float | None:
    if not known or part["points"] is None:
        return None
    earlier = then["points"] if then and then["points"] is not None else 0
    return round(float(part["points"]) - float(earlier), 1)


def _against(score: Decimal, before: StandingMonth | None, previous: date) -> str:
    if before is None or before.score is None:
        return ""
    then = whole(before.score)
    if then == whole(score):
        return f"as in {previous:%B}"
    return f"and not {then} as in {previous:%B}"


def figures(partner: Partner, standing: Standing | None, on: date, tenant: Tenant) -> list[Figure]:
    """List the key figures of the strip under a partner's name, with those of other apps."""
    if standing is None:
        return [Figure("Standing", "Being computed")]
    share = "" if standing.share_doubtful else percent_range(standing.share_low, standing.share_high)
    return [
        Figure("Score", html=components.score(_whole(standing.score), standing.score_change)),
        Figure("Tier", html=components.tier(partner.tier)),
        Figure("Level", html=components.level(standing.level)),
        Figure("Revenue, 12 months", money(standing.revenue_12m, tenant)),
        Figure(
            "Market share",
            percent(None if standing.share_doubtful else standing.share),
            "" if standing.share is None else share,
        ),
        *page_parts.figures(partner, on),
        Figure("Last order", day(standing.last_order_on), last=True),
    ]


def _whole(score: Decimal | None) -> int | None:
    return None if score is None else whole(score)


# --- headroom -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """Headroom of a partner as words and drawing; `drawing` is None when it cannot be told."""

    text: str
    sources: str
    drawing: charts.Headroom | None
    low: Decimal | None
    high: Decimal | None


def headroom(partner: Partner, standing: Standing | None, tenant: Tenant) -> Room:
    """Say how much money is on the table, from which estimates."""
    latest: dict[str, date] = {}
    for estimate in partner.estimates.all():
        latest.setdefault(estimate.source, estimate.as_of)
    named = [f"{source}, {month(at, year=True)}" for source, at in latest.items()]
    sources = f"Total from {' and '.join(named)}." if named else ""
    if standing is None or standing.headroom_low is None or standing.headroom_high is None:
        return Room(
            "Cannot tell yet: nobody has estimated the total of their orders.", sources, None, None, None
        )
    if standing.share_doubtful:
        text = "The estimates are below what already comes to us. Add a newer one."
        return Room(text, sources, None, None, None)
    ours = max(Decimal(0), standing.revenue_12m)
    drawing = charts.headroom(
        ours=ours,
        low=ours + standing.headroom_low,
        high=ours + standing.headroom_high,
        estimate=standing.total_estimate,
        currency=tenant,
        width=320,
    )
    return Room("", sources, drawing, standing.headroom_low, standing.headroom_high)


# --- tier ---------------------------------------------------------------------------------------


def tier_sentence(
    proposal: Mapping[str, Any], partner: Partner, policy: StandingPolicy, tenant: Tenant
) -> str:
    """Say why the rules propose what they propose."""
    if not proposal:
        return "No tier yet: it comes with the first orders."
    revenue = money(Decimal(proposal["revenue"]), tenant)
    period = f"{proposal['months']} months to {month(date.fromisoformat(proposal['to']), year=True)}"
    threshold = Decimal(proposal["threshold"]) if proposal["threshold"] else None
    rule = proposal["rule"]
    if rule == "same":
        return f"{revenue} in {period}: {proposal['band']} by the rules as well."
    side = "Above" if rule == "raise" or (rule == "stay" and _rises(proposal, partner)) else "Below"
    said = f"{side} {money(threshold, tenant)}: {revenue} in {period}."
    if rule == "hysteresis":
        leave = money(exit_below(partner.tier, policy.rules), tenant)
        return f"{revenue} in {period}: below the band, but not below {leave}, so it stays."
    if rule == "stay":
        return f"{said} Waits: in this tier since {day(partner.tier_since)}, {policy.minimum_stay_months} months needed."
    return said


def _rises(proposal: Mapping[str, Any], partner: Partner) -> bool:
    rank = {"low": 1, "medium": 2, "high": 3}
    return rank.get(proposal["band"], 0) > rank.get(partner.tier, 0)


def review_words(review: TierReview) -> str:
    """Say what was decided: "held at medium", "raised to high"."""
    tier = review.get_decided_tier_display().lower()
    return {
        "initial": f"first tier {tier}",
        "accept": f"{_move(review)} {tier}",
        "hold": f"held at {tier}",
        "override": f"overridden to {tier}",
        "undo": f"undone, back to {tier}",
    }[review.decision]


def _move(review: TierReview) -> str:
    rank = {"": 0, "low": 1, "medium": 2, "high": 3}
    return "raised to" if rank[review.decided_tier] > rank[review.from_tier] else "lowered to"


def quarter_chart(
    revenues: Sequence[Decimal], last: date, policy: StandingPolicy, tenant: Tenant
) -> charts.BarChart:
    """Draw the trailing revenue at the end of the last six quarters-of-a-year before and at `last`.

    In: revenue per month, oldest first, ending with `last`: trailing months + 15 of them.
    """
    window = policy.trailing_months
    ends = [len(revenues) - 3 * step for step in range(5, -1, -1)]
    values = [sum(revenues[max(0, end - window) : end], Decimal(0)) for end in ends]
    labels = [month(add_months(last, -3 * step), year=False) for step in range(5, -1, -1)]
    return charts.labelled_bars(
        title=f"Trailing {window} months",
        labels=labels,
        series=[charts.Series("Revenue", values)],
        strong_last=2,
        lines=[
            charts.Line(policy.high_from, f"High {money(policy.high_from, tenant)}"),
            charts.Line(policy.medium_from, f"Medium {money(policy.medium_from, tenant)}"),
        ],
        currency=tenant,
    )


def order_change(orders: Sequence[int]) -> str:
    """Compare the orders of twelve months with the twelve before: "164, +17%"."""
    now, before = sum(orders[-12:]), sum(orders[-24:-12])
    said = f"{number(now)} in 12 months"
    if not before:
        return said
    change = Decimal(now - before) / before
    sign = "+" if change > 0 else ""
    return f"{said}, {sign}{percent(change)}"
