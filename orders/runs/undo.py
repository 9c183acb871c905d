"""Taking a run back: what hinders it, and what it does. `orders.runs.service.take_back` is the way to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.dispatch import Signal

from orders.book.models import Order
from orders.ingest.merging import sql
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.months import recompute_months
from orders.ingest.merging.sharing import share_given
from orders.ingest.statement import Statement, Value, create
from orders.ingest.temporary import CODE, GIVEN, TOUCHED
from orders.runs.models import HeldBefore, ImportRun
from partners.directory.models import ReferralCode
from partners.directory.sql import match_codes
from prm.core.errors import Refused
from prm.core.locks import FOREIGN_KEY_VIOLATION, sql_state
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import plural

# Sent before a run that is done is taken back, and by the page that offers it; keyword arguments: `leaving` (a queryset of
# the orders that would go). Receivers return a list of `Hindrance`: what of theirs rests on these orders.
orders_leaving = Signal()

PARAMETERS: Final = {
    "tenant": "uuid",
    "source": "uuid",
    "run": "uuid",
    "since": "timestamptz",
    "codes": "text[]",
}

# Orders that the run brought and changed again itself are its own.
_OF_OTHERS: Final = (
    "b.tenant_id = %(tenant)s AND b.run_id = %(run)s AND b.held ->> 'run_id' IS DISTINCT FROM %(run)s::text"
)

# One row: orders of the run's own that are there, versions held, and those of them that nobody changed since.
STANDING: Final = Statement(
    f"""
    SELECT (SELECT count(*) FROM orders_order o WHERE o.tenant_id = %(tenant)s AND o.run_id = %(run)s
              AND NOT EXISTS (SELECT FROM orders_heldbefore b WHERE {_OF_OTHERS} AND b.held_id = o.id)),
           count(b.id), count(o.id)
    FROM orders_heldbefore b
    LEFT JOIN orders_order o
        ON o.tenant_id = %(tenant)s AND o.id = b.held_id AND o.run_id = %(run)s AND o.revision = b.revision
    WHERE {_OF_OTHERS}
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_heldbefore"),
)

# Later runs that changed what this one left.
LATER_RUNS: Final = Statement(
    """
    SELECT b.run_id, count(*) FROM orders_heldbefore b
    WHERE b.tenant_id = %(tenant)s AND b.held ->> 'run_id' = %(run)s::text AND b.run_id <> %(run)s
    GROUP BY b.run_id ORDER BY b.run_id
    """,
    reads=("orders_heldbefore",),
)

# What was decided of orders before the run changed them stays, and hinders nothing.
COUNT_TIED: Final = Statement(
    f"""
    SELECT count(*) FROM orders_answer a
    WHERE a.tenant_id = %(tenant)s AND a.undone_at IS NULL
      AND a.order_ids && ARRAY(
          SELECT o.id FROM orders_order o
          WHERE o.tenant_id = %(tenant)s AND o.run_id = %(run)s
            AND (a.at > %(since)s::timestamptz
                 OR NOT EXISTS (SELECT FROM orders_heldbefore b WHERE {_OF_OTHERS} AND b.held_id = o.id)))
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_answer", "orders_order", "orders_heldbefore"),
)

TOUCH: Final = Statement(
    f"""
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT o.partner_id, o.month FROM orders_order o
    WHERE o.tenant_id = %(tenant)s AND o.run_id = %(run)s AND o.partner_id IS NOT NULL
    UNION
    SELECT (b.held ->> 'partner_id')::uuid, (b.held ->> 'month')::date FROM orders_heldbefore b
    WHERE {_OF_OTHERS} AND b.held ->> 'partner_id' IS NOT NULL
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_heldbefore"),
    writes=("prm_touched",),
)

# Everybody who has a part in an order of this run, where it counts.
TOUCH_PARTS: Final = Statement(
    """
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT s.partner_id, s.month FROM orders_ordershare s
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = s.order_id
    WHERE s.tenant_id = %(tenant)s AND o.run_id = %(run)s
    EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,
    reads=("orders_ordershare", "orders_order", "prm_touched"),
    writes=("prm_touched",),
)

COUNT_SHARED: Final = Statement(
    f"""
    SELECT count(DISTINCT s.order_id) FROM orders_ordershare s
    JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = s.order_id
    WHERE s.tenant_id = %(tenant)s AND s.origin = 'hand' AND o.run_id = %(run)s
      AND (s.created_at > %(since)s::timestamptz
           OR NOT EXISTS (SELECT FROM orders_heldbefore b WHERE {_OF_OTHERS} AND b.held_id = o.id))
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_ordershare", "orders_order", "orders_heldbefore"),
)

# Rejected lines that this run made needless wait again.
REOPEN_REJECTS: Final = Statement(
    """
    UPDATE orders_rejectedline SET state = 'open', settled_at = NULL, settled_in_id = NULL
    WHERE tenant_id = %(tenant)s AND settled_in_id = %(run)s AND state = 'superseded' AND run_id <> %(run)s
    """,
    writes=("orders_rejectedline",),
)

# What the run brought as somebody had corrected it.
REOPEN_CORRECTED: Final = Statement(
    """
    UPDATE orders_rejectedline SET state = 'open', corrected = NULL, settled_by = '', settled_at = NULL,
        settled_in_id = NULL
    WHERE tenant_id = %(tenant)s AND settled_in_id = %(run)s AND state = 'corrected'
    """,
    writes=("orders_rejectedline",),
)

# What reconciliation has read of them goes with them.
FORGET_FIGURES: Final = Statement(
    """
    DELETE FROM orders_rejectedfigure f USING orders_rejectedline l
    WHERE f.tenant_id = %(tenant)s AND l.tenant_id = %(tenant)s AND l.id = f.line_id AND l.run_id = %(run)s
      AND l.state IN ('open', 'dismissed', 'superseded')
    """,
    reads=("orders_rejectedline",),
    writes=("orders_rejectedfigure",),
)

FORGET_REJECTS: Final = Statement(
    """
    DELETE FROM orders_rejectedline
    WHERE tenant_id = %(tenant)s AND run_id = %(run)s AND state IN ('open', 'dismissed', 'superseded')
    """,
    writes=("orders_rejectedline",),
)

DELETE_SHARES: Final = Statement(
    f"""
    DELETE FROM orders_ordershare s USING orders_order o
    WHERE s.tenant_id = %(tenant)s AND o.tenant_id = %(tenant)s AND o.id = s.order_id AND o.run_id = %(run)s
      AND NOT EXISTS (SELECT FROM orders_heldbefore b WHERE {_OF_OTHERS} AND b.held_id = o.id)
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_heldbefore"),
    writes=("orders_ordershare",),
)

DELETE_VALUES: Final = Statement(
    f"""
    DELETE FROM orders_ordervalue v USING orders_order o
    WHERE v.tenant_id = %(tenant)s AND o.tenant_id = %(tenant)s AND o.id = v.order_id AND o.run_id = %(run)s
      AND NOT EXISTS (SELECT FROM orders_heldbefore b WHERE {_OF_OTHERS} AND b.held_id = o.id)
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_order", "orders_heldbefore"),
    writes=("orders_ordervalue",),
)

DELETE_LINES: Final = Statement(
    """
    DELETE FROM orders_orderline l USING orders_order o
    WHERE l.tenant_id = %(tenant)s AND o.tenant_id = %(tenant)s AND o.run_id = %(run)s AND l.order_id = o.id
    """,
    reads=("orders_order",),
    writes=("orders_orderline",),
)

DELETE_ORDERS: Final = Statement(
    f"""
    DELETE FROM orders_order o
    WHERE o.tenant_id = %(tenant)s AND o.run_id = %(run)s
      AND NOT EXISTS (SELECT FROM orders_heldbefore b WHERE {_OF_OTHERS} AND b.held_id = o.id)
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_heldbefore",),
    writes=("orders_order",),
)

RESTORE_ORDERS: Final = Statement(
    f"""
    UPDATE orders_order o SET partner_id = r.partner_id, code = r.code, partner_name = r.partner_name,
        placed_at = r.placed_at, month = r.month, currency = r.currency, amount = r.amount, rate = r.rate,
        rate_on = r.rate_on, places = r.places, waits = r.waits, units = r.units, refunded = r.refunded,
        refunded_units = r.refunded_units, state = r.state, sent_state = r.sent_state, is_reversal = r.is_reversal,
        is_ignored = r.is_ignored, content_hash = r.content_hash,
        credits = coalesce(r.credits, ''), run_id = r.run_id, revision = r.revision,
        updated_at = now()
    FROM orders_heldbefore b CROSS JOIN LATERAL jsonb_populate_record(NULL::orders_order, b.held) r
    WHERE o.tenant_id = %(tenant)s AND o.id = b.held_id AND {_OF_OTHERS}
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_heldbefore",),
    writes=("orders_order",),
)

RESTORE_LINES: Final = Statement(
    f"""
    INSERT INTO orders_orderline
        (tenant_id, order_id, ordinal, product_id, quantity, unit_price, amount, placed_at, state, refund)
    SELECT %(tenant)s, b.held_id, r.ordinal, r.product_id, r.quantity, r.unit_price, r.amount, r.placed_at, r.state,
           r.refund
    FROM orders_heldbefore b CROSS JOIN LATERAL jsonb_populate_recordset(NULL::orders_orderline, b.lines) r
    WHERE {_OF_OTHERS}
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_heldbefore",),
    writes=("orders_orderline",),
)

# Codes that became somebody's since the run, of orders that wait as they did before it.
WAITING_CODES: Final = Statement(
    f"""
    SELECT DISTINCT o.code FROM orders_heldbefore b JOIN orders_order o ON o.tenant_id = %(tenant)s AND o.id = b.held_id
    WHERE {_OF_OTHERS} AND o.partner_id IS NULL AND o.code <> ''
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_heldbefore", "orders_order"),
)

LIST_CODES: Final = Statement(
    """
    INSERT INTO pg_temp.prm_code (normal, partner_name, first_block) SELECT unnest(%(codes)s::text[]), '', 0
    """,
    writes=("prm_code",),
)

TIE_RESTORED: Final = Statement(
    f"""
    WITH tied AS (
        UPDATE orders_order o SET partner_id = c.partner_id, is_ignored = false, updated_at = now()
        FROM orders_heldbefore b, pg_temp.prm_code c
        WHERE o.tenant_id = %(tenant)s AND o.id = b.held_id AND {_OF_OTHERS}
          AND o.partner_id IS NULL AND c.normal = o.code AND c.partner_id IS NOT NULL
        RETURNING o.id, o.partner_id, o.month
    ), given AS (INSERT INTO pg_temp.prm_given (order_id) SELECT id FROM tied)
    INSERT INTO pg_temp.prm_touched (partner_id, month)
    SELECT partner_id, month FROM tied EXCEPT SELECT partner_id, month FROM pg_temp.prm_touched
    """,  # nosec B608 # names are our own, values are parameters
    reads=("orders_heldbefore", "prm_code", "prm_touched"),
    writes=("orders_order", "prm_given", "prm_touched"),
)

FORGET_HELD: Final = Statement(
    "DELETE FROM orders_heldbefore WHERE tenant_id = %(tenant)s AND run_id = %(run)s",
    writes=("orders_heldbefore",),
)

STATEMENTS: Final = {name: thing for name, thing in globals().items() if isinstance(thing, Statement)}


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Something later that depends on a run, and where it is shown ("" for nowhere)."""

    text: str
    url: str = ""


class Undone(NamedTuple):
    """How many orders were removed, and how many are as they were before the run."""

    removed: int
    restored: int


class _Standing(NamedTuple):
    created: int
    held: int
    unchanged: int


def hindrances_of(run: ImportRun) -> list[Hindrance]:
    """Return what keeps a run that is done from being taken back; nothing where it can be."""
    values = _values(run)
    standing = STANDING.row(_Standing, values)
    made = run.counts.get("orders", {"created": 0, "corrected": 0})
    later = dict(LATER_RUNS.rows(_pair, values))
    found = [
        Hindrance(
            f"{plural(later[other.pk], *order_nouns())} changed since by the import {other.title}",
            other.get_absolute_url(),
        )
        for other in ImportRun.objects.filter(pk__in=later).order_by("pk")
    ]
    changed = made["created"] - standing.created + standing.held - standing.unchanged - sum(later.values())
    if changed > 0:
        found.append(Hindrance(f"{plural(changed, *order_nouns())} changed since by a person or a program"))
    if standing.held < made["corrected"]:
        missing = made["corrected"] - standing.held
        found.append(Hindrance(f"of {plural(missing, *order_nouns())} the version before is not kept"))
    if shared := COUNT_SHARED.row(int, values):
        found.append(Hindrance(f"the credit of {plural(shared, *order_nouns())} shared by hand"))
    if tied := COUNT_TIED.row(int, values):
        found.append(Hindrance(f"{plural(tied, 'decision')} about whose single {order_nouns()[1]} these are"))
    told: list[tuple[object, list[Hindrance]]] = orders_leaving.send(sender=ImportRun, leaving=_leaving(run))  # type: ignore[assignment]  # what receivers return
    return [*found, *(one for _, theirs in told for one in theirs)]


def _leaving(run: ImportRun) -> QuerySet[Order]:
    """Return the orders that are of no other run as well: those that go."""
    others = HeldBefore.objects.filter(run=run).exclude(held__run_id=str(run.pk))
    return Order.objects.filter(run=run).exclude(pk__in=others.values("held_id"))


def undo(run: ImportRun) -> Undone:
    """Remove what the run brought and set back what it changed. Must run under the tenant's order lock."""
    values = _values(run)
    create(TOUCHED)
    TOUCH.run(values)
    TOUCH_PARTS.run(values)
    create(GIVEN)
    sql.FIND_GIVEN_BACK.run(values)
    REOPEN_REJECTS.run(values)
    REOPEN_CORRECTED.run(values)
    FORGET_FIGURES.run(values)
    FORGET_REJECTS.run(values)
    DELETE_LINES.run(values)
    DELETE_SHARES.run(values)
    DELETE_VALUES.run(values)
    removed = DELETE_ORDERS.run(values)
    restored = RESTORE_ORDERS.run(values)
    RESTORE_LINES.run(values)
    _tie_by_later_answers(run, values)
    FORGET_HELD.run(values)
    share_given()
    recompute_months()
    _look_for_late_ties()
    return Undone(removed, restored)


def _look_for_late_ties() -> None:
    """Raise `Refused` where something was tied to an order that goes, after it was asked what hinders.

    References are looked at here, not at the commit, where nobody could put it into words.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        if sql_state(error) != FOREIGN_KEY_VIOLATION:
            raise
        words = "In this very moment something came that rests on it. Look at it again."
        raise Refused(words, code="something_depends_on_it") from error


def _tie_by_later_answers(run: ImportRun, values: dict[str, Value]) -> None:
    """Tie orders that wait again, as before the run, under a code that has become somebody's since: an answer holds for the past."""
    waiting = WAITING_CODES.rows(_text, values)
    known = ReferralCode.objects.filter(normal__in=waiting, created_at__gt=run.started_at or run.created_at)
    codes = sorted(set(known.values_list("normal", flat=True)))
    if not codes:
        return
    batch = Batch.of(run.source)
    create(CODE)
    LIST_CODES.run({"codes": codes})
    match_codes(CODE.name, scheme=batch.scheme, systems=batch.systems)
    TIE_RESTORED.run(values)


def _values(run: ImportRun) -> dict[str, Value]:
    since = str(run.started_at or run.created_at)
    return {"tenant": current_tenant().pk, "source": run.source_id, "run": run.pk, "since": since}


def _text(value: str) -> str:
    return value


def _pair(run: UUID, count: int) -> tuple[UUID, int]:
    return run, count


# --- partners that are merged ----------------------------------------------------------------------
# Taking a run back brings an order back to a partner that is there, and after the merge was undone to the one it was.

_RENAME: Final = """
UPDATE orders_heldbefore SET held = jsonb_set(held, '{partner_id}', to_jsonb(%(to)s::text))
WHERE tenant_id = %(tenant)s AND held ->> 'partner_id' = %(partner)s
  AND (%(only)s::uuid[] IS NULL OR id = ANY (%(only)s::uuid[]))
RETURNING id
"""


def count_held(partner_id: UUID) -> int:
    """Return how many versions held name a partner."""
    return HeldBefore.objects.filter(held__partner_id=str(partner_id)).count()


def rename_held(partner_id: UUID, to: UUID, *, only: Sequence[UUID] | None = None) -> list[UUID]:
    """Let versions held (`only`: these of them) name another partner; return their ids."""
    values: dict[str, UUID | str | list[UUID] | None] = {
        "tenant": current_tenant().pk,
        "partner": str(partner_id),
        "to": str(to),
        "only": None if only is None else list(only),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RENAME, values)
        return [pk for (pk,) in cursor]
