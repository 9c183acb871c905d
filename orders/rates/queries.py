"""What waits for a rate, and the rates that are held."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from orders.book.models import Order
from orders.rates.models import ExchangeRate, RatePolicy
from orders.states import Wait
from prm.core.calendar import local_date
from prm.tenancy.context import current_tenant


class WaitingMonth(NamedTuple):
    """Orders of one currency and month whose amount counts nowhere yet, and why (`reason` of `Wait`).

    amount: in that currency. first_day: from which a rate would do for all of them.
    """

    currency: str
    month: date
    reason: str
    words: str
    orders: int
    amount: Decimal
    first_day: date
    last_day: date


def waiting_months(partner_id: UUID | None = None) -> list[WaitingMonth]:
    """Return what waits by currency, month and reason, the latest month first; of one partner or of all."""
    orders = Order.objects.counted().waiting()
    if partner_id is not None:
        orders = orders.credited_to(partner_id)
    rows: QuerySet[Order, Any] = (
        orders.order_by()
        .values("currency", "month", "waits")
        .annotate(n=Count("pk"), total=Sum("amount"), first=Min("placed_at"), last=Max("placed_at"))
        .order_by("-month", "currency", "waits")
    )
    return [
        WaitingMonth(
            row["currency"], row["month"], row["waits"], str(Wait(row["waits"]).label), row["n"], row["total"],
            _day(row["first"]), _day(row["last"]),
        )
        for row in rows
    ]  # fmt: skip


def waiting_count() -> int:
    """Count the orders whose amount counts nowhere yet."""
    return Order.objects.counted().waiting().count()


def has_foreign_orders() -> bool:
    """Return whether any order is in another currency than the tenant's."""
    return Order.objects.filter(Q(rate__isnull=False) | ~Q(waits="")).exists()


def rates() -> QuerySet[ExchangeRate]:
    """Return the rates into the tenant's currency, the latest of each currency first."""
    return ExchangeRate.objects.filter(into=current_tenant().currency).order_by("currency", "-since", "pk")


def oldest_days() -> int | None:
    """Return how many days a rate may be older than an order; None for any number."""
    policy = RatePolicy.objects.first()
    return None if policy is None else policy.oldest_days


def orders_by(rate: ExchangeRate) -> int:
    """Count the orders that are converted by a rate."""
    return Order.objects.filter(currency=rate.currency, rate_on=rate.since).count()


def _day(moment: datetime) -> date:
    return local_date(current_tenant(), moment)
