"""A list as CSV, row by row: with a mark of UTF-8, by which spreadsheets know it, and no cell that runs."""

import csv
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from prm.core.csv import disarm
from prm.ui.export.cells import Amount, Cell, Ratio, Sheet

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
CONTENT_TYPE = "text/csv; charset=utf-8"


class _Line:
    """What csv.writer writes to: hands each line back."""

    def write(self, text: str) -> str:
        return text


def lines(sheet: Sheet) -> Iterator[str]:
    """Give the file in pieces of one line."""
    write = csv.writer(_Line()).writerow
    yield MARK + _written(write([disarm(head) for head in sheet.heads]))
    for row in sheet.rows:
        yield _written(write([plain(cell) for cell in row]))


def plain(cell: Cell) -> str:
    """Return a cell as text: ISO dates, a full stop before decimals, no thousands, `yes` or `no`."""
    value = cell.rounded if isinstance(cell, Amount) else cell.value if isinstance(cell, Ratio) else cell
    if value is None or isinstance(value, str):
        return disarm(value or "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _written(line: object) -> str:
    return str(line)  # csv.writer gives back what `_Line.write` does, and says it is anything
