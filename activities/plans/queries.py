"""Reads that join several models: attainment of panels, the figures behind Today, and news.

Every function asks a fixed number of queries, whatever the number of partners.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from activities.plans.models import CallPlan
from activities.plans.rules import (
    PERIOD_WORDS,
    PanelState,
    Period,
    Plan,
    Usual,
    attainment,
    period_of,
    usual_plan,
)
from activities.visits.models import Visit
from activities.visits.queries import last_visits
from partners.directory.models import Partner
from partners.policy.queries import policy_in_force
from partners.standing.models import Standing
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.core import calendar
from prm.tenancy.context import current_tenant


def start_of(day: date) -> datetime:
    """Return the first moment of a day of the tenant in scope."""
    return calendar.day_start(current_tenant(), day)


def end_of(day: date) -> datetime:
    """Return the first moment after a day of the tenant in scope."""
    return start_of(day + timedelta(days=1))


def plans_in_force(
    tiers: Mapping[UUID, str], day: date, *, among: Q | None = None, usual: Usual | None = None
) -> dict[UUID, Plan]:
    """Return each partner's plan on ``day``: its own, else the usual one of its tier (1 query).

    ``among`` names the same partners in a way that costs less for thousands of them; ``usual`` is what the
    policy in force expects by tier, asked for (1 query more) where the caller has not got it.
    """
    if not tiers:
        return {}
    expected = policy_in_force().rules.usual_visits if usual is None else usual
    by_tier = {tier: usual_plan(tier, expected) for tier in set(tiers.values())}
    plans = {pk: by_tier[tier] for pk, tier in tiers.items()}
    for plan in CallPlan.objects.filter(among or Q(partner_id__in=list(tiers))).in_force(day):
        plans[plan.partner_id] = plan.plan
    return plans


class VisitsDone(NamedTuple):
    """Visits in the plan's present block up to a day, and in the whole block before."""

    now: int
    before: int


def visits_done(plans: Mapping[UUID, Plan], day: date) -> dict[UUID, VisitsDone]:
    """Count the visits of each partner in the blocks of its plan (1 query, aggregated by month)."""
    if not plans:
        return {}
    first = min(plan.period_before(day).start for plan in plans.values())
    since = start_of(first)
    rows = (
        Visit.objects.filter(partner_id__in=list(plans), happened_at__gte=since, happened_at__lt=end_of(day))
        .annotate(month=TruncMonth("happened_at", tzinfo=since.tzinfo))
        .values("partner_id", "month")
        .annotate(visits=Count("pk"))
        .order_by()
    )
    by_month: dict[UUID, dict[date, int]] = defaultdict(dict)
    for row in rows:
        by_month[row["partner_id"]][row["month"].date()] = row["visits"]
    return {
        pk: VisitsDone(
            _within(by_month[pk], plan.period(day)), _within(by_month[pk], plan.period_before(day))
        )
        for pk, plan in plans.items()
    }


def _within(months: Mapping[date, int], period: Period) -> int:
    return sum(count for month, count in months.items() if period.start <= month < period.end)


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One partner of a panel with its plan, visits and standing (None before the first computation)."""

    partner: Partner
    plan: Plan
    done: VisitsDone
    last_visit_at: datetime | None
    standing: Standing | None

    @property
    def last_visit_on(self) -> date | None:
        """The tenant's day of the last visit."""
        if self.last_visit_at is None:
            return None
        return calendar.local_date(current_tenant(), self.last_visit_at)

    @property
    def state(self) -> PanelState:
        """What the rules of Today need to know."""
        first = self.standing.first_order_on if self.standing else None
        return PanelState(
            self.partner.pk, self.plan, self.done.now, self.done.before, self.last_visit_on, first
        )

    @property
    def periods(self) -> list[tuple[int, str]]:
        """The lengths of a plan's block with their words, for the row's own form."""
        return list(PERIOD_WORDS.items())

    @property
    def period_word(self) -> str:
        """What the visits are counted in: "month", "quarter"."""
        return PERIOD_WORDS[self.plan.months]

    @property
    def missing(self) -> int:
        """Planned visits still to be done in this block."""
        return max(0, self.plan.visits - self.done.now)


def panel_of(partners: QuerySet[Partner], day: date) -> list[PanelRow]:
    """Return partners with plan, visits and standing, by name (4 queries)."""
    rows = list(partners.select_related("standing", "organisation").order_by("name", "pk"))
    plans = plans_in_force({row.pk: row.tier for row in rows}, day)
    done = visits_done(plans, day)
    seen = last_visits([row.pk for row in rows], before=end_of(day))
    return [
        PanelRow(row, plans[row.pk], done[row.pk], seen.get(row.pk), getattr(row, "standing", None))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Attainment:
    """Visits done and planned in one calendar month."""

    done: int
    planned: int

    @property
    def share(self) -> float | None:
        """Done ÷ planned, not more than 1; None when nothing was planned."""
        return attainment(self.done, self.planned)


def month_attainment(panel: Iterable[PanelRow], day: date) -> Attainment:
    """Return what of the month's plan is done; longer plans count with their monthly part (1 query)."""
    rows = list(panel)
    start, end = period_of(day, 1).moments(current_tenant().timezone)
    done = Visit.objects.filter(
        partner_id__in=[row.partner.pk for row in rows], happened_at__gte=start, happened_at__lt=end
    ).count()
    planned = sum((Decimal(row.plan.visits) / row.plan.months for row in rows), Decimal(0))
    return Attainment(done, round(planned))


class RepRow(NamedTuple):
    """One rep's panel in numbers."""

    rep: Membership
    partners: int
    month: Attainment
    complete: int
    behind: int
    score: float | None


def panels(day: date) -> list[RepRow]:
    """Return every rep's panel: partners, attainment of this month, plans kept and missed (6 queries)."""
    active = Partner.objects.active().filter(rep__is_active=True)
    by_rep: dict[UUID | None, list[PanelRow]] = defaultdict(list)
    for row in panel_of(active, day):
        by_rep[row.partner.rep_id].append(row)
    members = Membership.objects.filter(
        Q(pk__in=[pk for pk in by_rep if pk]) | Q(role__in=roles_with(Right.PANEL_KEEP), is_active=True)
    )
    start, end = period_of(day, 1).moments(current_tenant().timezone)
    counts = dict(
        Visit.objects.filter(partner__in=active, happened_at__gte=start, happened_at__lt=end)
        .values_list("partner__rep_id")
        .annotate(Count("pk"))
        .order_by()
    )
    return [_rep_row(rep, by_rep[rep.pk], counts.get(rep.pk, 0)) for rep in members.with_people()]


def planned_by_rep(day: date) -> dict[UUID | None, Decimal]:
    """Return how many visits a month the plans on a day intend, for the partners of each panel of today (2 queries and the policy's).

    Counted by tier and plan, so that no panel is loaded.
    """
    usual = policy_in_force().rules.usual_visits
    active = Partner.objects.active().filter(rep__is_active=True)
    planned: dict[UUID | None, Decimal] = defaultdict(Decimal)
    for rep, tier, count in active.order_by().values_list("rep", "tier").annotate(Count("pk")):
        planned[rep] += count * _a_month(usual_plan(tier, usual))
    own = CallPlan.objects.in_force(day).values("pk")
    held = CallPlan.objects.filter(pk__in=own, partner__in=active).order_by()
    rows = held.values_list("partner__rep", "partner__tier", "visits", "months").annotate(Count("pk"))
    for rep, tier, visits, months, count in rows:
        planned[rep] += count * (_a_month(Plan(visits, months)) - _a_month(usual_plan(tier, usual)))
    return planned


def _a_month(plan: Plan) -> Decimal:
    return Decimal(plan.visits) / plan.months


def _rep_row(rep: Membership, rows: list[PanelRow], done: int) -> RepRow:
    planned = sum((Decimal(row.plan.visits) / row.plan.months for row in rows), Decimal(0))
    scores = [float(row.standing.score) for row in rows if row.standing and row.standing.score is not None]
    return RepRow(
        rep=rep,
        partners=len(rows),
        month=Attainment(done, round(planned)),
        complete=sum(row.missing == 0 and row.plan.visits > 0 for row in rows),
        behind=sum(row.missing > 0 for row in rows),
        score=sum(scores) / len(scores) if scores else None,
    )
