"""A table of rates as text: one rate a line, as central banks and finance systems export it.

Headings are `currency` and `rate`, `since` (or `date`), and `into` where both currencies are named. Commas,
semicolons or tabs stand between cells. Every line must be right, or nothing of the table is taken.
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

# Lines of one table: fifty currencies on every day of ten years.
MOST: Final = 200_000
_NAMES: Final = {
    "currency": "currency", "from": "currency", "code": "currency", "from_currency": "currency",
    "into": "into", "to": "into", "base": "into", "to_currency": "into",
    "since": "since", "date": "since", "from_date": "since", "day": "since",
    "rate": "rate", "value": "rate",
}  # fmt: skip
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate as sent: one unit of `currency` is worth `rate` of `into` ("": the tenant's) from `since` on."""

    currency: str
    into: str
    since: date
    rate: Decimal
    line: int = 0


def read_rates(text: str) -> list[RateRow]:
    """Return the rates of a table. Raises `Refused` with what is wrong in which lines."""
    lines = text.lstrip("\ufeff").splitlines()
    if not any(line.strip() for line in lines):
        raise Refused("The table is empty.", field="file", code="empty")
    head = next(line for line in lines if line.strip())
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=mark)
    places: dict[str, int] | None = None
    rows, wrong = [], []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if places is None:
            places = _places(cells)
            continue
        named = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
        try:
            rows.append(_row(named, reader.line_num, mark))
        except ValueError as error:
            wrong.append(f"Line {reader.line_num}: {error}")
    _check(rows, wrong)
    return rows


def _places(cells: list[str]) -> dict[str, int]:
    found = {
        _NAMES[name]: at
        for at, cell in enumerate(cells)
        if (name := cell.strip().lower().replace(" ", "_")) in _NAMES
    }
    if missing := [name for name in ("currency", "since", "rate") if name not in found]:
        raise Refused(
            f"The table lacks the heading {', '.join(missing)}. Write the headings currency, since, rate"
            " (and into, where both currencies are named).",
            field="file",
            code="headings",
        )
    return found


def _row(cells: Mapping[str, str], line: int, mark: str) -> RateRow:
    codes = [cells["currency"].upper(), cells.get("into", "").upper()]
    for code in filter(None, codes) if codes[0] else codes[:1]:
        if code not in ISO_4217:
            raise ValueError(f"{code!r} is no currency code of ISO 4217.")
    try:
        since = parse_day(cells["since"])
    except BadDay as error:
        raise ValueError(str(error)) from error
    return RateRow(codes[0], codes[1], since, _rate(cells["rate"], mark), line)


def _rate(text: str, mark: str) -> Decimal:
    # Between commas a comma within a number can only be one between thousands.
    return _positive(text, "." if mark == "," else _mark_in(text))


def parse_rate(typed: str) -> Decimal:
    """Return a rate as people type it, with a point or a comma. Raises `ValueError` with a sentence."""
    return _positive(typed.strip(), _mark_in(typed))


def _mark_in(text: str) -> str:
    return "," if "," in text and "." not in text else "."


def _positive(text: str, mark: str) -> Decimal:
    rate = parse_number(text, mark) if len(text) <= 40 else None
    if rate is None or rate <= 0:
        raise ValueError(f"The rate {text[:40]!r} is no number above nothing.")
    return rate


def _check(rows: list[RateRow], wrong: list[str]) -> None:
    seen: dict[tuple[str, str, date], Decimal] = {}
    for row in rows:
        key = (row.currency, row.into, row.since)
        if seen.setdefault(key, row.rate) != row.rate:
            wrong.append(f"Line {row.line}: {row.currency} has two rates for {row.since:%Y-%m-%d}.")
    if wrong:
        rest = f" And {figure(len(wrong) - _SHOWN)} more." if len(wrong) > _SHOWN else ""
        raise Refused(f"{' '.join(wrong[:_SHOWN])}{rest} Nothing was taken.", field="file", code="invalid")
    if not rows:
        raise Refused("The table has headings, but no rates.", field="file", code="empty")
    if len(rows) > MOST:
        raise Refused(f"A table may have {figure(MOST)} rates at most.", field="file", code="too_many")
