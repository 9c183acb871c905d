"""What is written about reconciliation: control totals, days counted anew, what somebody signs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min

from orders.ingest.statement import Value
from orders.reconciliation import sql
from orders.reconciliation.models import ControlTotal, ReconciledDay, SignOff
from orders.reconciliation.reading import LARGEST, TotalRow
from orders.reconciliation.rejected import read_rejected
from orders.reconciliation.rules import Declared, Figures, Held, Part, compose
from orders.reconciliation.spans import Key, base_values, connection_state, values_of
from orders.reconciliation.states import MAPPING, Cause, DayState, Origin
from orders.sources.models import OrderSource
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.clock import now
from prm.core.errors import Refused
from prm.tenancy.context import current_actor, current_tenant, say_of_orders
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

#: Days that are counted anew each time: what happens later than this to an order is found by its change.
RECENT: Final = 35
#: How long a day may go without being counted, whatever is known of it.
WHOLE_EACH: Final = timedelta(hours=20)
_MOST_AHEAD: Final = timedelta(days=366)


@requires(Right.TOTAL_WRITE)
@transaction.atomic
def declare(source: OrderSource, rows: Sequence[TotalRow], *, origin: Origin) -> tuple[int, int]:
    """Take control totals of a source; return how many are new or other than before, and how many were known.

    The latest word of a day holds. Said again the same, nothing changes, and its moment stays: what changed since then
    is told apart from what the total counted. Raises `Refused` for days more than a year ahead.
    """
    currency = source.rules.currency or current_tenant().currency
    wanted = {(row.day, row.currency or currency): row for row in rows}
    latest = max((row.day for row in rows), default=None)
    if latest is not None and latest > today(current_tenant()) + _MOST_AHEAD:
        raise Refused(f"{latest:%Y-%m-%d} is more than a year ahead.", field="day", code="out_of_range")
    for row in rows:
        if row.amount is not None and abs(row.amount) >= LARGEST:
            raise Refused("The amount is too large.", field="amount", code="out_of_range")
        if row.orders is None and row.amount is None:
            raise Refused(
                say_of_orders("Declare the {orders}, their amount, or both."), field="orders", code="required"
            )
        if row.orders is not None and row.orders < 0:
            raise Refused(
                say_of_orders("A number of {orders} is not below nothing."),
                field="orders",
                code="out_of_range",
            )
    days = {day for day, _ in wanted}
    known = {
        (total.day, total.currency): total
        for total in ControlTotal.objects.filter(source=source, day__in=days).select_for_update(of=("self",))
    }
    changed = 0
    for (day, code), row in wanted.items():
        total = known.get((day, code))
        if total is not None and (total.orders, total.amount) == (row.orders, row.amount):
            continue
        total = total or ControlTotal(source=source, day=day, currency=code)
        total.orders, total.amount, total.origin = row.orders, row.amount, origin
        total.by, total.declared_at = current_actor().label, now()
        total.save()
        changed += 1
    if changed:
        _count(min(days), max(days), source.pk)
    return changed, len(wanted) - changed


@requires(Right.TOTAL_WRITE)
@transaction.atomic
def withdraw(total_id: UUID) -> None:
    """Take a control total back: the day is then reckoned as it was sent."""
    total = ControlTotal.objects.select_for_update(of=("self",)).filter(pk=total_id).first()
    if total is None:
        raise Refused("This control total is gone.", code="gone")
    total.delete()
    _count(total.day, total.day, total.source_id)


@requires(Right.RECONCILE)
@transaction.atomic
def refresh(first: date | None = None, last: date | None = None) -> None:
    """Count the days from `first` to `last` anew; without them all. A constant number of statements."""
    read_rejected()
    _count(first, last)


@needs_no_right("PRM’s own work, by the clock")
@transaction.atomic
def refresh_recent() -> None:
    """Count anew the recent days and those whose orders or rejected rows changed since the last time.

    All of them at first, and once a day: what was taken back or settled is gone and names no day.
    """
    tenant = current_tenant()
    taken = ReconciledDay.objects.aggregate(last=Max("taken_at"), first=Min("taken_at"))
    days = read_rejected()
    if taken["last"] is None or taken["first"] < now() - WHOLE_EACH:
        _count(None, None)
        return
    # An import that is still being committed then has an earlier moment.
    values: dict[str, Value] = base_values() | {"since": (taken["last"] - timedelta(hours=6)).isoformat()}
    days += [today(tenant) - timedelta(days=RECENT), today(tenant) + timedelta(days=1)]
    days += [day for day in sql.CHANGED.row(_span, values) if day is not None]
    _count(min(days), max(days))


def _span(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    return first, last


@requires(Right.RECONCILE)
def count_there(first: date, last: date) -> bool:
    """Ask for a counting in Salesforce itself, in the background; return whether there is a Salesforce to ask."""
    state = connection_state()
    if state != "connected":
        return False
    send_task("salesforce.count_there", mapping=MAPPING, first=first.isoformat(), last=last.isoformat())
    return True


@requires(Right.RECONCILE)
@transaction.atomic
def sign(day_id: UUID, *, note: str) -> ReconciledDay:
    """Say that a day's difference is explained, in words. It holds for this difference; another one is open again.

    Raises `Refused` without words, and for a day in which nothing differs.
    """
    row = _locked(day_id)
    note = note.strip()
    if row.state == DayState.AGREES:
        raise Refused("Nothing differs on this day: it is signed by itself.", code="agrees")
    if not note:
        raise Refused("Say why it differs.", field="note", code="required")
    return _decide(row, note=note, is_reopened=False)


@requires(Right.RECONCILE)
@transaction.atomic
def reopen(day_id: UUID) -> ReconciledDay:
    """Take a sign-off back, one that came by itself too: somebody must look at the day."""
    row = _locked(day_id)
    if row.state == DayState.OPEN:
        raise Refused("This day is open already.", code="open")
    return _decide(row, note="", is_reopened=True)


@requires(Right.RECONCILE)
@transaction.atomic
def undo_decision(day_id: UUID) -> ReconciledDay:
    """Forget what somebody said about a day, signed or reopened: it stands as its figures say."""
    row = _locked(day_id)
    SignOff.objects.filter(source=row.source_id, day=row.day, currency=row.currency).delete()
    _count(row.day, row.day, row.source_id)
    return _locked(day_id)


def _locked(day_id: UUID) -> ReconciledDay:
    row: ReconciledDay | None = (
        ReconciledDay.objects.select_for_update(of=("self",))
        .select_related("source")
        .filter(pk=day_id)
        .first()
    )
    if row is None:
        raise Refused("This day is not counted any more. Check again.", code="gone")
    return row


def _decide(row: ReconciledDay, *, note: str, is_reopened: bool) -> ReconciledDay:
    key = {"source": row.source, "day": row.day, "currency": row.currency}
    sign_off = SignOff.objects.filter(**key).first() or SignOff(**key)
    sign_off.is_reopened, sign_off.print, sign_off.note = is_reopened, row.print, note
    sign_off.by, sign_off.at = current_actor().label, now()
    sign_off.save()
    row.state = DayState.OPEN if is_reopened else DayState.EXPLAINED
    row.signed_by = sign_off.by
    row.save(update_fields=["state", "signed_by"])
    return row


# --- counting -----------------------------------------------------------------------------------


class _Sum(NamedTuple):
    """A row of `SUMS`."""

    key: Key
    held: Held

    @classmethod
    def of(cls, source: UUID, day: date, currency: str, *figures: int | Decimal) -> Self:
        orders, amount, counted, waiting, orders_there, amount_there = figures
        held = Held(
            int(orders),
            Decimal(amount),
            Decimal(counted),
            int(waiting),
            int(orders_there),
            Decimal(amount_there),
        )
        return cls(Key(source, day, currency), held)


class _Caused(NamedTuple):
    """A row of a statement of causes; `unread`: rows whose amount cannot be read."""

    key: Key | None
    part: Part
    unread: int

    @classmethod
    def of(
        cls,
        source: UUID,
        day: date | None,
        currency: str,
        cause: str,
        orders: int,
        amount: Decimal,
        records: int,
        unread: int = 0,
    ) -> Self:
        key = None if day is None else Key(source, day, currency)
        return cls(key, Part(Cause(cause), int(orders), Decimal(amount), int(records)), unread)


@needs_no_right("reads")
def figures(
    first: date | None = None, last: date | None = None, source: UUID | None = None
) -> dict[Key, Figures]:
    """Return the figures of all days of a span as they are now; nothing is written. Six statements."""
    values = values_of(first, last, source)
    is_connected = connection_state() != ""
    held = dict(sql.SUMS.rows(_Sum.of, values))
    rejected, unread = _by_key(sql.REJECTED.rows(_Caused.of, values))
    late, _ = _by_key(sql.LATE.rows(_Caused.of, values))
    there, _ = _by_key(sql.CAUSES.rows(_Caused.of, values)) if is_connected else ({}, {})
    totals = ControlTotal.objects.all()
    totals = totals if source is None else totals.filter(source=source)
    totals = totals if first is None else totals.filter(day__gte=first)
    totals = totals if last is None else totals.filter(day__lte=last)
    declared = {
        Key(total.source_id, total.day, total.currency): Declared(total.orders, total.amount)
        for total in totals
    }
    return {
        key: compose(
            held.get(key, Held()),
            declared=declared.get(key),
            rejected=rejected.get(key, ()),
            unread=unread.get(key, 0),
            late=late.get(key, ()),
            there=there.get(key, ()),
            is_connected=is_connected,
        )
        for key in sorted(held.keys() | declared.keys() | rejected.keys())
    }


def _by_key(rows: Iterable[_Caused]) -> tuple[dict[Key, list[Part]], dict[Key, int]]:
    parts: dict[Key, list[Part]] = defaultdict(list)
    unread: dict[Key, int] = defaultdict(int)
    for row in rows:
        if row.key is not None:
            parts[row.key].append(row.part)
            unread[row.key] += row.unread
    return parts, unread


def _count(first: date | None, last: date | None, source: UUID | None = None) -> None:
    """Write the figures of a span into their rows; rows of which nothing is left go."""
    found, moment = figures(first, last, source), now()
    held = ReconciledDay.objects.all()
    signed = SignOff.objects.all()
    if source is not None:
        held, signed = held.filter(source=source), signed.filter(source=source)
    if first is not None:
        held, signed = held.filter(day__gte=first), signed.filter(day__gte=first)
    if last is not None:
        held, signed = held.filter(day__lte=last), signed.filter(day__lte=last)
    decided = {Key(one.source_id, one.day, one.currency): one for one in signed}
    rows_held = held.values_list("source_id", "day", "currency", "pk")
    known = {Key(source_id, day, currency): pk for source_id, day, currency, pk in rows_held}
    gone = [pk for key, pk in known.items() if key not in found]
    if gone:
        ReconciledDay.objects.filter(pk__in=gone).delete()
    rows = [_row(key, one, decided.get(key), moment) for key, one in found.items()]
    ReconciledDay.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tenant", "source", "day", "currency"],
        update_fields=[
            "basis", "source_orders", "source_amount", "unread", "here_orders", "here_amount", "counted",
            "rate_waits", "there_orders", "there_amount", "parts", "print", "state", "signed_by", "taken_at",
        ],
    )  # fmt: skip


def _row(key: Key, one: Figures, sign_off: SignOff | None, moment: datetime) -> ReconciledDay:
    state, signed_by = one.state, ""
    if sign_off is not None and sign_off.print == one.print:
        state = DayState.OPEN if sign_off.is_reopened else DayState.EXPLAINED
        signed_by = sign_off.by
    return ReconciledDay(
        source_id=key.source,
        day=key.day,
        currency=key.currency,
        basis=one.basis,
        source_orders=one.source_orders,
        source_amount=one.source_amount,
        unread=one.unread,
        here_orders=one.held.orders,
        here_amount=one.held.amount,
        counted=one.held.counted,
        rate_waits=one.held.waiting,
        there_orders=one.there_orders,
        there_amount=one.there_amount,
        parts=[
            {
                "cause": part.cause.value,
                "orders": part.orders,
                "amount": str(part.amount),
                "records": part.records,
            }
            for part in one.parts
        ],
        print=one.print,
        state=state,
        signed_by=signed_by,
        taken_at=moment,
    )
