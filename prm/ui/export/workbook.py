"""A list as a workbook (XLSX), written row by row to a file on the disk: memory does not grow with the list."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import xlsxwriter

from prm.core.csv import disarm
from prm.ui.export.cells import Amount, Cell, Ratio, Sheet

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 50_000
"""Written in some seconds. A longer list is offered as CSV, which is sent while it is read."""

# Excel's own bounds: the first day it knows, digits of a number that it keeps, characters of a cell.
_FIRST_DAY, _DIGITS, _CHARACTERS = date(1900, 3, 1), 15, 32_767
_Formats = Callable[[str], "Format"]


def written(sheet: Sheet) -> IO[bytes]:
    """Return the workbook as an open file, at its beginning."""
    file = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False})
    page = book.add_worksheet()
    page.freeze_panes(1, 0)
    page.set_column(0, max(len(sheet.heads) - 1, 0), 18)
    head = book.add_format({"bold": True})
    for place, text in enumerate(sheet.heads):
        page.write_string(0, place, text, head)

    @cache
    def formats(pattern: str) -> "Format":
        # Text that looks like a formula stays text when somebody edits it, or saves the list as CSV.
        return book.add_format({"quote_prefix": True} if pattern == "'" else {"num_format": pattern})

    for line, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            _write(page, (line, place), cell, formats)
    book.close()
    file.seek(0)
    return file


def _write(page: "Worksheet", at: tuple[int, int], cell: Cell, formats: _Formats) -> None:
    """Write a cell with its type. What Excel cannot hold as a number or date stays whole as text."""
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        _write_text(page, at, cell, formats)
    elif isinstance(cell, bool):
        page.write_string(*at, "yes" if cell else "no")
    elif isinstance(cell, Amount):
        decimals = f".{'0' * cell.decimals}" if cell.decimals else ""
        _write_number(page, at, cell.rounded, formats(f"#,##0{decimals}"))
    elif isinstance(cell, Ratio):
        page.write_number(*at, float(cell.value), formats("0%"))
    elif isinstance(cell, date):
        _write_day(page, at, cell, formats)
    else:
        _write_number(page, at, cell, None)


def _write_text(page: "Worksheet", at: tuple[int, int], text: str, formats: _Formats) -> None:
    if len(text) > _CHARACTERS:
        text = f"{text[: _CHARACTERS - 1]}…"
    page.write_string(*at, text, None if disarm(text) == text else formats("'"))


def _write_number(
    page: "Worksheet", at: tuple[int, int], value: Decimal | float, form: "Format | None"
) -> None:
    digits = len(Decimal(str(value)).normalize().as_tuple().digits)
    if digits > _DIGITS:
        page.write_string(*at, f"{value:f}" if isinstance(value, Decimal) else str(value))
    else:
        page.write_number(*at, float(value), form)


def _write_day(page: "Worksheet", at: tuple[int, int], day: date, formats: _Formats) -> None:
    if (day.date() if isinstance(day, datetime) else day) < _FIRST_DAY:
        page.write_string(*at, day.isoformat())
    else:
        page.write_datetime(
            *at, day, formats("yyyy-mm-dd hh:mm" if isinstance(day, datetime) else "yyyy-mm-dd")
        )
