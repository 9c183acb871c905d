"""Reads that join orders with partner-months and standings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    F,
    Max,
    Min,
    Model,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Round, TruncWeek

from orders.book.models import Order, OrderLine, OrderShare
from orders.book.shares import parts_of
from orders.catalogue.models import Product
from orders.sources.models import OrderSource
from orders.states import OrderState
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from prm.core.calendar import add_months, month_range, month_start, today
from prm.core.fields import MoneyField
from prm.core.money import currency_decimals
from prm.core.words.tables import beginning
from prm.tenancy.audit import gone, was
from prm.tenancy.context import current_tenant

# Shared orders whose parts are added up for a list.
MOST_SHARED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Consequence:
    """What tying a code does to a partner's trailing revenue (twelve calendar months)."""

    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class MonthStates:
    """A partner's own orders of one month, by state."""

    month: date
    completed: int = 0
    scheduled: int = 0
    received: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.completed + self.scheduled + self.received + self.cancelled


def _waiting_under(code: str, sources: Collection[UUID] | None) -> QuerySet[Order]:
    waits = Order.objects.filter(code=code, partner=None)
    return waits if sources is None else waits.filter(source__in=sources)


def consequence(partner_id: UUID, code: str, *, sources: Collection[UUID] | None = None) -> Consequence:
    """Return the revenue of twelve months before and after the code's orders count for the partner.

    `sources` are those that mean the same by the code; `None` takes all.
    """
    this_month = month_start(today(current_tenant()))
    since = add_months(this_month, -11)
    held = PartnerMonth.objects.filter(partner=partner_id).of_year_ending(this_month)
    before = held.aggregate(total=Sum("revenue"))["total"] or Decimal(0)
    waits = _waiting_under(code, sources).exclude(state=OrderState.CANCELLED)
    waits = waits.filter(month__gte=since, month__lte=this_month)
    return Consequence(before, before + (waits.aggregate(total=Sum("counted"))["total"] or Decimal(0)))


def months_of_code(code: str, *, sources: Collection[UUID] | None = None) -> list[int]:
    """Count the orders that wait under a code in each of the last twelve months, oldest first."""
    this_month = month_start(today(current_tenant()))
    since = add_months(this_month, -11)
    rows = _waiting_under(code, sources).filter(month__gte=since).order_by()
    counted = dict(rows.values_list("month").annotate(n=Count("pk")))
    return [counted.get(month, 0) for month in month_range(since, this_month)]


def own_months(partner_id: UUID, months: int = 12) -> list[MonthStates]:
    """Count a partner's own orders by month and state, oldest first; reversals are left out."""
    this_month = month_start(today(current_tenant()))
    since = add_months(this_month, 1 - months)
    rows = (
        Order.objects.credited_to(partner_id)
        .filter(is_reversal=False, month__gte=since, month__lte=this_month)
        .order_by()
        .values_list("month", "state")
        .annotate(n=Count("pk"))
    )
    found: dict[date, dict[str, int]] = {}
    for month, state, count in rows:
        found.setdefault(month, {})[state] = count
    return [MonthStates(month, **found.get(month, {})) for month in month_range(since, this_month)]


def own_orders(partner_id: UUID) -> QuerySet[Order]:
    """Return a partner's own orders, latest first, without anything about money."""
    return (
        Order.objects.credited_to(partner_id)
        .filter(is_reversal=False)
        .only("number", "placed_at", "state", "updated_at", "tenant_id", "is_shared")
        .order_by("-month", "-placed_at", "-id")
    )


def with_first_products(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Load the first line of each order with its product, as `first_lines`: two queries per batch."""
    first = OrderLine.objects.filter(ordinal=1).select_related("product")
    return orders.prefetch_related(Prefetch("lines", first, to_attr="first_lines"))


def first_product(order: Order) -> str:
    """Return the name of an order's first product; of orders read `with_first_products`."""
    return next((str(line.product) for line in getattr(order, "first_lines", ()) if line.product), "")


def products_of(orders: Sequence[Order]) -> dict[UUID, str]:
    """Return the name of the first product of each order, for lists; one query."""
    lines = OrderLine.objects.filter(order__in=[o.pk for o in orders], ordinal=1).select_related("product")
    return {line.order_id: str(line.product) if line.product else "" for line in lines}


def order_weeks(partner: Partner) -> QuerySet[Order, Any]:
    """Return one row per week of the tenant's calendar and currency with orders that count, newest first.

    Of shared orders the amount is the partner's part.
    """
    orders = Order.objects.counted().credited_to(partner.pk)
    # Without an order that is shared with the partner there is no part to speak of.
    is_shared = "part_percent" in orders.query.annotations
    part = Round(F("amount") * F("part_percent") / 100, precision=2)
    credit = Case(When(is_shared=True, then=part), default=F("amount"), output_field=MoneyField())
    amount = Sum(credit) if is_shared else Sum("amount")
    weeks: QuerySet[Order, Any] = (
        orders.annotate(week=TruncWeek("placed_at", tzinfo=ZoneInfo(current_tenant().timezone)))
        .values("week", "currency")
        .annotate(orders=Count("pk"), amount=amount, first=Min("placed_at"), last=Max("placed_at"))
        .order_by("-week")
    )
    return weeks


def orders_numbered(text: str, *, most: int) -> list[UUID]:
    """Return ids of at most `most` orders whose number begins with the text, as written or in capitals.

    Numbers are indexed by source, so each source is asked for its own; the exact number comes first.
    """
    forms = dict.fromkeys((text, text.upper()))
    found: list[tuple[str, UUID]] = []
    for source in OrderSource.objects.values_list("pk", flat=True):
        for form in forms:
            numbered = beginning(Order.objects.filter(source=source), "number", form).order_by("number")
            found += numbered.values_list("number", "pk")[:most]
    return [pk for _, pk in sorted(dict.fromkeys(found))][:most]


def parts_counted(
    order: Order, shares: Sequence[OrderShare], places: int
) -> list[tuple[OrderShare, Decimal | None]]:
    """Return what each part of an order counts as in the tenant's currency, None while it waits; see `shares.parts_of`."""
    if order.counted is None:
        return [(share, None) for share in shares]
    ordered = sorted(shares, key=lambda share: (-share.percent, share.pk))
    parts = parts_of(order.counted, [share.percent for share in ordered], places)
    return list(zip(ordered, parts, strict=True))


def credit_in(orders: QuerySet[Order], partner_id: UUID) -> Decimal | None:
    """Return what a partner's parts of these shared orders come to; None where they are too many to be added up here."""
    shared = list(orders.filter(is_shared=True).order_by()[: MOST_SHARED + 1])
    if len(shared) > MOST_SHARED:
        return None
    by_order: dict[UUID, list[OrderShare]] = {}
    for share in OrderShare.objects.filter(order__in=[order.pk for order in shared]):
        by_order.setdefault(share.order_id, []).append(share)
    places = currency_decimals(current_tenant().currency)
    return sum(
        (
            part or Decimal(0)
            for order in shared
            for share, part in parts_counted(order, by_order.get(order.pk, []), places)
            if share.partner_id == partner_id
        ),
        Decimal(0),
    )


def revenue_by_tier(
    now: tuple[datetime, datetime], before: tuple[datetime, datetime]
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return what orders of two spans (from the first moment to before the second) count as, by their partner's tier today.

    "" has orders of partners without a tier and shared ones that are nobody's alone; those that wait, for a partner
    or for a rate, are left out. One query.
    """
    spans = [Q(placed_at__gte=first, placed_at__lt=end) for first, end in (now, before)]
    rows = (
        Order.objects.counted()
        .filter(Q(partner__isnull=False) | Q(is_shared=True), spans[0] | spans[1], waits="")
        .order_by()
        .values("partner__tier")
        .annotate(now=Sum("counted", filter=spans[0]), before=Sum("counted", filter=spans[1]))
    )
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        had = found.get(row["partner__tier"] or "", (Decimal(0), Decimal(0)))
        found[row["partner__tier"] or ""] = (had[0] + (row["now"] or 0), had[1] + (row["before"] or 0))
    return found


class ProductRevenue(NamedTuple):
    """What one product brought: orders that name it, units and revenue in the tenant's currency. None: lines of no product."""

    product: Product | None
    orders: int
    units: Decimal
    revenue: Decimal


def revenue_by_product(partner_id: UUID, *, first: date, last: date) -> list[ProductRevenue]:
    """Return what a partner's orders of these months came to by product, the most first; of shared orders its part.

    Codes that mean the same are one product. Counted is what counts in months: cancelled orders and lines, and those that
    wait for a rate, are left out. Two queries. Lines are converted and shared one by one, so that cents may differ from
    the month's.
    """
    orders = (
        Order.objects.counted().credited_to(partner_id).filter(waits="", month__gte=first, month__lte=last)
    )
    credit: Combinable = F("amount") * Coalesce(F("order__rate"), Value(1), output_field=DecimalField())
    units: Combinable = F("quantity")
    if "part_percent" in orders.query.annotations:
        share = (
            OrderShare.objects.filter(order=OuterRef("order"), partner=partner_id)
            .order_by()
            .values("order")
            .annotate(total=Sum("percent"))
            .values("total")
        )
        part = Case(
            When(order__is_shared=True, then=Subquery(share)), default=Value(100), output_field=DecimalField()
        )
        credit, units = credit * part / 100, units * part / 100
    rows = (
        OrderLine.objects.filter(order__in=orders.order_by().values("pk"))
        .exclude(state=OrderState.CANCELLED)
        .order_by()
        .annotate(main=Coalesce("product__merged_into", "product"))
        .values("main")
        .annotate(
            orders=Count("order", distinct=True),
            units=Sum(units, output_field=DecimalField()),
            revenue=Sum(credit, output_field=DecimalField()),
        )
    )
    found = list(rows)
    products = Product.objects.in_bulk([row["main"] for row in found if row["main"]])
    made = [
        ProductRevenue(
            products.get(row["main"]), row["orders"], row["units"], row["revenue"].quantize(Decimal("0.0001"))
        )
        for row in found
    ]
    return sorted(made, key=lambda one: (-one.revenue, one.product.code if one.product else "~"))


class FormerPart(NamedTuple):
    """A part of an order that somebody, or a rule, has taken back."""

    partner: str
    percent: Decimal
    origin: str
    at: datetime
    by: str


def former_parts(order: Order, most: int = 20) -> list[FormerPart]:
    """Return the parts that an order had and has no more, the last taken first; two queries."""
    events = list(gone(OrderShare).filter(order_id=order.pk)[:most])
    rows = [(was(OrderShare, event), event) for event in events]
    names = dict(
        Partner.with_merged.filter(pk__in={row.partner_id for row, _ in rows}).values_list("pk", "name")
    )
    return [
        FormerPart(
            names.get(row.partner_id, "–"),
            row.percent,
            row.get_origin_display(),
            event.pgh_created_at,
            str((event.pgh_context or {}).get("label") or "a program"),
        )
        for row, event in rows
    ]


def orders_between(
    partners: QuerySet[Model, object], *, since: datetime, until: datetime, product: Product | None = None
) -> QuerySet[Order]:
    """Return counted orders of some partners in [since, until): of a product, and of those that stand for it, or of anything."""
    rows = Order.objects.counted().filter(
        partner_id__in=partners, placed_at__gte=since, placed_at__lt=until, is_reversal=False
    )
    if product is None:
        return rows
    lines = OrderLine.objects.filter(
        order=OuterRef("pk"),
        product_id__in=Product.objects.filter(Q(pk=product.pk) | Q(merged_into=product.pk)).values("pk"),
    )
    return rows.filter(Exists(lines))
