"""What is shown of reconciliation: days, the whole tenant's money, and the orders that differ."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from orders.ingest.statement import Value
from orders.ingest.states import RejectReason
from orders.reconciliation import sql
from orders.reconciliation.models import ReconciledDay, RejectedFigure, SignOff
from orders.reconciliation.rules import NOTHING, Part
from orders.reconciliation.spans import Key, connection_state, values_of
from orders.reconciliation.states import Cause, DayState, Side
from prm.tenancy.context import current_tenant

MOST_ROWS: Final = 1_000_000


def parts_of(row: ReconciledDay) -> list[Part]:
    """Return the differences of a counted day."""
    return [
        Part(Cause(part["cause"]), part["orders"], Decimal(part["amount"]), part["records"])
        for part in row.parts
    ]


def difference(parts: Iterable[Part], side: Side | None = None) -> Decimal:
    """Return what differences of one side, or of both, come to; opposite ones cancel out."""
    return sum((part.amount for part in parts if side in (None, part.cause.side)), NOTHING)


class Total(NamedTuple):
    """The money of a tenant, or of some days, in one currency. None is unknown, never zero.

    `counted` and `there_amount` are in the tenant's currency. `unread`: rejected rows whose amount cannot be read.
    """

    currency: str
    source_orders: int | None
    source_amount: Decimal | None
    here_orders: int
    here_amount: Decimal
    counted: Decimal
    rate_waits: int
    there_orders: int | None
    there_amount: Decimal | None
    unread: int
    days: int

    @property
    def agrees(self) -> bool:
        """Whether the three are the same, to the penny, as far as there is a Salesforce."""
        is_sent = self.source_orders == self.here_orders and self.source_amount == self.here_amount
        is_there = self.there_orders is None or (
            self.there_orders == self.here_orders and self.there_amount == self.counted
        )
        return is_sent and is_there and not self.unread and not self.rate_waits


def totals(days: QuerySet[ReconciledDay]) -> list[Total]:
    """Return what days come to by currency, the tenant's own first; one query.

    What one of the days does not know, the sum does not know: a source that declares no amounts has none.
    """
    rows = (
        days.order_by()
        .values("currency")
        .annotate(
            source_orders_=Sum("source_orders"),
            source_amount_=Sum("source_amount"),
            lacks_orders=Count("pk", filter=Q(source_orders=None)),
            lacks_amount=Count("pk", filter=Q(source_amount=None)),
            here_orders_=Sum("here_orders"),
            here_amount_=Sum("here_amount"),
            counted_=Sum("counted"),
            waits=Sum("rate_waits"),
            there_orders_=Sum("there_orders"),
            there_amount_=Sum("there_amount"),
            lacks_there=Count("pk", filter=Q(there_orders=None)),
            unread_=Sum("unread"),
            n=Count("pk"),
        )
    )
    found = [
        Total(
            row["currency"],
            None if row["lacks_orders"] else row["source_orders_"],
            None if row["lacks_amount"] else row["source_amount_"],
            row["here_orders_"],
            row["here_amount_"],
            row["counted_"],
            row["waits"],
            None if row["lacks_there"] else row["there_orders_"],
            None if row["lacks_there"] else row["there_amount_"],
            row["unread_"],
            row["n"],
        )
        for row in rows
    ]
    own = current_tenant().currency
    return sorted(found, key=lambda total: (total.currency != own, total.currency))


def undated() -> list[tuple[str, int, Decimal]]:
    """Return rejected rows of which no day can be read, by currency: how many that wait, and what is read of them."""
    rows = (
        RejectedFigure.objects.filter(day=None, line__state="open")
        .order_by()
        .values("currency")
        .annotate(n=Count("pk"), total=Sum("amount"))
        .order_by("currency")
    )
    return [(row["currency"], row["n"], row["total"] or NOTHING) for row in rows]


def taken_at() -> datetime | None:
    """Return when days were counted last; None for never."""
    found: datetime | None = ReconciledDay.objects.aggregate(at=Max("taken_at"))["at"]
    return found


def open_count() -> int:
    """Count the days that differ and that nobody has explained; the menu asks on every page."""
    return ReconciledDay.objects.open().count()


class SourceMonth(NamedTuple):
    """A source and how many of its days are open."""

    id: UUID
    name: str
    open: int


def sources() -> list[SourceMonth]:
    """Return the sources that have counted days, by name, with how many of them are open."""
    rows = (
        ReconciledDay.objects.order_by()
        .values("source", name=F("source__name"))
        .annotate(n=Count("pk", filter=Q(state=DayState.OPEN)))
        .order_by("name")
    )
    return [SourceMonth(row["source"], row["name"], row["n"]) for row in rows]


class Unknown(NamedTuple):
    """Records in Salesforce of which nobody here knows, and what they come to in a currency."""

    currency: str
    records: int
    amount: Decimal


class CountedThere(NamedTuple):
    """When a day was counted in Salesforce itself, and what nobody here knows of there, by currency."""

    at: datetime
    unknown: tuple[Unknown, ...] = ()


def counted_there(first: date | None = None, last: date | None = None) -> dict[date, CountedThere]:
    """Return, by day there, when it was counted in Salesforce itself, since the present connection."""
    found: dict[date, CountedThere] = {}
    for day, at, unknown in sql.COUNTED.rows(_counted, values_of(first, last)):
        before = found.get(day, CountedThere(at))
        found[day] = CountedThere(at, before.unknown + ((unknown,) if unknown.records > 0 else ()))
    return found


def _counted(
    day: date, at: datetime, currency: str, records: int, amount: Decimal
) -> tuple[date, datetime, Unknown]:
    return day, at, Unknown(currency or current_tenant().currency, records, amount)


@dataclass(frozen=True, slots=True)
class Group:
    """Orders of a day that differ for one cause, with Salesforce's own words where it has some.

    `run_id`: the import whose rejected rows they are, where it is one.
    """

    part: Part
    words: str = ""
    run_id: UUID | None = None

    @property
    def cause(self) -> Cause:
        """Why."""
        return self.part.cause


def groups_of(row: ReconciledDay) -> list[Group]:
    """Return the differences of a counted day by cause and words, those of the source first. Three statements."""
    values = values_of(row.day, row.day, row.source_id, row.currency)
    known = {part.cause: part for part in parts_of(row)}
    there = sql.GROUPS.rows(_group, values) if connection_state() else []
    found = [
        Group(known[cause]) for cause in Cause.of_source() if cause in known and cause is not Cause.REJECTED
    ]
    if Cause.REJECTED in known:
        found = _rejected_groups(known[Cause.REJECTED], values) + found
    return [*found, *there]


def _group(
    cause: str, problem: str, message: str, orders: int, amount: Decimal, records: int, since: datetime | None
) -> Group:
    del since
    words = f"{problem}: {message}" if problem and message else problem or message
    return Group(Part(Cause(cause), int(orders), Decimal(amount), int(records)), words)


def _rejected_groups(part: Part, values: dict[str, Value]) -> list[Group]:
    """Return the rejected rows of a day with their most frequent reasons in words."""
    rows = sql.REJECTED_ROWS.rows(
        RejectedRow, values | {"cause": Cause.REJECTED.value, "limit": 500, "offset": 0}
    )
    reasons: dict[str, int] = defaultdict(int)
    for row in rows:
        reasons[row.reason] += 1
    words = [
        reason.heading
        for code in sorted(reasons, key=lambda code: -reasons[code])
        if (reason := RejectReason.of(code))
    ]
    runs = {row.run_id for row in rows}
    return [Group(part, ", ".join(words[:3]), runs.pop() if len(runs) == 1 else None)]


class RejectedRow(NamedTuple):
    """A rejected row of a day, as `REJECTED_ROWS` gives it."""

    cause: str
    id: UUID
    number: str
    orders: int
    amount: Decimal | None
    message: str
    reason: str
    run_id: UUID
    line_no: int


class _OrderRow(NamedTuple):
    """A row of `ROWS`."""

    cause: str
    id: UUID
    number: str
    orders: int
    delta: Decimal
    amount: Decimal
    here: Decimal | None
    there: Decimal | None
    day_there: str | None
    words: str


class Differing(NamedTuple):
    """One order, or rejected row, that differs. `here` and `there` are in the tenant's currency; None for none.

    `order_id` or `line_id` is set. `difference` is in the currency of the orders for causes of the source, else in the
    tenant's; None for what cannot be read.
    """

    cause: Cause
    number: str
    order_id: UUID | None
    line_id: UUID | None
    orders: int
    difference: Decimal | None
    amount: Decimal | None
    here: Decimal | None
    there: Decimal | None
    words: str


def differing(
    row: ReconciledDay, cause: Cause | None = None, *, limit: int = MOST_ROWS, offset: int = 0
) -> list[Differing]:
    """Return the orders and rejected rows of a counted day that differ, as they are now, the most money first."""
    values = values_of(row.day, row.day, row.source_id, row.currency)
    values |= {"cause": cause and cause.value, "limit": limit + offset, "offset": 0}
    found: list[Differing] = []
    if cause in (None, Cause.REJECTED, Cause.DISMISSED):
        rejected = sql.REJECTED_ROWS.rows(RejectedRow, values)
        has_dismissed = row.basis == "declared"
        found += [_of_line(one) for one in rejected if has_dismissed or one.cause == Cause.REJECTED]
    if cause in (None, Cause.CANCELLED_LATE, Cause.CHANGED_SINCE):
        found += sql.LATE_ROWS.rows(_of_late, values)
    if (cause is None or cause.side is Side.THERE) and connection_state():
        found += [_of_order(one) for one in sql.ROWS.rows(_OrderRow, values)]
    return found[offset : offset + limit]


def _of_line(row: RejectedRow) -> Differing:
    words = f"line {row.line_no}: {row.message}"
    return Differing(
        Cause(row.cause), row.number, None, row.id, row.orders, row.amount, row.amount, None, None, words
    )


def _of_late(
    cause: str, order_id: UUID, number: str, orders: int, delta: Decimal, amount: Decimal
) -> Differing:
    return Differing(Cause(cause), number, order_id, None, orders, delta, amount, None, None, "")


def _of_order(row: _OrderRow) -> Differing:
    words = row.words
    if row.cause == Cause.OTHER_DAY and row.day_there:
        words = f"closes there on {row.day_there}"
    return Differing(
        Cause(row.cause),
        row.number,
        row.id,
        None,
        row.orders,
        row.delta,
        row.amount,
        row.here,
        row.there,
        words,
    )


def sign_offs(days: Sequence[ReconciledDay]) -> dict[Key, SignOff]:
    """Return what somebody said about these days, as long as it holds for their differences; one query."""
    wanted = {Key(row.source_id, row.day, row.currency): row.print for row in days}
    held = SignOff.objects.filter(day__in={row.day for row in days})
    found = {Key(one.source_id, one.day, one.currency): one for one in held}
    return {key: one for key, one in found.items() if wanted.get(key) == one.print}
