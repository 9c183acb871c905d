"""Reads that join several models: attainment of panels, the figures behind Today, and news.

Every function asks a fixed number of queries, whatever the number of partners.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import TruncMonth

from activities.measures import Period, attainment, period_of
from activities.models import BudgetUpdate, CallPlan, Insight, Visit
from activities.states import Outcome
from activities.today import PERIOD_WORDS, Months, PanelState, Plan, Slip, SlipFacts, usual_plan
from partners.models import Partner, PartnerMonth, Standing, TierReview
from prm.tenancy import calendar
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Membership

MONTHS_READ = 15
INSIGHT_DAYS = 90


def start_of(day: date) -> datetime:
    """Return the first moment of a day of the tenant in scope."""
    return calendar.day_start(current_tenant(), day)


def end_of(day: date) -> datetime:
    """Return the first moment after a day of the tenant in scope."""
    return start_of(day + timedelta(days=1))


# --- attainment ---------------------------------------------------------------------------------


def plans_in_force(tiers: Mapping[UUID, str], day: date, *, among: Q | None = None) -> dict[UUID, Plan]:
    """Return each partner's plan on ``day``: its own, else the usual one of its tier (1 query).

    ``among`` names the same partners in a way that costs less for thousands of them.
    """
    plans = {pk: usual_plan(tier) for pk, tier in tiers.items()}
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


def last_visits(partner_ids: Collection[UUID], *, before: datetime) -> dict[UUID, datetime]:
    """Return when each partner was last met (1 query)."""
    rows = Visit.objects.filter(partner_id__in=partner_ids, happened_at__lt=before)
    return dict(rows.values_list("partner_id").annotate(Max("happened_at")).order_by())


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
    members = Membership.objects.filter(Q(pk__in=[pk for pk in by_rep if pk]) | Q(role="rep", is_active=True))
    start, end = period_of(day, 1).moments(current_tenant().timezone)
    counts = dict(
        Visit.objects.filter(partner__in=active, happened_at__gte=start, happened_at__lt=end)
        .values_list("partner__rep_id")
        .annotate(Count("pk"))
        .order_by()
    )
    return [_rep_row(rep, by_rep[rep.pk], counts.get(rep.pk, 0)) for rep in members.with_people()]


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


# --- slipping -----------------------------------------------------------------------------------


def whole_months(partner_ids: Collection[UUID], day: date) -> dict[UUID, Months]:
    """Return the :data:`MONTHS_READ` whole months before the running one, per partner (1 query)."""
    last = calendar.add_months(day, -1)
    months = list(calendar.month_range(calendar.add_months(last, 1 - MONTHS_READ), last))
    place = {month: n for n, month in enumerate(months)}
    orders: dict[UUID, list[int]] = defaultdict(lambda: [0] * len(months))
    revenue: dict[UUID, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(months))
    rows = PartnerMonth.objects.filter(partner_id__in=partner_ids, month__gte=months[0], month__lte=last)
    for pk, month, count, amount in rows.values_list("partner_id", "month", "orders", "revenue"):
        orders[pk][place[month]] = count
        revenue[pk][place[month]] = amount
    return {pk: Months(counts, revenue[pk]) for pk, counts in orders.items()}


def slip_facts(slips: Collection[Slip], panel: Mapping[UUID, PanelRow], day: date) -> dict[UUID, SlipFacts]:
    """Return what may explain each slip: lost or heard-of cases of the last 90 days, visits (1 query)."""
    named: dict[UUID, tuple[str, int]] = {}
    rows = (
        Insight.objects.filter(
            partner_id__in=[slip.partner_id for slip in slips],
            outcome__in=(Outcome.LOST, Outcome.OBSERVED),
            happened_on__gt=day - timedelta(days=INSIGHT_DAYS),
        )
        .values_list("partner_id", "competitor__name")
        .annotate(times=Count("pk"))
        .order_by("partner_id", "times", "-competitor__name")
    )
    for pk, competitor, times in rows:
        named[pk] = (competitor, times)
    return {
        slip.partner_id: _facts(panel[slip.partner_id], *named.get(slip.partner_id, ("", 0)))
        for slip in slips
    }


def _facts(row: PanelRow, competitor: str, times: int) -> SlipFacts:
    last_order = row.standing.last_order_on if row.standing else None
    return SlipFacts(
        insights=times,
        competitor=competitor,
        last_visit_on=row.last_visit_on,
        last_order_on=last_order,
        plan=row.plan,
    )


# --- news ---------------------------------------------------------------------------------------


def recent_reviews(partner_ids: Collection[UUID], since: date) -> list[TierReview]:
    """Return signed tier decisions about these partners since a day, newest first (1 query)."""
    reviews = TierReview.objects.filter(partner_id__in=partner_ids, signed_at__gte=start_of(since))
    signed = reviews.exclude(decision=TierReview.Decision.INITIAL)
    return list(signed.select_related("partner").order_by("-signed_at")[:5])


def recent_raises(partner_ids: Collection[UUID], since: date) -> list[BudgetUpdate]:
    """Return raised budgets of these partners since a day, the largest raise first (1 query)."""
    raises = BudgetUpdate.objects.filter(
        opportunity__partner_id__in=partner_ids,
        at__gte=start_of(since),
        new_amount__gt=F("old_amount"),
        reverses=None,
        reversed_by=None,
    )
    change = F("new_amount") - F("old_amount")
    return list(raises.select_related("opportunity__partner").order_by(-change, "pk")[:3])


def recent_months(partner_ids: Collection[UUID], day: date) -> dict[date, int]:
    """Return the orders of these partners in the running and the last month (1 query)."""
    this = calendar.month_start(day)
    rows = PartnerMonth.objects.filter(
        partner_id__in=partner_ids, month__in=(this, calendar.add_months(this, -1))
    ).values_list("month", "orders")
    totals: dict[date, int] = defaultdict(int)
    for month, count in rows:
        totals[month] += count
    return dict(totals)
