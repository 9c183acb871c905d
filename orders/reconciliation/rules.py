"""What differs on a day, by cause, and how the day stands. Pure: no database, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from orders.reconciliation.states import Basis, Cause, DayState, Side

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """Orders that differ for one cause.

    `orders` is the difference in number, `amount` in money: in the source's currency between source and here, in the
    tenant's between here and Salesforce. `records` are the orders (of a rejected row the rows) that are concerned.
    """

    cause: Cause
    orders: int
    amount: Decimal
    records: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether no record is concerned and nothing differs."""
        return not (self.orders or self.amount or self.records)


@dataclass(frozen=True, slots=True)
class Held:
    """What stands here on a day: `counted` is its amount in the tenant's currency, without what `waiting` orders have."""

    orders: int = 0
    amount: Decimal = NOTHING
    counted: Decimal = NOTHING
    waiting: int = 0
    orders_there: int = 0
    amount_there: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Declared:
    """A control total; None for what the source does not declare."""

    orders: int | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one source, day and currency. None is unknown, never zero.

    `unread`: rejected rows whose amount cannot be read. Without Salesforce `there_orders` is None.
    """

    basis: Basis
    source_orders: int | None
    source_amount: Decimal | None
    unread: int
    held: Held
    there_orders: int | None
    there_amount: Decimal | None
    parts: tuple[Part, ...] = field(default=())

    @property
    def open_parts(self) -> tuple[Part, ...]:
        """The differences that nobody has decided yet."""
        return tuple(part for part in self.parts if not part.cause.is_settled)

    @property
    def print(self) -> str:
        """A mark of these differences: another one for others."""
        said = [(part.cause.value, part.orders, _plain(part.amount), part.records) for part in self.parts]
        return blake2b(repr((sorted(said), self.unread)).encode(), digest_size=12).hexdigest()

    @property
    def state(self) -> DayState:
        """How it stands, as long as nobody signs or reopens it."""
        if self.unread:
            return DayState.OPEN
        if not self.parts:
            return DayState.AGREES
        if self.open_parts:
            only_waits = all(part.cause is Cause.WAITING for part in self.open_parts)
            return DayState.WAITING if only_waits else DayState.OPEN
        is_rounding = all(part.cause is Cause.ROUNDED for part in self.parts)
        return DayState.AGREES if is_rounding else DayState.EXPLAINED


def compose(
    held: Held,
    *,
    declared: Declared | None,
    rejected: Sequence[Part],
    unread: int,
    late: Sequence[Part],
    there: Sequence[Part],
    is_connected: bool,
) -> Figures:
    """Put the figures of a day together; the parts of each side make up its difference exactly.

    `rejected` are the rows that could not be stored, `late` what changed after the total was declared, `there` what
    differs from Salesforce. What the parts do not explain of a declared total is a part of its own.
    """
    if declared is None:
        # What the source sent is what is here and what was rejected; what somebody dismissed was no order.
        source = [part for part in rejected if part.cause is Cause.REJECTED]
        source_orders: int | None = held.orders + sum(part.orders for part in source)
        source_amount: Decimal | None = held.amount + sum((part.amount for part in source), NOTHING)
    else:
        source = [*rejected, *late]
        source_orders, source_amount = declared.orders, declared.amount
        source = [*source, _rest(source, declared, held)]
    parts = [*source, *(there if is_connected else ())]
    return Figures(
        basis=Basis.SENT if declared is None else Basis.DECLARED,
        source_orders=source_orders,
        source_amount=source_amount,
        unread=unread,
        held=held,
        there_orders=held.orders_there if is_connected else None,
        there_amount=held.amount_there if is_connected else None,
        parts=joined(parts),
    )


def _rest(explained: Sequence[Part], declared: Declared, held: Held) -> Part:
    """Return what a declared total and the rows do not explain; of what is not declared nothing is asked."""
    orders, amount = 0, NOTHING
    if declared.orders is not None:
        orders = declared.orders - held.orders - sum(part.orders for part in explained)
    if declared.amount is not None:
        amount = declared.amount - held.amount - sum((part.amount for part in explained), NOTHING)
    return Part(Cause.NOT_EXPLAINED, orders, amount)


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return one part per cause, in the order of the causes, without those in which nothing differs."""
    found: dict[Cause, Part] = {}
    for part in parts:
        before = found.get(part.cause, Part(part.cause, 0, NOTHING))
        found[part.cause] = Part(
            part.cause,
            before.orders + part.orders,
            before.amount + part.amount,
            before.records + part.records,
        )
    return tuple(found[cause] for cause in Cause if cause in found and not found[cause].is_nothing)


def of_side(parts: Iterable[Part], side: Side) -> Part:
    """Return what all parts of one side come to together, under the cause of the first."""
    chosen = [part for part in parts if part.cause.side is side]
    cause = chosen[0].cause if chosen else Cause.NOT_EXPLAINED
    return Part(
        cause,
        sum(part.orders for part in chosen),
        sum((part.amount for part in chosen), NOTHING),
        sum(part.records for part in chosen),
    )


def _plain(amount: Decimal) -> str:
    return format(amount.normalize() if amount else NOTHING, "f")
