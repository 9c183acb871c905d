"""The history of budgets, as it stood at any day: what was expected, and what came."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, Sum

from activities.market.budgets.models import BudgetUpdate, Opportunity, OpportunityOrder
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.budgets.states import OpportunityState
from activities.market.forecast.rules import Accuracy, Closed, Open, accuracy
from prm.core import calendar
from prm.tenancy.context import current_tenant

BEFORE: Final = timedelta(days=90)
"""A closed budget is judged by what was entered so long before it closed: later ones follow what is known by then."""

MEMORY: Final = timedelta(days=730)
MOST: Final = 5_000
"""Budgets that a forecast looks at: the latest closed, and the largest open ones."""


@dataclass(slots=True)
class Budget:
    """One opportunity with all that was ever entered for it: (when, amount, day), oldest first."""

    row: Opportunity
    came: Decimal
    entered: list[tuple[datetime, Decimal, date]] = field(default_factory=list)

    def at(self, moment: datetime) -> tuple[Decimal, date] | None:
        """Return amount and day as they stood then; None before it was opened."""
        told = None
        for when, amount, day in self.entered:
            if when > moment and told is not None:
                break
            if when <= moment:
                told = (amount, day)
        return told

    def part(self, share: Decimal) -> "Budget":
        """Return a part of it, 0 to 1, as a budget of its own: in that proportion it was expected, and came."""
        row = copy(self.row)
        row.amount = row.amount * share
        return Budget(
            row, self.came * share, [(when, amount * share, day) for when, amount, day in self.entered]
        )

    @property
    def judged(self) -> tuple[Decimal, date]:
        """Return what was entered three months before it closed, or first, when it was opened later."""
        closed = self.row.closed_at
        found = self.at(closed - BEFORE) if closed else None
        return found or self.entered[0][1:]

    def closed_before(self, moment: datetime) -> bool:
        """Whether it was won or lost by then."""
        return self.row.closed_at is not None and self.row.closed_at <= moment

    @property
    def owner(self) -> str:
        """Whose it is, "" for nobody's."""
        return str(self.row.owner_id or "")


def budgets(now: datetime) -> list[Budget]:
    """Return the budgets in the company's currency that are open, or closed within two years (3 queries)."""
    rows = Opportunity.objects.filter(currency=current_tenant().currency).select_related(
        "partner", "owner__user"
    )
    closed = rows.filter(closed_at__gte=now - MEMORY).order_by("-closed_at")[:MOST]
    found = [*closed, *rows.open().order_by("-amount", "pk")[:MOST]]
    ids = [row.pk for row in found]
    tied = dict(
        OpportunityOrder.objects.filter(opportunity__in=ids)
        .order_by()
        .values_list("opportunity")
        .annotate(sum=Sum("order__counted"))
    )
    made = {row.pk: Budget(row, _came(row, tied.get(row.pk))) for row in found}
    updates = BudgetUpdate.objects.filter(opportunity__in=ids).order_by("at", "id")
    for pk, at, amount, day in updates.values_list("opportunity_id", "at", "new_amount", "new_close"):
        made[pk].entered.append((at, amount, day))
    return [one for one in made.values() if one.entered]


def _came(row: Opportunity, tied: Decimal | None) -> Decimal:
    """Return what a closed budget brought: its orders, where it is tied to some, else what it was won with."""
    if row.state != OpportunityState.WON:
        return Decimal(0)
    return row.amount if tied is None else tied


def about(found: Iterable[Budget], products: Collection[UUID]) -> list[Budget]:
    """Return the budgets about one of these products, of one about several its part of every amount (1 query)."""
    rows = OpportunityProduct.objects.filter(product__in=products).order_by()
    parts = dict(rows.values_list("opportunity").annotate(sum=Sum("amount")))
    return [
        one if one.row.product_id in products else one.part(parts[one.row.pk] / one.row.amount)
        for one in found
        if one.row.product_id in products or (one.row.pk in parts and one.row.amount)
    ]


def fates(found: Iterable[Budget], moment: datetime) -> list[Closed]:
    """Return how budgets fared that were closed by a moment."""
    tenant = current_tenant()
    told = []
    for one in found:
        if not one.closed_before(moment) or one.row.closed_at is None:
            continue
        amount, day = one.judged
        if amount > 0:
            late = calendar.months_between(
                calendar.month_start(day), calendar.month_of(tenant, one.row.closed_at)
            )
            told.append(Closed(float(one.came / amount), late, one.owner))
    return told


def expected(found: Iterable[Budget], moment: datetime, month: date) -> list[tuple[Budget, Open]]:
    """Return what was open at a moment, with months counted from `month`."""
    rows = []
    for one in found:
        told = None if one.closed_before(moment) else one.at(moment)
        if told is not None:
            ahead = calendar.months_between(month, calendar.month_start(told[1]))
            rows.append((one, Open(float(told[0]), ahead, one.owner)))
    return rows


def came_by_month(found: Iterable[Budget]) -> dict[date, Decimal]:
    """Return what won budgets brought in each month they closed in."""
    tenant = current_tenant()
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for one in found:
        if one.row.closed_at is not None:
            sums[calendar.month_of(tenant, one.row.closed_at)] += one.came
    return sums


def accuracies(found: Iterable[Budget], since: datetime) -> tuple[Accuracy, dict[UUID, Accuracy]]:
    """Return how budgets closed since came true: of everybody, and of each owner."""
    groups: dict[UUID | None, list[Budget]] = defaultdict(list)
    closed = [one for one in found if one.row.closed_at is not None and one.row.closed_at >= since]
    for one in closed:
        groups[one.row.owner_id].append(one)
    return _accuracy(closed), {key: _accuracy(rows) for key, rows in groups.items() if key is not None}


def _accuracy(rows: list[Budget]) -> Accuracy:
    tenant = current_tenant()
    days = [
        float((calendar.local_date(tenant, one.row.closed_at) - one.judged[1]).days)
        for one in rows
        if one.row.closed_at is not None and one.row.state == OpportunityState.WON
    ]
    return accuracy([float(one.judged[0]) for one in rows], [float(one.came) for one in rows], days)


def other_currencies() -> list[tuple[str, Decimal, int]]:
    """Return open budgets in other currencies, never added to ours: currency, sum, how many (1 query)."""
    rows = Opportunity.objects.open().filter(~Q(currency=current_tenant().currency)).order_by()
    summed = rows.values_list("currency").annotate(sum=Sum("amount"), n=Count("pk"))
    return list(summed.order_by("currency"))
