"""All figures of the forecast: what will come and when, against what budgets say and what came."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.market.budgets.queries import STALE_AFTER, stale, tied_counts
from activities.market.budgets.rules import weighted
from activities.market.forecast import queries, rules
from activities.market.forecast.queries import Budget
from activities.market.forecast.rules import Accuracy, Draws, Open, Range
from partners.states import Tier
from prm.core import calendar, clock
from prm.core.errors import Refused
from prm.core.types import Json
from prm.tenancy.context import current_tenant

AHEAD: Final = 6
BACK: Final = 6
YEAR: Final = timedelta(days=365)
FEWER_DRAWS: Final = 300
BY: Final = ("rep", "partner", "tier")
MOST_GROUPS: Final = 20


@dataclass(frozen=True, slots=True)
class Month:
    """One month: what came (of a past one), what was expected three months before, what is expected now."""

    first: date
    came: Decimal | None
    expected_then: Range | None
    forecast: Range | None
    budgets: Decimal
    weighted: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """What will come in three months of one rep, partner or tier, beside what their budgets say."""

    key: str
    name: str
    count: int
    budgets: Decimal
    weighted: Decimal
    forecast: Range | None


@dataclass(frozen=True, slots=True)
class Person:
    """How one rep's budgets came true."""

    id: UUID
    name: str
    accuracy: Accuracy
    words: str
    state: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the page shows. `next` are the three months after the running one."""

    months: list[Month]
    by: str
    parts: list[Part]
    next_months: list[date]
    next_range: Range | None
    next_budgets: Decimal
    next_weighted: Decimal
    closed: int
    everybody: Accuracy
    people: list[Person]
    stale: int
    stale_sum: Decimal
    stale_reps: int
    won: int
    tied: int
    orders: int
    tied_sum: Decimal
    other_currencies: list[tuple[str, Decimal, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Whose budgets are asked about: of one owner, tier, product (with those that are the same one), or everybody's."""

    owner: UUID | None = None
    tier: str = ""
    products: frozenset[UUID] = frozenset()

    def holds(self, one: Budget) -> bool:
        """Whether a budget is asked about, by whose it is."""
        row = one.row
        return (self.owner is None or row.owner_id == self.owner) and (
            not self.tier or row.partner.tier == self.tier
        )

    def among(self, every: Iterable[Budget]) -> list[Budget]:
        """Return what is asked about: of a budget for several products the part of these."""
        found = [one for one in every if self.holds(one)]
        return queries.about(found, self.products) if self.products else found


EVERYBODY: Final = Asked()


def forecast(by: str = "rep", asked: Asked = EVERYBODY) -> Forecast:
    """Return what will come of the tenant's open budgets, of those asked about. Raises Refused.

    How they will fare is drawn from everybody's closed ones.
    """
    if by not in BY:
        raise Refused(f"There are {', '.join(BY)}.", field="by", code="invalid")
    now, tenant = clock.now(), current_tenant()
    this = calendar.month_of(tenant, now)
    every = queries.budgets(now)
    found = asked.among(every)
    closed = queries.fates(every, now)
    opened = queries.expected(found, now, this)
    draws = rules.draw(closed, [one for _, one in opened])
    everybody, own = queries.accuracies(every, now - YEAR)
    coming = (1, 2, 3)
    near = [row for row in opened if row[1].month in coming]
    old = stale(now)
    counts = tied_counts(now - YEAR)
    return Forecast(
        months=[*_past(every, found, this), *_ahead(opened, draws, found, this)],
        by=by,
        parts=_parts(by, opened, draws),
        next_months=[calendar.add_months(this, ahead) for ahead in coming],
        next_range=draws.total(coming) if draws else None,
        next_budgets=_sum(near),
        next_weighted=_weighted(near),
        closed=len(closed),
        everybody=everybody,
        people=_people(every, everybody, own),
        stale=len(old),
        stale_sum=sum((one.amount for one in old), Decimal(0)),
        stale_reps=len({one.owner_id for one in old if one.owner_id}),
        won=counts.won,
        tied=counts.tied,
        orders=counts.orders,
        tied_sum=counts.amount,
        other_currencies=queries.other_currencies(),
    )


def _sum(rows: list[tuple[Budget, Open]]) -> Decimal:
    return sum((one.row.amount for one, _ in rows), Decimal(0))


def _weighted(rows: list[tuple[Budget, Open]]) -> Decimal:
    return sum((weighted(one.row.amount, one.row.stage) for one, _ in rows), Decimal(0))


def _past(every: list[Budget], found: list[Budget], this: date) -> list[Month]:
    """Return the months before with what came, beside what was expected when three months were to go."""
    came = queries.came_by_month(found)
    months = []
    for back in range(BACK - 1, -1, -1):
        month = calendar.add_months(this, -back)
        start = calendar.add_months(month, -2)
        moment = calendar.day_start(current_tenant(), start)
        opened = [one for _, one in queries.expected(found, moment, start)]
        draws = rules.draw(queries.fates(every, moment), opened, draws=FEWER_DRAWS)
        then = draws.total([2]) if draws else None
        months.append(Month(month, came.get(month, Decimal(0)), then, None, Decimal(0), Decimal(0)))
    return months


def _ahead(
    opened: list[tuple[Budget, Open]], draws: Draws | None, found: list[Budget], this: date
) -> list[Month]:
    months = []
    for ahead in range(1, AHEAD + 1):
        rows = [row for row in opened if row[1].month == ahead]
        told = draws.total([ahead]) if draws else None
        months.append(Month(calendar.add_months(this, ahead), None, None, told, _sum(rows), _weighted(rows)))
    return months


_KEYS: Final[dict[str, Callable[[Budget], tuple[str, str]]]] = {
    "rep": lambda one: (one.owner, str(one.row.owner.user) if one.row.owner else "Nobody"),
    "partner": lambda one: (str(one.row.partner_id), one.row.partner.name),
    "tier": lambda one: (
        one.row.partner.tier,
        str(Tier(one.row.partner.tier).label) if one.row.partner.tier else "No tier",
    ),
}


def _parts(by: str, opened: list[tuple[Budget, Open]], draws: Draws | None) -> list[Part]:
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (one, told) in enumerate(opened):
        if told.month in (1, 2, 3) or told.month <= 0:
            places[_KEYS[by](one)].append(place)
    parts = []
    for (key, name), at in places.items():
        rows = [opened[place] for place in at]
        told_range = draws.total((1, 2, 3), at) if draws else None
        parts.append(Part(key, name, len(rows), _sum(rows), _weighted(rows), told_range))
    parts.sort(key=lambda one: (-one.budgets, one.name))
    return parts[:MOST_GROUPS]


def _people(every: list[Budget], everybody: Accuracy, own: dict[UUID, Accuracy]) -> list[Person]:
    names = {one.row.owner_id: str(one.row.owner.user) for one in every if one.row.owner}
    people = [
        Person(pk, names[pk], one, *rules.reading(one, everybody)) for pk, one in own.items() if pk in names
    ]
    return sorted(people, key=lambda one: (-one.accuracy.closed, one.name))


def facts(found: Forecast) -> dict[str, Json]:
    """Return the forecast as JSON; amounts in the company's currency, ranges hold what comes in 95 of 100 cases."""
    return {
        "currency": current_tenant().currency,
        "closed": found.closed,
        "too_few": found.next_range is None,
        "next_three_months": {
            "first": found.next_months[0].isoformat(),
            "last": found.next_months[-1].isoformat(),
            "forecast": _range(found.next_range),
            "budgets": f"{found.next_budgets:.2f}",
            "weighted": f"{found.next_weighted:.2f}",
        },
        "months": [_month(one) for one in found.months],
        "by": found.by,
        "parts": [_part(one) for one in found.parts],
        "accuracy": _accuracy(found.everybody),
        "people": [
            {"id": str(one.id), "name": one.name, "says": one.words, **_accuracy(one.accuracy)}
            for one in found.people
        ],
        "stale": {
            "opportunities": found.stale,
            "amount": f"{found.stale_sum:.2f}",
            "after_days": STALE_AFTER,
        },
        "won": {
            "opportunities": found.won,
            "tied": found.tied,
            "orders": found.orders,
            "amount": f"{found.tied_sum:.2f}",
        },
    }


def _month(one: Month) -> dict[str, Json]:
    return {
        "month": one.first.isoformat(),
        "came": None if one.came is None else f"{one.came:.2f}",
        "expected_three_months_before": _range(one.expected_then),
        "forecast": _range(one.forecast),
        "budgets": f"{one.budgets:.2f}",
        "weighted": f"{one.weighted:.2f}",
    }


def _part(one: Part) -> dict[str, Json]:
    return {
        "id": one.key,
        "name": one.name,
        "opportunities": one.count,
        "budgets": f"{one.budgets:.2f}",
        "weighted": f"{one.weighted:.2f}",
        "forecast": _range(one.forecast),
    }


def _range(one: Range | None) -> dict[str, Json] | None:
    return (
        None if one is None else {"low": round(one.low), "middle": round(one.middle), "high": round(one.high)}
    )


def _accuracy(one: Accuracy) -> dict[str, Json]:
    if not one.is_told:
        return {"closed": one.closed, "part": None, "low": None, "high": None, "days_late": None}
    return {
        "closed": one.closed,
        "part": round(one.part, 3),
        "low": round(one.low, 3),
        "high": round(one.high, 3),
        "days_late": round(one.days_late),
    }
