"""Control totals as a table: one day a line, as order systems and finance export them.

Headings are `day` (or `date`), `orders` (or `count`) and `amount`, one of the two at least, and `currency` where it is
not the source's. Commas, semicolons or tabs stand between cells. Every line must be right, or nothing is taken.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from orders.ingest.reading.numbers import parse_number
from prm.core.days import BadDay, parse_day
from prm.core.errors import Refused
from prm.core.money import ISO_4217
from prm.core.notation.reader import figure

MOST: Final = 20_000
LARGEST: Final = Decimal(10) ** 13
MOST_ORDERS: Final = 2**31 - 1
_NAMES: Final = {
    "day": "day", "date": "day", "orders": "orders", "count": "orders", "number": "orders", "records": "orders",
    "amount": "amount", "total": "amount", "sum": "amount", "currency": "currency", "code": "currency",
}  # fmt: skip
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One control total as sent; `currency` "" is the source's. None: the source does not say."""

    day: date
    orders: int | None
    amount: Decimal | None
    currency: str = ""


def read_totals(text: str) -> list[TotalRow]:
    """Return the totals of a table. Raises `Refused` with what is wrong in which lines."""
    lines = text.lstrip("\ufeff").splitlines()
    head = next((line for line in lines if line.strip()), "")
    if not head:
        raise Refused("The table is empty.", field="file", code="empty")
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=mark)
    places: dict[str, int] | None = None
    rows: list[TotalRow] = []
    wrong: list[str] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if places is None:
            places = _places(cells)
            continue
        named = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
        try:
            rows.append(_row(named, mark))
        except ValueError as error:
            wrong.append(f"Line {reader.line_num}: {error}")
    wrong += _twice(rows)
    if wrong:
        rest = f" And {figure(len(wrong) - _SHOWN)} more." if len(wrong) > _SHOWN else ""
        raise Refused(f"{' '.join(wrong[:_SHOWN])}{rest} Nothing was taken.", field="file", code="invalid")
    if not rows:
        raise Refused("The table has headings, but no totals.", field="file", code="empty")
    if len(rows) > MOST:
        raise Refused(f"A table may have {figure(MOST)} totals at most.", field="file", code="too_many")
    return rows


def _places(cells: list[str]) -> dict[str, int]:
    found = {_NAMES[name]: at for at, cell in enumerate(cells) if (name := cell.strip().lower()) in _NAMES}
    if "day" not in found or not {"orders", "amount"} & found.keys():
        raise Refused(
            "Write the headings day, and orders or amount or both (and currency, where it is not the source’s).",
            field="file",
            code="headings",
        )
    return found


def _row(cells: Mapping[str, str], mark: str) -> TotalRow:
    try:
        day = parse_day(cells["day"])
    except BadDay as error:
        raise ValueError(str(error)) from error
    currency = cells.get("currency", "").upper()
    if currency and currency not in ISO_4217:
        raise ValueError(f"{currency!r} is no currency code of ISO 4217.")
    orders, amount = _count(cells.get("orders", "")), _amount(cells.get("amount", ""), mark)
    if orders is None and amount is None:
        raise ValueError("It declares neither orders nor an amount.")
    return TotalRow(day, orders, amount, currency)


def _count(text: str) -> int | None:
    if not text:
        return None
    plain = text.replace(",", "").replace(".", "").replace(" ", "")
    if not plain.isascii() or not plain.isdigit() or int(plain) > MOST_ORDERS:
        raise ValueError(f"{text[:40]!r} is no number of orders.")
    return int(plain)


def _amount(text: str, mark: str) -> Decimal | None:
    if not text:
        return None
    # Between commas a comma within a number can only be one between thousands.
    decimal = "." if mark == "," or "." in text[-4:] or "," not in text else ","
    amount = parse_number(text, decimal) if len(text) <= 40 else None
    if amount is None or abs(amount) >= LARGEST:
        raise ValueError(f"The amount {text[:40]!r} is no number.")
    return amount


def _twice(rows: list[TotalRow]) -> list[str]:
    seen: dict[tuple[date, str], TotalRow] = {}
    return [
        f"{row.day:%Y-%m-%d} has two totals."
        for row in rows
        if seen.setdefault((row.day, row.currency), row) != row
    ]
