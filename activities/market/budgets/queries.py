"""Reads of budgets for other rooms."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from activities.market.budgets.models import BudgetUpdate, Opportunity, OpportunityOrder
from activities.market.budgets.sql import NAMES
from activities.market.budgets.states import OpportunityState
from orders.book.models import Order
from orders.runs.undo import Hindrance
from partners.directory.queries import partners_by_words
from prm.core.notation.reader import figure
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import plural

RAISE_DAYS = 90
STALE_DAYS = 30
"""An opportunity whose day has passed by more than this is not expected any more."""


class Expected(NamedTuple):
    """The open budgets of one partner."""

    amount: Decimal
    opportunities: int


MOST_NAMED = 5

NOTHING_EXPECTED = Expected(Decimal(0), 0)


def _open_at(partners: Q, currency: str, end: datetime) -> Q:
    return Q(
        partners,
        Q(opportunity__closed_at=None) | Q(opportunity__closed_at__gte=end),
        opportunity__currency=currency,
        at__lt=end,
    )


def expected_by_partner(partners: Q, *, currency: str, as_of: date, end: datetime) -> dict[UUID, Expected]:
    """Sum the open amounts per partner by each opportunity's last budget update before `end` (1 query).

    `partners` says whose by `opportunity__partner_id`; `end` is the first moment after the day `as_of`.
    """
    latest = (
        BudgetUpdate.objects.filter(_open_at(partners, currency, end))
        .order_by("opportunity_id", "-at", "-id")
        .distinct("opportunity_id")
        .values_list("opportunity__partner_id", "new_amount", "new_close")
    )
    sums: dict[UUID, Expected] = {}
    first, last = as_of - timedelta(days=STALE_DAYS), as_of + timedelta(days=366)
    for pk, amount, close in latest:
        if first <= close <= last:
            was = sums.get(pk, NOTHING_EXPECTED)
            sums[pk] = Expected(was.amount + amount, was.opportunities + 1)
    return sums


def raised_by_partner(partners: Q, *, currency: str, end: datetime) -> dict[UUID, Decimal]:
    """Return the net change of the open budgets in the last days before `end`, per partner (1 query)."""
    changes = (
        BudgetUpdate.objects.filter(
            _open_at(partners, currency, end),
            at__gte=end - timedelta(days=RAISE_DAYS),
            old_amount__isnull=False,
        )
        .values("opportunity__partner_id")
        .annotate(raised=Sum("new_amount") - Sum("old_amount"))
        .order_by()
    )
    return {row["opportunity__partner_id"]: row["raised"] for row in changes}


STALE_AFTER = 60
"""Days after which an open budget that nobody touched is asked for."""


def stale(at: datetime) -> list[Opportunity]:
    """Return open opportunities that nobody touched for `STALE_AFTER` days, the largest first (1 query)."""
    touched = BudgetUpdate.objects.filter(opportunity=OuterRef("pk"), at__gt=at - timedelta(days=STALE_AFTER))
    rows = Opportunity.objects.open().filter(
        ~Exists(touched), created_at__lte=at - timedelta(days=STALE_AFTER)
    )
    return list(rows.select_related("partner", "owner__user").order_by("-amount", "pk")[:1_000])


def asked_of(member_id: UUID) -> list[Opportunity]:
    """Return the opportunities a member was asked about and has not answered yet (1 query)."""
    rows = Opportunity.objects.open().filter(owner=member_id).exclude(asked_at=None)
    return list(rows.select_related("partner").order_by("-amount", "pk")[:20])


class Tied(NamedTuple):
    """Opportunities won, how many of them are tied to orders, to how many, and what those brought."""

    won: int
    tied: int
    orders: int
    amount: Decimal


def tied_counts(since: datetime) -> Tied:
    """Count what was won since a moment and the orders that fulfilled it (2 queries)."""
    won = Opportunity.objects.filter(state=OpportunityState.WON, closed_at__gte=since)
    sums = OpportunityOrder.objects.filter(opportunity__in=won.values("pk")).aggregate(
        tied=Count("opportunity", distinct=True), orders=Count("pk"), amount=Sum("order__counted")
    )
    return Tied(won.count(), sums["tied"], sums["orders"], sums["amount"] or Decimal(0))


def untied(since: datetime) -> list[Opportunity]:
    """Return won opportunities that no order is tied to, the latest first (1 query)."""
    rows = Opportunity.objects.filter(state=OpportunityState.WON, closed_at__gte=since, fulfilled_by=None)
    return list(rows.select_related("partner").order_by("-closed_at", "pk")[:50])


def may_fulfil(opportunity: Opportunity) -> QuerySet[Order]:
    """Return orders that may have fulfilled a won opportunity, the latest first.

    Those of its partner, from 30 days before it was won to a year after, which are tied to no other one.
    """
    closed = opportunity.closed_at or opportunity.created_at
    others = OpportunityOrder.objects.filter(order=OuterRef("pk")).exclude(opportunity=opportunity)
    rows = Order.objects.filter(
        partner=opportunity.partner_id,
        placed_at__gte=closed - timedelta(days=30),
        placed_at__lte=closed + timedelta(days=365),
    )
    return rows.filter(~Exists(others)).order_by("-placed_at", "pk")


def fulfilled_by(leaving: QuerySet[Order], **_signal: object) -> list[Hindrance]:
    """Return the won opportunities, each with its page, that orders of `leaving` fulfilled; the first five by name.

    Such orders do not leave unasked: the tie is somebody's word.
    """
    won = Opportunity.objects.filter(fulfilled_by__order__in=leaving)
    counted = (
        won.annotate(tied=Count("fulfilled_by")).order_by("name", "pk").values_list("pk", "name", "tied")
    )
    found = [
        Hindrance(
            f"{plural(tied, *order_nouns())} tied to the won opportunity “{name}”",
            tenant_url(current_tenant(), "activities:opportunity", pk=pk),
        )
        for pk, name, tied in counted[:MOST_NAMED]
    ]
    more = counted.count() - len(found) if len(found) == MOST_NAMED else 0
    return (
        [*found, Hindrance(f"{figure(more)} more won opportunities with such {order_nouns()[1]}")]
        if more
        else found
    )


def opportunities_by_words(words: Sequence[str], *, most: int) -> list[Opportunity]:
    """Return at most about `most` opportunities whose name, or whose partner's, has words that begin so.

    Read by indexes alone (three queries): of the partners only those found first.
    """
    ids = NAMES.named(words, tenant_id=current_tenant().pk, most=most)
    partners = partners_by_words(words, most=most)
    named = Opportunity.objects.filter(pk__in=ids).values("pk")
    theirs = Opportunity.objects.filter(partner__in=partners).values("pk")[:most]
    return list(Opportunity.objects.filter(pk__in=named.union(theirs)).select_related("partner"))
