"""Decided cases added up by whom they were against, and by product, region, rep, partner or reason."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import NullIf

from activities.market.board.rules import Span
from activities.market.competition.models import Insight, InsightDifferentiator, InsightQuerySet
from activities.market.competition.states import Outcome
from activities.market.names.models import Competitor, Differentiator
from orders.catalogue.models import Product
from orders.catalogue.queries import alike
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.core.fields import MoneyField

BY: Final = {"product": "product_id", "region": "partner__region", "rep": "rep_id", "partner": "partner_id"}
"""What cases can be grouped by, beside competitor and reason, with the column of each."""

Key = UUID | str


@dataclass(slots=True)
class Cases:
    """Cases of one group: in the period, and by the first day of each quarter. Money in the company's currency."""

    won: int = 0
    lost: int = 0
    money_won: Decimal = Decimal(0)
    money_lost: Decimal = Decimal(0)
    other_money: int = 0
    quarters: dict[date, tuple[int, int]] = field(default_factory=dict)

    @property
    def decided(self) -> int:
        """How many ended one way or the other."""
        return self.won + self.lost

    def take(self, more: "Cases") -> None:
        """Add the cases of another group."""
        for quarter, (won, decided) in more.quarters.items():
            before = self.quarters.get(quarter, (0, 0))
            self.quarters[quarter] = (before[0] + won, before[1] + decided)
        self.won += more.won
        self.lost += more.lost
        self.money_won += more.money_won
        self.money_lost += more.money_lost
        self.other_money += more.other_money

    def add(self, row: "Row") -> None:
        """Add cases of a quarter that ended alike, in the period or not."""
        won = row.cases if row.is_won else 0
        if row.quarter is not None:
            before = self.quarters.get(row.quarter, (0, 0))
            self.quarters[row.quarter] = (before[0] + won, before[1] + row.cases)
        if not row.is_inside:
            return
        self.won += won
        self.lost += row.cases - won
        if not row.is_own:
            self.other_money += row.priced
        elif row.is_won:
            self.money_won += row.money or 0
        else:
            self.money_lost += row.money or 0


class Row(NamedTuple):
    """Cases of a group in one quarter (None before those that are shown) that ended alike, in our currency or in others."""

    quarter: date | None
    is_inside: bool
    is_won: bool
    is_own: bool
    cases: int
    money: Decimal | None
    priced: int


def _decided(span: Span, product: UUID | None) -> InsightQuerySet:
    rows = Insight.objects.decided().filter(happened_on__lte=span.last)
    if span.reaches is not None:
        rows = rows.filter(happened_on__gte=span.reaches)
    return rows if product is None else rows.about(alike(product))


def _quarter(span: Span, path: str = "") -> Case:
    """Return the first day of the quarter a case is in, of those that are shown; None before them.

    A comparison with some days costs a quarter less time than the database's own truncation, which goes by its time zone.
    """
    firsts = sorted(span.quarters, reverse=True)
    after = [When(**{f"{path}happened_on__gte": first}, then=Value(first)) for first in firsts]
    return Case(*after, default=None, output_field=DateField())


def _whether(condition: Q) -> Case:
    return Case(
        When(condition, then=Value(value=True)), default=Value(value=False), output_field=BooleanField()
    )


def _rows(
    rows: "QuerySet[Insight] | QuerySet[InsightDifferentiator]",
    column: str,
    span: Span,
    path: str = "",
    amount: "F | CombinedExpression | None" = None,
) -> Iterator[tuple[Key | None, Row]]:
    """Yield the sums of each group (1 query, one pass).

    How a case ended and whether its money is ours are groups and no filters of the sums, which the database would look at for
    each of five sums again.
    """
    after = Q() if span.first is None else Q(**{f"{path}happened_on__gte": span.first})
    money = F(f"{path}amount") if amount is None else amount
    counted = (
        rows.order_by()
        .annotate(
            quarter=_quarter(span, path),
            inside=Value(value=True) if span.first is None else _whether(after),
            won=_whether(Q(**{f"{path}outcome": Outcome.WON})),
            own=_whether(Q(**{f"{path}currency": ""})),
        )
        .values_list(column, "quarter", "inside", "won", "own")
        .annotate(
            cases=Count("*"), money=Sum(money, output_field=MoneyField()), priced=Count(f"{path}amount")
        )
    )
    for key, *row in counted:
        yield key, Row(*row)


def by_competitor(span: Span, product: UUID | None = None) -> dict[Key, Cases]:
    """Return the decided cases against each competitor (1 query, one pass)."""
    return _grouped(_decided(span, product), "competitor_id", span)


def by_group(name: str, span: Span, *, most: int, product: UUID | None = None) -> dict[Key, Cases]:
    """Return the cases of the groups with most of them in the period (1 query, of partners 2, of products 4); `name` is a key of `BY`."""
    if name == "product":
        return by_product(span, most=most, product=product)
    column = BY[name]
    rows = _decided(span, product).exclude(**{column: "" if column.endswith("region") else None})
    if name != "partner":
        # Of regions and reps there are few: one pass, and the largest are chosen from what it found.
        found = _grouped(rows, column, span)
        largest = sorted(found, key=lambda key: (-found[key].decided, str(key)))
        return {key: found[key] for key in largest[:most] if found[key].decided}
    inside = rows if span.first is None else rows.filter(happened_on__gte=span.first)
    first = inside.order_by().values_list(column).annotate(n=Count("pk")).order_by("-n", column)[:most]
    keys = [key for key, _ in first]
    return _grouped(rows.filter(**{f"{column}__in": keys}), column, span)


def by_product(span: Span, *, most: int, product: UUID | None = None) -> dict[Key, Cases]:
    """Return the cases of the products with most of them in the period (2 to 4 queries); products that have become one are one.

    A case is about the product that it names, or else about that of its opportunity. One about an opportunity with several counts
    as a case of each, its money in their proportion.
    """
    rows = _decided(span, product)
    named = _grouped(rows, "product_id", span)
    # Where every case names its product, nobody looks for those of opportunities.
    found = [named, *_of_opportunities(rows, span)] if named.pop("", None) else [named]
    keys = {key for part in found for key in part}
    merged = Product.objects.filter(pk__in=keys).exclude(merged_into=None)
    main: dict[Key, Key] = {pk: into for pk, into in merged.values_list("pk", "merged_into") if into}
    wanted = None if product is None else {main.get(pk, pk) for pk in alike(product)}
    sums: dict[Key, Cases] = defaultdict(Cases)
    for part in found:
        for key, cases in part.items():
            if wanted is None or main.get(key, key) in wanted:
                sums[main.get(key, key)].take(cases)
    first = sorted(sums, key=lambda key: (-sums[key].decided, str(key)))
    return {key: sums[key] for key in first[:most]}


def _of_opportunities(rows: InsightQuerySet, span: Span) -> list[dict[Key, Cases]]:
    """Return the cases that name no product, by that of their opportunity, and by each of several (2 queries)."""
    unnamed = rows.filter(product=None, opportunity__isnull=False)
    share = F("amount") * F("opportunity__parts__amount") / NullIf(F("opportunity__amount"), Decimal(0))
    several = unnamed.filter(opportunity__parts__isnull=False)
    return [
        _grouped(unnamed.exclude(opportunity__product=None), "opportunity__product_id", span),
        _grouped(several, "opportunity__parts__product_id", span, share),
    ]


def _grouped(
    rows: "QuerySet[Insight]", column: str, span: Span, amount: "CombinedExpression | None" = None
) -> dict[Key, Cases]:
    """Return the cases by what a column names; those that name nothing are under ""."""
    found: dict[Key, Cases] = defaultdict(Cases)
    for key, row in _rows(rows, column, span, amount=amount):
        found["" if key is None else key].add(row)
    return found


def by_differentiator(
    span: Span, *, product: UUID | None = None, competitor: UUID | None = None
) -> dict[UUID, Cases]:
    """Return the cases that name each reason (2 queries); a case that names two which are one counts once."""
    rows = InsightDifferentiator.objects.filter(
        insight__outcome__in=(Outcome.WON, Outcome.LOST), insight__happened_on__lte=span.last
    )
    # Twins come of names that have become one: where there are none, nobody looks for them.
    if InsightDifferentiator.objects.filter(noted_as__isnull=False).exists():
        twin = InsightDifferentiator.objects.filter(
            insight=OuterRef("insight"), differentiator=OuterRef("differentiator"), pk__lt=OuterRef("pk")
        )
        rows = rows.exclude(Q(Exists(twin)))
    if span.reaches is not None:
        rows = rows.filter(insight__happened_on__gte=span.reaches)
    if product is not None:
        rows = rows.filter(insight__in=Insight.objects.about(alike(product)).values("pk"))
    if competitor is not None:
        rows = rows.filter(insight__competitor=competitor)
    found: dict[UUID, Cases] = defaultdict(Cases)
    for key, row in _rows(rows, "differentiator_id", span, "insight__"):
        if isinstance(key, UUID):
            found[key].add(row)
    return found


def other_money(span: Span, product: UUID | None = None) -> list[tuple[str, str, Decimal]]:
    """Return amounts in other currencies, never added to ours: currency, outcome, sum (1 query)."""
    rows = _decided(span, product).exclude(currency="").exclude(amount=None)
    if span.first is not None:
        rows = rows.filter(happened_on__gte=span.first)
    summed = rows.order_by().values_list("currency", "outcome").annotate(sum=Sum(F("amount")))
    return list(summed.order_by("currency", "outcome"))


def names_of(name: str, keys: Collection[Key]) -> dict[Key, str]:
    """Return what groups are called; `name` is a key of `BY`, "competitor" or "reason" (1 query; none for regions)."""
    if name == "region":
        return {key: str(key) for key in keys}
    if name == "rep":
        members = Membership.objects.filter(pk__in=keys).select_related("user")
        return {row.pk: str(row.user) for row in members}
    rows: Iterable[Partner | Product | Competitor | Differentiator]
    if name == "partner":
        rows = Partner.objects.filter(pk__in=keys)
    elif name == "product":
        rows = Product.objects.filter(pk__in=keys)
    elif name == "competitor":
        rows = Competitor.objects.filter(pk__in=keys)
    else:
        rows = Differentiator.objects.filter(pk__in=keys)
    return {row.pk: str(row) for row in rows}
