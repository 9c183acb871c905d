"""What a record consists of, as the line items of its opportunity. Pure.

Salesforce keeps a quantity and a price of each line and adds up their products; the amount of an opportunity that has
line items is that sum and nothing else. So each line goes in a form whose product is exact, and the sum is that of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from uuid import UUID

_UNITS: Final = Decimal("0.01")
_MOST_UNITS: Final = 10**10
"""A quantity there has two decimals and ten digits before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a record here.

    `key` is its id there (the external id of the line item); `product` and `code` are those of what was sold, `None` and ""
    where the line names nothing. `amount` is what the line makes, negative for what is taken off.
    """

    key: UUID
    product: UUID | None
    code: str
    name: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How the lines of many records are read, and what a tenant has chosen of them (said by no declaration).

    `read(ids, own)` returns them in their order with a constant number of queries: amounts in the record's own currency, or
    with `own` false in that in which its amount counts here. `amount` is the field there that is their sum. `is_on`: they go; `book` is
    the name of the price book, "" for the standard one; `creates`: products that are not there are made.
    """

    read: Callable[[Sequence[UUID], bool], Record[UUID, Sequence[Line]]]
    amount: str
    is_on: bool = False
    book: str = ""
    creates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line item as it is to stand there; `note` says what of the line has no place in quantity and price."""

    key: UUID
    product: UUID
    code: str
    name: str
    quantity: Decimal
    price: Decimal
    note: str = ""


class Unbalanced(ValueError):
    """Lines do not make the amount of their record."""


def items_of(lines: Sequence[Line], total: Decimal, scale: int) -> list[Item]:
    """Return line items whose sum is `total` to the last of `scale` decimals; lines without a product make none.

    Fractions of a cent are carried from a line to the next. Raises `Unbalanced` where more is missing than rounding explains.
    """
    amounts = _whole([line.amount for line in lines], total, Decimal(1).scaleb(-scale))
    return [
        _item(line, line.product, amount)
        for line, amount in zip(lines, amounts, strict=True)
        if line.product is not None
    ]


def _whole(amounts: Sequence[Decimal], total: Decimal, unit: Decimal) -> list[Decimal]:
    if abs(sum(amounts, Decimal(0)) - total) > unit * max(len(amounts), 1):
        raise Unbalanced(f"{sum(amounts, Decimal(0)):f}")
    found: list[Decimal] = []
    run = done = Decimal(0)
    for place, amount in enumerate(amounts, 1):
        run += amount
        upto = total if place == len(amounts) else run.quantize(unit, ROUND_HALF_UP)
        found.append(upto - done)
        done = upto
    return found


def _item(line: Line, product: UUID, amount: Decimal) -> Item:
    """Return a line as quantity and price: one at the whole amount where the price does not divide.

    Of a reversed line the price is negative, since many organisations take no negative quantity.
    """
    size = abs(line.quantity)
    note = ""
    if size and size == size.quantize(_UNITS) and size < _MOST_UNITS:
        price = (amount / size).quantize(_UNITS, ROUND_HALF_UP)
        if price * size != amount:
            note = f"Quantity {line.quantity.normalize():f}"
    else:
        note = f"Quantity {line.quantity.normalize():f}"
    if note:
        size, price = Decimal(1), amount
    return Item(
        key=line.key, product=product, code=line.code, name=line.name, quantity=size, price=price, note=note
    )  # fmt: skip
