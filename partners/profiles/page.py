"""What a partner's page shows: figures, reasons, charts. Reads, never writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from partners import marks
from partners.directory.models import Partner
from partners.profiles import own, parts
from partners.reviews.models import TierReview
from partners.share.models import EstimateRequest, ShareEstimate
from partners.share.rules import age_words, is_old
from partners.share.states import RequestState
from partners.standing.models import Standing, StandingMonth
from partners.standing.queries import orders_by_month
from partners.standing.registry import Facts
from partners.standing.rules import Estimates, parts_of, whole
from partners.standing.words import explain, label_of
from partners.states import Tier
from prm.core.calendar import add_months, month_start
from prm.ownfields.values import stored_of
from prm.tenancy.context import order_nouns, orders_heading
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.formatting import breakable, day, money, money_range, month, percent, percent_range
from prm.ui.parts import Figure

CHART_MONTHS = 24


# --- orders -------------------------------------------------------------------------------------


def orders_chart(
    partner: Partner, reviews: Sequence[TierReview], on: date, *, months: int = CHART_MONTHS
) -> charts.BarChart:
    """Draw orders per month up to the running month, which is hatched; with visits, news and tier changes."""
    last = month_start(on)
    first = add_months(last, 1 - months)
    marks = parts.marks(partner, first, on)
    moves = _tier_moves(reviews, first)
    return charts.month_bars(
        title=f"{orders_heading()} per month",
        months=[add_months(first, step) for step in range(months)],
        series=[charts.Series(orders_heading(), orders_by_month([partner.pk], last, months)[partner.pk])],
        incomplete_last=True,
        dots=marks.dots,
        dots_label="Visits" if marks.dots else "",
        events=sorted([*marks.events, *moves], key=lambda event: event.when),
        marks_key=[*marks.key, *([("move", "Tier change")] if moves else [])],
        unit="orders",
    )


def _tier_moves(reviews: Sequence[TierReview], first: date) -> list[charts.Event]:
    """Return every change of the tier in force since a day; the first tier is a start, not a change."""
    return [
        charts.Event(review.effective_on, f"Tier {Tier.word_of(review.decided_tier)}", kind="move")
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


def why(standing: Standing, before: StandingMonth | None, on: date, tenant: Tenant) -> Why | None:
    """Explain a score by its components, each against the end of last month; None without a score."""
    if standing.score is None:
        return None
    earlier = {part["key"]: part for part in before.components} if before else {}
    parts = [
        charts.Part(
            name=label_of(part["key"]),
            points=part["points"],
            most=part["weight"] or 0,
            change=_change(part, earlier.get(part["key"]), known=before is not None),
            reason=explain(part, tenant),
        )
        for part in standing.components
    ]
    previous = add_months(on, -1)
    fall = charts.waterfall(
        parts,
        noun="score",
        previous_month=month(previous, year=False) if before else "",
        total=standing.score,
        before=before.score if before else None,
    )
    return Why(f"Why {whole(standing.score)}", _against(standing.score, before, previous), fall)


def _change(part: Facts, earlier: Facts | None, *, known: bool) -> float | None:
    if not known or part["points"] is None:
        return None
    before = earlier["points"] if earlier and earlier["points"] is not None else 0
    return round(float(part["points"]) - float(before), 1)


def _against(score: Decimal, before: StandingMonth | None, previous: date) -> str:
    if before is None or before.score is None:
        return ""
    if whole(before.score) == whole(score):
        return f"as in {previous:%B}"
    return f"and not {whole(before.score)} as in {previous:%B}"


# --- figures and facts --------------------------------------------------------------------------


def figures(partner: Partner, standing: Standing | None, on: date, tenant: Tenant) -> list[Figure]:
    """List the key figures of the strip under a partner's name, with those of other apps."""
    if standing is None:
        return [Figure("Standing", "Being computed")]
    score = None if standing.score is None else whole(standing.score)
    share = None if standing.share_doubtful else standing.share
    return [
        Figure("Score", html=marks.score(score, standing.score_change)),
        Figure("Tier", html=marks.tier(partner.tier)),
        Figure("Level", html=marks.level(standing.level)),
        Figure("Revenue, 12 months", money(standing.revenue_12m, tenant)),
        Figure(
            "Market share",
            percent(share),
            "" if share is None else percent_range(standing.share_low, standing.share_high),
        ),
        *parts.figures(partner, on),
        Figure(f"Last {order_nouns()[0]}", day(standing.last_order_on), last=True),
    ]


def facts(partner: Partner) -> list[tuple[str, str]]:
    """List what is known of a partner's person or house."""
    return [
        ("Kind", partner.get_kind_display()),
        ("Rep", str(partner.rep.user) if partner.rep else ""),
        (
            "City",
            ", ".join(part for part in (partner.city, partner.region, partner.get_country_display()) if part),
        ),
        ("E-mail", breakable(partner.email)),
        ("Phone", partner.phone),
        ("Website", breakable(partner.website)),
        *own_facts(partner),
        ("Notes", partner.notes),
    ]


def own_facts(partner: Partner) -> list[tuple[str, str]]:
    """List what a partner has in the tenant's own fields, in their order (1 query, none without fields)."""
    fields = own.fields()
    values = stored_of(own.OF, [partner.pk])[partner.pk] if fields else {}
    return [(field.name, field.words(values[field.key])) for field in fields if field.key in values]


# --- headroom -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """One estimate that counts: where it is from, its range, how old it is and who gave it, and its part of the whole."""

    estimate: ShareEstimate
    range: str
    note: str
    part: str
    is_old: bool


def sources(partner: Partner, on: date, tenant: Tenant) -> list[Source]:
    """List the latest estimate of each source, what counts most first."""
    latest: dict[str, ShareEstimate] = {}
    for one in partner.estimates.all():
        latest.setdefault(one.source, one)
    parts = dict(zip(latest, _parts(list(latest.values()), on), strict=True))
    found = [
        Source(
            one,
            f"{money(one.middle, tenant)}, {money_range(one.low, one.high, tenant)}",
            _note(one, on),
            f"counts {percent(parts[source])}" if len(latest) > 1 else "",
            is_old(one.as_of, on),
        )
        for source, one in latest.items()
    ]
    return sorted(found, key=lambda source: (-parts[source.estimate.source], source.estimate.source))


def _note(one: ShareEstimate, on: date) -> str:
    said = f"{month(one.as_of, year=True)}, {age_words(one.as_of, on)}"
    by = f", by {one.by.user}" if one.by else ""
    return f"{said}: counts for less{by}" if is_old(one.as_of, on) else f"{said}{by}"


def _parts(estimates: Sequence[ShareEstimate], on: date) -> list[float]:
    """Return how much each counts among them; nothing for none."""
    if not estimates:
        return []
    low, middle, high = (
        np.array([float(getattr(one, name)) for one in estimates]) for name in ("low", "middle", "high")
    )
    days = np.array([one.as_of for one in estimates], dtype="datetime64[D]")
    who = np.zeros(len(estimates), dtype=np.int64)
    return [float(part) for part in parts_of(Estimates(who, low, middle, high, days), 1, on)]


@dataclass(frozen=True)
class Headroom:
    """Money on the table as words and drawing; `drawing` is None when it cannot be told."""

    text: str
    sources: Sequence[Source]
    drawing: charts.PartOf | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    remark: str = ""


def headroom(partner: Partner, standing: Standing | None, tenant: Tenant, on: date) -> Headroom:
    """Say how much money is on the table, from which estimates, and how far they are to be trusted."""
    found = sources(partner, on, tenant)
    if standing is not None and found and standing.headroom_low is None and not standing.share_doubtful:
        return Headroom("Cannot tell: the estimates lie too far apart. Add a closer one.", found)
    if standing is None or standing.headroom_low is None or standing.headroom_high is None:
        return Headroom(
            f"Cannot tell yet: nobody has estimated the total of their {order_nouns()[1]}.", found
        )
    if standing.share_doubtful:
        return Headroom("The estimates are below what already comes to us. Add a newer one.", found)
    ours = max(Decimal(0), standing.revenue_12m)
    low, high = ours + standing.headroom_low, ours + standing.headroom_high
    drawing = charts.part_of(
        words=f"{money(ours, tenant)} of an estimated {money(low, tenant)} to {money(high, tenant)} a year comes to us.",
        ours=ours,
        low=low,
        high=high,
        estimate=standing.total_estimate,
        currency=tenant,
        width=320,
    )
    is_stale = bool(found) and all(source.is_old for source in found)
    remark = "Every estimate is older than a year, so the range is wide." if is_stale else ""
    return Headroom("", found, drawing, standing.headroom_low, standing.headroom_high, remark)


def asked_words(asked: EstimateRequest | None) -> str:
    """Say what became of the latest question to the rep; "" for what needs no words any more."""
    if asked is None or asked.state == RequestState.ANSWERED:
        return ""
    who = str(asked.asked_by.user) if asked.asked_by else "Somebody"
    if asked.state == RequestState.OPEN:
        return f"{who} asked the rep on {day(asked.asked_at)}; no answer yet."
    return f"{who} asked the rep on {day(asked.asked_at)}, who cannot say."
