"""Fields that stand in several columns, put together: the parts of a number, what an amount is made of.

Works on columns of cells that were judged already, in COPY's text format.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import repeat
from typing import Final

from orders.ingest.errors import Contradiction
from orders.ingest.reading.crediting import with_credits
from orders.ingest.reading.texts import NULL, unescape
from orders.ingest.states import RejectReason
from orders.sources.spec import CREDITS, NUMBER_PARTS, Spec
from prm.core.money import currency_decimals

Columns = Mapping[str, Sequence[str]]

AMOUNT_PARTS: Final = ("discount_percent", "discount", "tax", "shipping", "refund")
#: Fields that are no part of a line by themselves.
COMPOSED: Final = (*NUMBER_PARTS[1:], *AMOUNT_PARTS, "type", *CREDITS)
_MONEY: Final = ("unit_price", "amount", "discount", "tax", "shipping", "refund")
_SEPARATOR: Final = "|"
_LONGEST_NUMBER: Final = 64
_FOUR_PLACES: Final = Decimal(1).scaleb(-4)
_HUNDRED: Final = Decimal(100)


class Composer:
    """Puts the columns of one source together. `currency` is that of lines without a column for it."""

    def __init__(self, spec: Spec, currency: str) -> None:
        self._minor, self._currency = spec.minor_units, currency

    def compose(self, columns: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return columns in which number and amount are whole. Raises `Contradiction` for a number that is too long."""
        if not self._minor and columns.keys().isdisjoint(COMPOSED):
            return columns
        whole = dict(columns)
        if self._minor:
            whole |= self._in_whole_units(columns)
        if not columns.keys().isdisjoint(NUMBER_PARTS[1:]) or "type" in columns:
            whole["number"] = _numbers(columns)
        if not columns.keys().isdisjoint(AMOUNT_PARTS):
            whole["amount"] = _amounts(whole)
        if not columns.keys().isdisjoint(CREDITS):
            whole["code"] = with_credits(columns)
        return whole

    def _in_whole_units(self, columns: Columns) -> dict[str, list[str]]:
        """Return the columns of money, each divided by the smallest units of its currency."""
        size = max(map(len, columns.values()), default=0)
        currencies = columns.get("currency", [self._currency] * size)
        places = [currency_decimals(code) for code in currencies]
        return {
            name: [
                cell if cell == NULL else plain(Decimal(cell).scaleb(-by))
                for cell, by in zip(columns[name], places, strict=True)
            ]
            for name in _MONEY
            if name in columns
        }


def plain(number: Decimal) -> str:
    """Return a number as cells of numbers are staged: no exponent, no zeros behind."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"


def _numbers(columns: Columns) -> list[str]:
    """Return the parts of each number as one; a credit note is a document beside the order it names."""
    parts = [columns[name] for name in NUMBER_PARTS if name in columns]
    marks = columns.get("type")
    if not parts:  # it is minted later
        return list(marks or ())
    if len(parts) == 1:
        numbers = list(parts[0])
    else:
        numbers = [
            _SEPARATOR.join(part.replace(_SEPARATOR, "%7C") for part in row)
            for row in zip(*parts, strict=True)
        ]
    numbers = [number + mark for number, mark in zip(numbers, columns.get("type", repeat("")), strict=False)]
    for number in numbers:
        if len(unescape(number)) > _LONGEST_NUMBER:
            raise Contradiction(
                RejectReason.NUMBER_TOO_LONG,
                "number",
                f"The order number {unescape(number)[:60]!r}… is longer than {_LONGEST_NUMBER} characters.",
            )
    return numbers


def _amounts(columns: Columns) -> list[str]:
    size = max(map(len, columns.values()))

    def column(name: str, without: str = NULL) -> Sequence[str]:
        return columns.get(name, [without] * size)

    rows = zip(
        column("quantity", "1"),
        column("unit_price"),
        column("amount"),
        *map(column, AMOUNT_PARTS),
        strict=True,
    )
    return [_amount(*row) for row in rows]


def _amount(
    quantity: str, price: str, amount: str, percent: str, discount: str, tax: str, shipping: str, refund: str
) -> str:
    """Return an amount: quantity by price or the one given, less discounts, with tax and shipping, less refunds.

    Discounts and refunds are taken off whichever sign they have; a discount makes a negative amount smaller, too.
    """
    gross = Decimal(quantity) * Decimal(price) if amount == NULL else Decimal(amount)
    net = gross * (1 - _number(percent) / _HUNDRED)
    off = abs(_number(discount))
    net = net + off if gross < 0 else net - off
    net += _number(tax) + _number(shipping) - abs(_number(refund))
    return plain(net.quantize(_FOUR_PLACES, ROUND_HALF_UP))


def _number(cell: str) -> Decimal:
    return Decimal(0) if cell == NULL else Decimal(cell)
