"""What the overview counts: a fixed number of queries, whatever the number of partners."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth

from activities.overview.rules import Compared
from activities.plans.queries import end_of, planned_by_rep, start_of
from activities.plans.rules import attainment as attainment_of
from activities.visits.models import Visit
from orders.book.queries import revenue_by_tier
from partners.alarms.models import OrderWatch
from partners.alarms.queries import Seen, alarms, seen
from partners.alarms.states import Direction
from partners.alarms.words import alarm_words
from partners.directory.models import Partner
from partners.share.queries import open_count
from partners.standing.models import PartnerMonth, StandingMonth
from partners.standing.queries import orders_by_month
from partners.states import Level, Tier
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.core.calendar import add_months, month_start

LEVELS: Final = [Level.REPEAT, Level.NEW, Level.LAPSED, Level.PROSPECT]
TIERS: Final = [Tier.HIGH, Tier.MEDIUM, Tier.LOW]
SHOWN: Final = 5
# Of those who slip or rise the page shows so many, the API and the command more.
TRENDS_SHOWN: Final = 12
TRENDS_LISTED: Final = 200
CHART_MONTHS: Final = 12
REP_MONTHS: Final = 6


@dataclass
class Cell:
    """How many partners stand there, how many came and left since, and their revenue of twelve months."""

    count: int = 0
    came: int = 0
    left: int = 0
    revenue: Decimal = Decimal(0)


@dataclass
class Matrix:
    """Level by tier ("" for none), with sums; `raised` and `lowered` count tiers, `first` first orders, `lapsed` who fell silent."""

    cells: dict[tuple[str, str], Cell] = field(default_factory=lambda: defaultdict(Cell))
    total: int = 0
    raised: int = 0
    lowered: int = 0
    first: int = 0
    lapsed: int = 0
    has_before: bool = False

    def sum_of(self, levels: Sequence[str], tiers: Sequence[str]) -> Cell:
        """Return several cells as one; who moved within them neither came nor left, so only counts and money add up."""
        found = [self.cells[level, tier] for level in levels for tier in tiers if (level, tier) in self.cells]
        return Cell(
            count=sum(cell.count for cell in found), revenue=sum((cell.revenue for cell in found), Decimal(0))
        )


def movers(since: date) -> "QuerySet[Any]":
    """Return active partners with where they stood at the end of a month: `was_level`, `was_tier` (null: not known)."""
    before = StandingMonth.objects.filter(partner=OuterRef("pk"), month=since)
    return (
        Partner.objects.active()
        .filter(standing__isnull=False)
        .annotate(was_level=Subquery(before.values("level")), was_tier=Subquery(before.values("tier")))
    )


def moved(since: date) -> "QuerySet[Any]":
    """Return those whose level or tier is another one now, the most revenue first."""
    elsewhere = ~Q(was_level=F("standing__level")) | ~Q(was_tier=F("tier"))
    return (
        movers(since)
        .filter(elsewhere, was_level__isnull=False)
        .select_related("standing", "rep__user")
        .order_by("-standing__revenue_12m", "pk")
    )


def matrix(since: date) -> Matrix:
    """Count partners by where they stand and stood (1 query)."""
    rows = (
        movers(since)
        .order_by()
        .values("standing__level", "tier", "was_level", "was_tier")
        .annotate(count=Count("pk"), revenue=Sum("standing__revenue_12m"))
    )
    found = Matrix()
    for row in rows:
        _count(found, row)
    return found


def _count(found: Matrix, row: "Mapping[str, Any]") -> None:
    count, now = row["count"], (row["standing__level"], row["tier"])
    cell = found.cells[now]
    cell.count += count
    cell.revenue += row["revenue"] or 0
    found.total += count
    if row["was_level"] is None:
        return
    found.has_before = True
    was = (row["was_level"], row["was_tier"])
    if was == now:
        return
    cell.came += count
    found.cells[was].left += count
    if was[1] and now[1]:
        step = Tier.rank_of(now[1]) - Tier.rank_of(was[1])
        found.raised += count if step > 0 else 0
        found.lowered += count if step < 0 else 0
    found.first += count if was[0] == Level.PROSPECT and now[0] != Level.PROSPECT else 0
    found.lapsed += count if now[0] == Level.LAPSED and was[0] != Level.LAPSED else 0


# --- money --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Revenue:
    """Revenue of the days shown and of as many before."""

    now: Decimal
    before: Decimal

    @property
    def change(self) -> float | None:
        """Return the change as a ratio; None where nothing was before."""
        return float(self.now / self.before) - 1 if self.before > 0 else None

    @property
    def percent(self) -> int | None:
        """Return the change in whole per cent."""
        return None if self.change is None else round(self.change * 100)


def revenue(days: Compared) -> dict[str, Revenue]:
    """Return revenue by today's tier ("" for none), and of all under "all" (1 query)."""
    now = (start_of(days.now.first), end_of(days.now.last))
    before = (start_of(days.before.first), end_of(days.before.last))
    found = {tier: Revenue(*sums) for tier, sums in revenue_by_tier(now, before).items()}
    found["all"] = Revenue(
        sum((one.now for one in found.values()), Decimal(0)),
        sum((one.before for one in found.values()), Decimal(0)),
    )
    return found


def months_by_tier(today: date) -> tuple[list[date], dict[str, list[Decimal]]]:
    """Return the last twelve months, and what each brought by the tier that partners have today (1 query)."""
    last = month_start(today)
    months = [add_months(last, step + 1 - CHART_MONTHS) for step in range(CHART_MONTHS)]
    place = {month: at for at, month in enumerate(months)}
    sums: dict[str, list[Decimal]] = {tier: [Decimal(0)] * CHART_MONTHS for tier in (*TIERS, "")}
    rows = (
        PartnerMonth.objects.filter(month__gte=months[0], month__lte=last)
        .order_by()
        .values("month", "partner__tier")
        .annotate(total=Sum("revenue"))
    )
    for row in rows:
        sums[row["partner__tier"]][place[row["month"]]] += row["total"]
    return months, sums


@dataclass(frozen=True, slots=True)
class Headroom:
    """Money on the table: low and high of all that can be told, for how many, for how many nobody knows."""

    low: Decimal
    high: Decimal
    known: int
    unknown: int
    worth_asking: int
    first: Sequence[Partner]
    asked: int = 0


def headroom() -> Headroom:
    """Return the headroom by its low end, with the partners that lead, and how many reps are asked about (3 queries)."""
    told = Q(standing__share_doubtful=False, standing__headroom_low__isnull=False)
    active = Partner.objects.active().filter(standing__isnull=False)
    sums = active.aggregate(
        low=Sum("standing__headroom_low", filter=told),
        high=Sum("standing__headroom_high", filter=told),
        known=Count("pk", filter=told),
        all=Count("pk"),
        asking=Count("pk", filter=Q(standing__headroom_low=None, tier__in=[Tier.HIGH, Tier.MEDIUM])),
    )
    first = active.filter(told, standing__headroom_low__gt=0).select_related("standing")
    return Headroom(
        sums["low"] or Decimal(0),
        sums["high"] or Decimal(0),
        sums["known"],
        sums["all"] - sums["known"],
        sums["asking"],
        list(first.order_by("-standing__headroom_low", "pk")[:SHOWN]),
        open_count(),
    )


# --- slipping and rising ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trend:
    """An alarm about a partner's orders, with twelve whole months of them."""

    watch: OrderWatch
    months: Sequence[int]

    @property
    def partner(self) -> Partner:
        """Return whom it is about."""
        partner: Partner = self.watch.partner
        return partner

    @property
    def words(self) -> str:
        """Return "Fell from about 10 to 5 a month since May."."""
        return alarm_words(self.watch)


@dataclass(frozen=True, slots=True)
class Trends:
    """Who slips and who rises, the most money first, and how many of each there are; who is watched."""

    slipping: Sequence[Trend]
    rising: Sequence[Trend]
    falls: int
    rises: int
    seen: Seen


def trends(today: date) -> Trends:
    """Return the alarms that stand (6 queries)."""
    fell, rose = (alarms(direction) for direction in (Direction.FALL, Direction.RISE))
    shown = list(fell[:TRENDS_LISTED]), list(rose[:TRENDS_LISTED])
    ids = [watch.partner_id for watches in shown for watch in watches]
    months = orders_by_month(ids, add_months(month_start(today), -1), 12)
    slipping, rising = ([Trend(watch, months[watch.partner_id]) for watch in watches] for watches in shown)
    return Trends(slipping, rising, fell.count(), rose.count(), seen())


# --- visits -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attained:
    """A rep's visits of six months, the oldest first, and how many their panel planned in each; of the running month what was due so far."""

    rep: Membership
    visits: Sequence[int]
    planned: Sequence[int]
    planned_month: int

    @property
    def shares(self) -> Sequence[float | None]:
        """Return done of planned in each month, at most 1; None where nothing was planned."""
        return [attainment_of(done, planned) for done, planned in zip(self.visits, self.planned, strict=True)]

    @property
    def done(self) -> int:
        """Return the visits of the running month."""
        return self.visits[-1]

    @property
    def due(self) -> int:
        """Return how many were due in it so far."""
        return self.planned[-1]

    @property
    def share(self) -> float | None:
        """Return done of what was due so far; None where nothing was."""
        return self.shares[-1]


def attainment(today: date) -> tuple[list[date], list[Attained]]:
    """Return six months, and each rep's visits and plans in them (10 queries, whatever the number of partners).

    Plans are those that held in a month, of the partners who are in the rep's panel today; visits are the rep's with anybody of it.
    """
    last = month_start(today)
    months = [add_months(last, step + 1 - REP_MONTHS) for step in range(REP_MONTHS)]
    visits = _visits_by_rep(months, today)
    plans = [planned_by_rep(add_months(month, 1) - timedelta(days=1)) for month in months]
    over = today.day / ((add_months(last, 1) - timedelta(days=1)).day)
    reps = Membership.objects.filter(
        Q(pk__in=[pk for pk in plans[-1] if pk]) | Q(role__in=roles_with(Right.PANEL_KEEP), is_active=True)
    )
    found = []
    for rep in reps.with_people():
        planned = [float(plan.get(rep.pk, 0)) for plan in plans]
        so_far = [*(round(one) for one in planned[:-1]), round(planned[-1] * over)]
        found.append(Attained(rep, visits[rep.pk], so_far, round(planned[-1])))
    return months, found


def _visits_by_rep(months: Sequence[date], today: date) -> dict[UUID, list[int]]:
    place = {month: at for at, month in enumerate(months)}
    counts: dict[UUID, list[int]] = defaultdict(lambda: [0] * len(months))
    since = start_of(months[0])
    rows = (
        Visit.objects.filter(
            happened_at__gte=since, happened_at__lt=end_of(today), partner__rep__isnull=False
        )
        .order_by()
        .annotate(month=TruncMonth("happened_at", tzinfo=since.tzinfo))
        .values_list("partner__rep", "month")
        .annotate(Count("pk"))
    )
    for rep, month, count in rows:
        counts[rep][place[month.date()]] = count
    return counts
