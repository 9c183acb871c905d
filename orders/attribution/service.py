"""Whose orders are they: the queue of unattributed orders, and the answers people give.

An answer for a code is remembered (as a referral code of the partner, or as an ignored code) and
applied to the past at once: orders, partner-months and standings. Every answer can be undone.
All writes take the tenant's order lock, so that no import in progress overlooks an answer.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, Count, F, Max, Min, Q, Sum, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform

from orders.attribution.suggestions import FEWEST_DIGITS, Candidate, Suggestion, digits_of, suggest
from orders.book.models import IgnoredCode, Order
from orders.ingest.merging.merge import lock_orders
from orders.ingest.merging.months import recompute_months
from orders.sources.models import OrderSource
from orders.sources.queries import sources_of
from partners.directory.models import Partner, ReferralCode
from partners.directory.queries import NamedPartner, partners_named, similar_partners
from partners.directory.schemes import key_of
from partners.directory.service import add_code
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, current_tenant, granted
from prm.tenancy.use_cases import requires


class Waiting(NamedTuple):
    """One code in the queue ("" for orders without a code) with everything that waits under it.

    `scheme` says whose code it is: sources of the same scheme mean the same by it, others do not.
    The amount is in the tenant's currency; orders whose rate is missing are counted, their money is not.
    """

    code: str
    scheme: str
    scheme_key: str
    name: str
    source: str
    orders: int
    amount: Decimal
    first: datetime
    last: datetime

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from other entries."""
        return self.code, self.scheme_key


class Tied(NamedTuple):
    """What an answer did; the amount is in the tenant's currency."""

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
            # Without a code it does not matter whose it would be.
            key=Case(
                When(code="", then=Value("")), default=F("source__scheme_key"), output_field=TextField()
            ),
            scheme=Max(
                KeyTextTransform("code_scheme", "source__spec"), filter=~Q(code=""), output_field=TextField()
            ),
            name=Max("partner_name"),
            sent_by=Max("source__name"),
            orders=Count("*"),
            total=Sum("counted"),
            first=Min("placed_at"),
            last=Max("placed_at"),
        )
    )
    found = [
        Waiting(
            r["code"],
            r["scheme"] or "",
            r["key"],
            r["name"],
            r["sent_by"],
            r["orders"],
            r["total"] or Decimal(0),
            r["first"],
            r["last"],
        )
        for r in rows
    ]
    found.sort(key=lambda entry: (entry.code == "", -entry.amount, entry.key))
    return found if limit is None else found[:limit]


@requires(Right.ORDER_TIE)
def waiting_codes() -> int:
    """Return how many codes wait, for the counter beside the page's name."""
    coded = Order.objects.unattributed().order_by().exclude(code="")
    return coded.values("code", "source__scheme_key").distinct().count()


@requires(Right.ORDER_TIE)
def suggestions_for(entries: Sequence[Waiting]) -> dict[tuple[str, str], list[Suggestion]]:
    """Return guesses for each entry by its key, with three queries for all of them together."""
    asked = [entry for entry in entries if entry.code]
    similar = similar_partners([entry.name for entry in asked])
    digits = {digits for entry in asked if len(digits := digits_of(entry.code)) >= FEWEST_DIGITS}
    named = partners_named(chain.from_iterable(similar), digits=digits)
    systems = set(OrderSource.objects.order_by().values_list("scheme_key", flat=True)) if named else set()
    guesses = {}
    for entry, ids in zip(asked, map(set, similar), strict=True):
        wanted = digits_of(entry.code)
        # The code of another system says nothing.
        others = systems - {entry.scheme_key}
        candidates = [_candidate(partner, others) for partner in named]
        likely = [c for c in candidates if c.id in ids or wanted in map(digits_of, c.codes)]
        guesses[entry.key] = suggest(entry.code, entry.name, likely)
    return guesses


def _candidate(partner: NamedPartner, other_systems: Collection[str]) -> Candidate:
    codes = tuple(normal for scheme_key, normal in partner.codes if scheme_key not in other_systems)
    return Candidate(partner.id, partner.name, partner.specialty, partner.organisation, codes)


# --- answers ------------------------------------------------------------------------------------


@requires(Right.ORDER_TIE)
@transaction.atomic
def tie_code(code: str, *, partner_id: UUID, scheme: str | None = None) -> Tied:
    """Say whose code it is: remembered, and applied to all its orders of the past.

    `scheme` is that of the systems that sent it; `None` is enough where all have the same. Raises `Refused`
    when the code is somebody's already there, or the partner is not there.
    """
    lock_orders()
    scheme = _scheme_of(code) if scheme is None else scheme
    if not Partner.objects.filter(pk=partner_id).exists():
        raise Refused("Choose a partner.", field="partner", code="required")
    IgnoredCode.objects.filter(normal=code, scheme_key=key_of(scheme)).delete()
    waiting_here = Order.objects.filter(code=code, partner=None, source__in=sources_of(scheme))
    waits = waiting_here.aggregate(n=Count("pk"), total=Sum("counted"))
    # add_code tells everybody, and with that tie_waiting below.
    with granted(Right.PARTNER_EDIT):
        add_code(partner_id, scheme=scheme, code=code, as_sent=True)
    return Tied(waits["n"], waits["total"] or Decimal(0))


def _scheme_of(code: str) -> str:
    """Return the scheme of the systems that sent a code. Raises `Refused` when they have several."""
    sent = Order.objects.filter(code=code).order_by()
    waiting_first = sent.filter(partner=None) if sent.filter(partner=None).exists() else sent
    schemes = dict(
        waiting_first.values_list(
            "source__scheme_key", KeyTextTransform("code_scheme", "source__spec")
        ).distinct()
    )
    if len(schemes) > 1:
        known = ", ".join(sorted(scheme or "none" for scheme in schemes.values()))
        raise Refused(f"{code} is sent by several systems ({known}): say whose code.", field="scheme")
    return next(iter(schemes.values()), "") or ""


@requires(Right.ORDER_TIE, Right.PARTNER_EDIT)
@transaction.atomic
def tie_waiting(code: ReferralCode) -> int:
    """Tie every order that waits for a code which now is known. Return how many.

    Raises `Refused` for who may add codes, but not say whose orders are that have come already.
    """
    lock_orders()
    sources = _held_by(code)
    if not sources:
        return 0
    wait = Order.objects.filter(code=code.normal, partner=None, source__in=sources)
    if not current_actor().may(Right.ORDER_TIE) and (count := wait.count()):
        raise Refused(
            f"Orders ({count:,}) wait for {code.normal}: whose they are, a manager decides. "
            "Save without this code, and ask for it to be tied.",
            field="code",
            code="not_allowed",
        )
    return _set_partner(Q(code=code.normal, partner=None, source__in=sources), code.partner_id)


def _held_by(code: ReferralCode) -> list[UUID]:
    """Return the sources for whose orders a code holds, by the rule of `partners.directory.schemes`."""
    systems = dict(OrderSource.objects.order_by().values_list("pk", "scheme_key"))
    if code.scheme_key in systems.values():
        return [pk for pk, key in systems.items() if key == code.scheme_key]
    same = ReferralCode.objects.filter(normal=code.normal).exclude(pk=code.pk)
    others = list(same.order_by().values_list("scheme_key", "partner"))
    if any(key not in systems.values() and partner != code.partner_id for key, partner in others):
        return []
    taken = {key for key, _ in others}
    return [pk for pk, key in systems.items() if key not in taken]


@requires(Right.ORDER_TIE)
@transaction.atomic
def untie_code(code: str, *, scheme: str | None = None) -> int:
    """Undo `tie_code`: forget the code and send its orders back to the queue."""
    lock_orders()
    known = ReferralCode.objects.filter(normal=code)
    if scheme is not None:
        known = known.filter(scheme_key=key_of(scheme))
    codes = list(known[:2])
    if not codes:
        raise Refused(f"{code} is nobody's code.", code="not_tied")
    if len(codes) > 1:
        raise Refused(f"{code} is a code of several systems: say whose code.", field="scheme")
    sources = _held_by(codes[0])
    codes[0].delete()
    held = Q(code=code, partner_id=codes[0].partner_id, source__in=sources)
    return _set_partner(held, None) if sources else 0


@requires(Right.ORDER_TIE)
@transaction.atomic
def tie_orders(order_ids: Sequence[UUID], *, partner_id: UUID) -> Tied:
    """Tie single orders, for instance such as came without a code."""
    lock_orders()
    if not Partner.objects.filter(pk=partner_id).exists():
        raise Refused("Choose a partner.", field="partner", code="required")
    chosen = Order.objects.filter(pk__in=order_ids)
    total = chosen.aggregate(total=Sum("counted"))["total"] or Decimal(0)
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
def ignore_code(code: str, *, scheme: str | None = None, note: str = "") -> int:
    """Say that a code of a scheme is nobody's: its orders leave the queue. Return how many orders that are."""
    if not code:
        raise Refused("Orders without a code are set aside one by one.", code="no_code")
    lock_orders()
    scheme = _scheme_of(code) if scheme is None else scheme
    if not IgnoredCode.objects.filter(normal=code, scheme_key=key_of(scheme)).exists():
        IgnoredCode.objects.create(normal=code, scheme=scheme, note=note[:200])
    return Order.objects.filter(code=code, partner=None, source__in=sources_of(scheme)).count()


@requires(Right.ORDER_TIE)
@transaction.atomic
def unignore_code(code: str, *, scheme: str | None = None) -> None:
    """Undo `ignore_code`; without a scheme for all of them."""
    lock_orders()
    ignored = IgnoredCode.objects.filter(normal=code)
    (ignored if scheme is None else ignored.filter(scheme_key=key_of(scheme))).delete()


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
