"""What the review board shows: proposals with their evidence, what was decided, what the rules hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet

from partners.directory.models import Partner, PartnerQuerySet
from partners.policy.models import StandingPolicy
from partners.reviews import registry
from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.cycle.queries import to_decide
from partners.reviews.models import TierReview
from partners.reviews.service import UNDO_WITHIN
from partners.reviews.words import order_change, review_words
from partners.standing.models import Standing
from partners.standing.queries import orders_by_month, revenue_by_month
from partners.standing.rules import month_end
from partners.standing.words import proposal_sentence
from partners.states import Ruling, Tier
from prm.accounts.models import Membership
from prm.core.calendar import add_months, today
from prm.core.clock import now
from prm.tenancy.context import orders_heading
from prm.tenancy.models import Tenant
from prm.ui import charts
from prm.ui.formatting import day, money, month, percent, percent_range, signed_text

SHOWN = 100
DECIDED_DAYS = 90


def last_reviews(partner_ids: Sequence[UUID], *, since: date) -> dict[UUID, str]:
    """Return what was last decided about partners since a day, and by whom, in words (1 query)."""
    rows = TierReview.objects.filter(partner_id__in=partner_ids, effective_on__gte=since)
    found: dict[UUID, str] = {}
    for review in rows.select_related("signed_by__user").order_by("signed_at", "pk"):
        who = f" by {review.signed_by.user}" if review.signed_by else ""
        reason = f": “{review.reason}”" if review.reason else ""
        found[review.partner_id] = f"{review_words(review).capitalize()}{who}{reason}"
    return found


# --- proposals ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One proposal on the board."""

    partner: Partner
    standing: Standing
    revenue: Decimal
    band: charts.Position
    reason: str
    rises: bool

    @property
    def token(self) -> str:
        """Return what a bulk acceptance sends back, so that only what was seen is accepted."""
        return f"{self.partner.pk}:{self.partner.tier}:{self.standing.tier_proposal}"


class Group(NamedTuple):
    """The proposals of one direction."""

    title: str
    icon: str
    rows: Sequence[Row]


def proposals(tenant: Tenant, cycle: ReviewCycle | None = None) -> QuerySet[Partner]:
    """Return who waits for a decision, in a cycle those about whom it has none yet; the largest revenue first."""
    waiting = to_decide(cycle, today(tenant)).with_standing()
    return waiting.order_by(F("standing__revenue_12m").desc(), "name")


def rows(tenant: Tenant, policy: StandingPolicy, cycle: ReviewCycle | None = None) -> list[Row]:
    """Return the first proposals with their reasons."""
    partners = list(proposals(tenant, cycle)[:SHOWN])
    if not partners:
        return []
    last = max(date.fromisoformat(partner.standing.proposal["to"]) for partner in partners)
    revenue = revenue_by_month([partner.pk for partner in partners], last, policy.trailing_months + 6)
    return [_row(partner, policy, tenant, revenue[partner.pk]) for partner in partners]


def _row(partner: Partner, policy: StandingPolicy, tenant: Tenant, revenue: Sequence[Decimal]) -> Row:
    proposal = partner.standing.proposal
    judged = Decimal(proposal["revenue"])
    before = sum(revenue[: policy.trailing_months], Decimal(0))
    return Row(
        partner,
        partner.standing,
        judged,
        charts.position(
            judged,
            edges=[policy.medium_from, policy.high_from],
            before=before,
            words=f"{money(judged, tenant)} now, {money(before, tenant)} two quarters ago",
        ),
        proposal_sentence(proposal, partner, policy, tenant),
        Tier.rank_of(partner.standing.tier_proposal) > Tier.rank_of(partner.tier),
    )


def groups(rows: Sequence[Row]) -> list[Group]:
    """Return the proposals by direction, without an empty one."""
    both = (
        Group("Raise", "arrow-up", [row for row in rows if row.rises]),
        Group("Lower", "arrow-down", [row for row in rows if not row.rises]),
    )
    return [group for group in both if group.rows]


# --- decided, and held by the rules -------------------------------------------------------------


class DecidedRow(NamedTuple):
    """A review of the last months; `undo` when the viewer may still take it back."""

    review: TierReview
    words: str
    undo: bool


class HeldRow(NamedTuple):
    """A partner whom the rules keep in a tier, and why."""

    partner: Partner
    reason: str


def decided() -> QuerySet[TierReview]:
    """Return what people decided lately."""
    return TierReview.objects.exclude(decision=TierReview.Decision.INITIAL).filter(
        signed_at__gte=now() - timedelta(days=DECIDED_DAYS)
    )


def decided_people() -> QuerySet[TierReview]:
    """Return the same with whom it was about and who signed."""
    return decided().select_related("partner", "signed_by__user")


def decided_rows(viewer: Membership) -> list[DecidedRow]:
    """Return the latest decisions."""
    undoable_since = now() - UNDO_WITHIN
    return [
        DecidedRow(
            review,
            review_words(review),
            undo=review.decision != TierReview.Decision.UNDO
            and review.signed_by_id == viewer.pk
            and review.signed_at > undoable_since,
        )
        for review in decided_people()[:SHOWN]
    ]


def held() -> PartnerQuerySet:
    """Return who is in another tier than the band says, by a rule."""
    return Partner.objects.active().filter(standing__proposal__rule__in=Ruling.holding())


def held_people() -> PartnerQuerySet:
    """Return them with their standing, by name."""
    return held().with_standing().order_by("name", "pk")


def held_rows(policy: StandingPolicy, tenant: Tenant) -> list[HeldRow]:
    """Return the first of those whom the rules keep."""
    return [
        HeldRow(partner, proposal_sentence(partner.standing.proposal, partner, policy, tenant))
        for partner in held_people()[:SHOWN]
    ]


# --- evidence -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What a manager looks at before deciding about one partner."""

    partner: Partner
    standing: Standing
    policy: StandingPolicy
    chart: charts.BarChart
    facts: Sequence[tuple[str, str]]


def evidence(partner: Partner, policy: StandingPolicy, tenant: Tenant) -> Evidence:
    """Collect the evidence of a partner whose standing has been judged."""
    last = date.fromisoformat(partner.standing.proposal["to"])
    revenue = revenue_by_month([partner.pk], last, policy.trailing_months + 15)[partner.pk]
    return Evidence(
        partner=partner,
        standing=partner.standing,
        policy=policy,
        chart=quarter_chart(revenue, last, policy, tenant),
        facts=_facts(partner, last, policy, tenant),
    )


def _facts(partner: Partner, last: date, policy: StandingPolicy, tenant: Tenant) -> list[tuple[str, str]]:
    standing = partner.standing
    first = add_months(last, 1 - policy.trailing_months)
    judged = money(Decimal(standing.proposal["revenue"]), tenant)
    share = "–" if standing.share_doubtful else percent(standing.share)
    share_range = percent_range(standing.share_low, standing.share_high)
    score = "–" if standing.score is None else f"{standing.score:.0f}"
    change = standing.score_change
    return [
        ("Judged by", f"{judged}, {first:%b %Y} to {last:%b %Y}"),
        ("In this tier", f"since {day(partner.tier_since)}, {policy.minimum_stay_months} months needed"),
        (orders_heading(), order_change(orders_by_month([partner.pk], last, 24)[partner.pk])),
        ("Market share", share if share == "–" else f"{share} ({share_range})"),
        ("Score", score if change is None else f"{score} ({signed_text(change)})"),
        *registry.facts(partner, first, month_end(last)),
        ("Rep says", _rep_says(partner)),
    ]


def _rep_says(partner: Partner) -> str:
    """Return what was said last about a partner, by whom and when (1 query)."""
    said = partner.review_comments.select_related("by__user").first()
    if said is None:
        return "nothing yet"
    who = f", {said.by.user}" if said.by else ""
    return f"“{said.text}”{who}, {day(said.at)}"


def quarter_chart(
    revenues: Sequence[Decimal], last: date, policy: StandingPolicy, tenant: Tenant
) -> charts.BarChart:
    """Draw the trailing revenue at the end of the last six quarters-of-a-year before and at `last`.

    In: revenue per month, oldest first, ending with `last`: trailing months + 15 of them.
    """
    window = policy.trailing_months
    ends = [len(revenues) - 3 * step for step in range(5, -1, -1)]
    values = [sum(revenues[max(0, end - window) : end], Decimal(0)) for end in ends]
    return charts.labelled_bars(
        title=f"Trailing {window} months",
        labels=[month(add_months(last, -3 * step), year=False) for step in range(5, -1, -1)],
        series=[charts.Series("Revenue", values)],
        strong_last=2,
        lines=[
            charts.Line(policy.high_from, f"High {money(policy.high_from, tenant)}"),
            charts.Line(policy.medium_from, f"Medium {money(policy.medium_from, tenant)}"),
        ],
        currency=tenant,
    )
