"""Whose orders are they: the queue of unattributed orders, and the answers people give.

An answer for a code is remembered (as a referral code of the partner, or as an ignored code) and
applied to the past at once: orders, partner-months and standings. Every answer can be undone.
All writes take the tenant's order lock, so that no import in progress overlooks an answer.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, Sum

from orders.attribution.suggestions import FEWEST_DIGITS, Candidate, Suggestion, digits_of, suggest
from orders.book.models import IgnoredCode, Order
from orders.ingest.merging.merge import lock_orders
from orders.ingest.merging.months import recompute_months
from partners.directory.models import Partner, ReferralCode
from partners.directory.queries import NamedPartner, partners_named, similar_partners
from partners.directory.service import add_code
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, current_tenant, granted
from prm.tenancy.use_cases import requires


class Waiting(NamedTuple):
    """One code in the queue ("" for orders without a code) with everything that waits under it."""

    code: str
    name: str
    source: str
    orders: int
    amount: Decimal
    first: datetime
    last: datetime


class Tied(NamedTuple):
    """What an answer did."""

    orders: int
    amount: Decimal


# --- the queue ----------------------------------------------------------------------------------


@requires(Right.ORDER_TIE)
def waiting(limit: int | None = None) -> list[Waiting]:
    """Return codes by money, most first; orders without any code come as one entry, last."""
    rows = (
        Order.objects.unattributed()
        .order_by()
        .values("code")
        .annotate(
            name=Max("partner_name"),
            sent_by=Max("source__name"),
            orders=Count("*"),
            total=Sum("amount"),
            first=Min("placed_at"),
            last=Max("placed_at"),
        )
    )
    found = [
        Waiting(r["code"], r["name"], r["sent_by"], r["orders"], r["total"], r["first"], r["last"])
        for r in rows
    ]
    found.sort(key=lambda entry: (entry.code == "", -entry.amount, entry.code))
    return found if limit is None else found[:limit]


@requires(Right.ORDER_TIE)
def waiting_codes() -> int:
    """Return how many codes wait, for the counter beside the page's name."""
    return Order.objects.unattributed().order_by().exclude(code="").values("code").distinct().count()


@requires(Right.ORDER_TIE)
def suggestions_for(entries: Sequence[Waiting]) -> dict[str, list[Suggestion]]:
    """Return guesses for each code, with two queries for all of them together."""
    asked = [entry for entry in entries if entry.code]
    similar = similar_partners([entry.name for entry in asked])
    digits = {digits for entry in asked if len(digits := digits_of(entry.code)) >= FEWEST_DIGITS}
    named = partners_named(chain.from_iterable(similar), digits=digits)
    guesses = {}
    for entry, ids in zip(asked, map(set, similar), strict=True):
        wanted = digits_of(entry.code)
        likely = [p for p in named if p.id in ids or wanted in map(digits_of, p.codes)]
        guesses[entry.code] = suggest(entry.code, entry.name, list(map(_candidate, likely)))
    return guesses


def _candidate(partner: NamedPartner) -> Candidate:
    return Candidate(partner.id, partner.name, partner.specialty, partner.organisation, partner.codes)


# --- answers ------------------------------------------------------------------------------------


@requires(Right.ORDER_TIE)
@transaction.atomic
def tie_code(code: str, *, partner_id: UUID, scheme: str = "") -> Tied:
    """Say whose code it is: remembered, and applied to all its orders of the past.

    Raises `Refused` when the code is somebody's already, or the partner is not there.
    """
    lock_orders()
    if not Partner.objects.filter(pk=partner_id).exists():
        raise Refused("Choose a partner.", field="partner", code="required")
    IgnoredCode.objects.filter(normal=code).delete()
    waits = Order.objects.filter(code=code, partner=None).aggregate(n=Count("pk"), total=Sum("amount"))
    # add_code tells everybody, and with that tie_waiting below.
    with granted(Right.PARTNER_EDIT):
        add_code(partner_id, scheme=scheme or _scheme_of(code), code=code)
    return Tied(waits["n"], waits["total"] or Decimal(0))


def _scheme_of(code: str) -> str:
    order = Order.objects.filter(code=code).select_related("source").first()
    scheme = order.source.rules.code_scheme if order is not None else ""
    # A code that is no NPI after all is kept under no scheme rather than refused.
    return "" if scheme.upper() == "NPI" else scheme


@requires(Right.ORDER_TIE, Right.PARTNER_EDIT)
@transaction.atomic
def tie_waiting(*, partner_id: UUID, normal: str) -> int:
    """Tie every order that waits for a code which now is known. Return how many.

    Raises `Refused` for who may add codes, but not say whose orders are that have come already.
    """
    lock_orders()
    wait = Order.objects.filter(code=normal, partner=None)
    if not current_actor().may(Right.ORDER_TIE) and (count := wait.count()):
        raise Refused(
            f"Orders ({count:,}) wait for {normal}: whose they are, a manager decides. "
            "Save without this code, and ask for it to be tied.",
            field="code",
            code="not_allowed",
        )
    return _set_partner(Q(code=normal, partner=None), partner_id)


@requires(Right.ORDER_TIE)
@transaction.atomic
def untie_code(code: str) -> int:
    """Undo `tie_code`: forget the code and send its orders back to the queue."""
    lock_orders()
    known = ReferralCode.objects.filter(normal=code).first()
    if known is None:
        raise Refused(f"{code} is nobody's code.", code="not_tied")
    partner_id = known.partner_id
    known.delete()
    return _set_partner(Q(code=code, partner_id=partner_id), None)


@requires(Right.ORDER_TIE)
@transaction.atomic
def tie_orders(order_ids: Sequence[UUID], *, partner_id: UUID) -> Tied:
    """Tie single orders, for instance such as came without a code."""
    lock_orders()
    if not Partner.objects.filter(pk=partner_id).exists():
        raise Refused("Choose a partner.", field="partner", code="required")
    chosen = Order.objects.filter(pk__in=order_ids)
    total = chosen.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    tied = _set_partner(Q(pk__in=order_ids), partner_id)
    return Tied(tied, total)


@requires(Right.ORDER_TIE)
@transaction.atomic
def untie_orders(order_ids: Sequence[UUID]) -> int:
    """Send single orders back to the queue."""
    lock_orders()
    return _set_partner(Q(pk__in=order_ids), None)


@requires(Right.ORDER_TIE)
@transaction.atomic
def ignore_code(code: str, *, note: str = "") -> int:
    """Say that a code is nobody's: its orders leave the queue. Return how many orders that are."""
    if not code:
        raise Refused("Orders without a code are set aside one by one.", code="no_code")
    lock_orders()
    IgnoredCode.objects.get_or_create(normal=code, defaults={"note": note[:200]})
    return Order.objects.filter(code=code, partner=None).count()


@requires(Right.ORDER_TIE)
@transaction.atomic
def unignore_code(code: str) -> None:
    """Undo `ignore_code`."""
    lock_orders()
    IgnoredCode.objects.filter(normal=code).delete()


@requires(Right.ORDER_TIE)
@transaction.atomic
def ignore_orders(order_ids: Sequence[UUID], *, ignored: bool = True) -> int:
    """Take single orders out of the queue, or put them back."""
    lock_orders()
    return Order.objects.filter(pk__in=order_ids, partner=None).update(is_ignored=ignored)


def _set_partner(which: Q, partner_id: UUID | None) -> int:
    """Move orders to a partner (or to nobody) and make the months of both sides true."""
    values: dict[str, UUID | None] = {"partner": partner_id}
    chosen = (
        Order.objects.filter(which).exclude(partner_id=partner_id)
        if partner_id
        else Order.objects.filter(which)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS pg_temp.prm_touched;"
            "CREATE TEMP TABLE prm_touched (partner_id uuid, month date) ON COMMIT DROP"
        )
        sql, parameters = chosen.order_by().values_list("id", "partner_id", "month").query.sql_with_params()
        cursor.execute(f"CREATE TEMP TABLE prm_moved ON COMMIT DROP AS {sql}", parameters)
        cursor.execute(
            "INSERT INTO pg_temp.prm_touched"
            " SELECT partner_id, month FROM pg_temp.prm_moved WHERE partner_id IS NOT NULL"
            " UNION SELECT %(partner)s::uuid, month FROM pg_temp.prm_moved WHERE %(partner)s::uuid IS NOT NULL",
            values,
        )
        cursor.execute(
            "UPDATE orders_order o SET partner_id = %(partner)s, updated_at = %(now)s,"
            " is_ignored = false, revision = revision + 1"
            " FROM pg_temp.prm_moved m WHERE o.tenant_id = %(tenant)s AND o.id = m.id",
            values | {"tenant": current_tenant().pk, "now": now()},
        )
        moved: int = cursor.rowcount
        cursor.execute("DROP TABLE pg_temp.prm_moved")
    recompute_months()
    return moved
