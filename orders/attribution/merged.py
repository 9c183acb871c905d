"""Orders of a partner that is merged into another, and of one that is not any more.

Months of both are made true in the same transaction. An order's version stays: it is the same order of the
same partner, so an import that brought it can still be taken back.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from orders.attribution.service import held_by, move_orders
from orders.book.models import Order, OrderShare, ShareRule
from orders.ingest.merging.merge import lock_orders
from orders.ingest.merging.months import recompute_months
from orders.ingest.statement import create
from orders.ingest.temporary import TOUCHED
from partners.directory.models import ReferralCode
from prm.tenancy.tasks import send_task


class Given(NamedTuple):
    """Orders that went with a partner; `own` are those of the other that had come with one of its codes.

    `codes` are all that the orders were sent with. By `own` and `codes` it is known, later, which came since.
    """

    ids: Sequence[UUID]
    own: Sequence[UUID]
    codes: Sequence[str]


def give_orders(partner_id: UUID, *, to: UUID) -> Given:
    """Give all orders of a partner to another; call it while their codes are still with each of them."""
    lock_orders()
    theirs = Order.objects.filter(partner=partner_id).order_by("pk").values_list("pk", "code")
    rows = list(theirs)
    own = Order.objects.filter(_sent_with(partner_id), partner=to).order_by("pk")
    given = Given(
        [pk for pk, _ in rows], list(own.values_list("pk", flat=True)), sorted({c for _, c in rows})
    )
    if rows:
        move_orders(Q(partner=partner_id), to)
    _share_anew()
    return given


def return_orders(given: Given, partner_id: UUID, *, to: UUID) -> int:
    """Give orders back, now that codes are back with each of them; return how many of `given` went.

    Those that came since go by their code. One that was sent anew with a code of whom it was given to stays there.
    """
    lock_orders()
    recoded = _sent_with(partner_id) & ~Q(code__in=given.codes)
    back = Q(_among(given.ids), partner=partner_id) & ~recoded
    since = Q(_sent_with(to), partner=partner_id) & ~_among(given.own)
    returned = Order.objects.filter(back).count()
    move_orders(back | since, to)
    _share_anew()
    return returned


def _share_anew() -> None:
    """Have orders shared anew in the background: rules of one of two partners hold for other orders by now.

    And two codes that share an order are one partner's, or are not any more.
    """
    if ShareRule.objects.exists() or Order.objects.exclude(credits="").exists():
        send_task("orders.share_by_rules")


def _sent_with(partner_id: UUID) -> Q:
    """Return the condition that an order was sent with one of a partner's codes, as far as these hold."""
    condition = Q(pk__in=[])
    for code in ReferralCode.objects.filter(partner=partner_id):
        if sources := held_by(code):
            condition |= Q(code=code.normal, source__in=sources)
    return condition


def _among(ids: Iterable[UUID]) -> Q:
    return Q(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [list(ids)]))  # nosec B611 # our own constant


def give_shares(partner_id: UUID, *, to: UUID) -> list[UUID]:
    """Give a partner's parts of shared orders to another; return which."""
    lock_orders()
    ids = list(OrderShare.objects.filter(partner=partner_id).order_by("pk").values_list("pk", flat=True))
    _move_shares(OrderShare.objects.filter(pk__in=ids), partner_id, to)
    return ids


def return_shares(ids: Sequence[UUID], partner_id: UUID, *, to: UUID) -> int:
    """Give parts back, those of them that are still there; return how many."""
    lock_orders()
    return _move_shares(OrderShare.objects.filter(_among(ids), partner=partner_id), partner_id, to)


def _move_shares(shares: QuerySet[OrderShare], partner_id: UUID, to: UUID) -> int:
    months = list(shares.order_by().values_list("month", flat=True).distinct())
    moved = shares.update(partner=to)
    if not moved:
        return 0
    create(TOUCHED)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pg_temp.prm_touched SELECT p, m FROM unnest(%s::uuid[]) p, unnest(%s::date[]) m",
            [[partner_id, to], months],
        )
    recompute_months()
    return moved
