"""Rows of the first sheet of an XLSX workbook, as the text a CSV export would hold."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from orders.ingest.errors import BrokenFile

XLSX_MAGIC = b"PK\x03\x04"
# Bytes unpacked. A sheet is held in memory by the reader, unlike CSV; larger ones go as CSV.
UNPACKED_LIMIT = 200 * 1024 * 1024


class WorkbookRows:
    """The rows of the first sheet. Formulas count as the values Excel saved with them."""

    def __init__(self, path: Path, name: str) -> None:
        self.line_num = 0
        self._name = name
        try:
            with zipfile.ZipFile(path) as parts:
                unpacked = sum(part.file_size for part in parts.infolist())
                is_workbook = any(part.filename.startswith("xl/") for part in parts.infolist())
        except zipfile.BadZipFile as error:
            raise BrokenFile(name, "The file is damaged: it begins like a workbook and is none.") from error
        if not is_workbook:
            raise BrokenFile(name, "This is a ZIP file without a workbook in it: unpack it first.")
        if unpacked > UNPACKED_LIMIT:
            raise BrokenFile(name, "The workbook is larger than 200 MB unpacked: save the sheet as CSV.")
        try:
            self._rows = (
                CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
            )
        except (CalamineError, OSError, ValueError) as error:
            raise BrokenFile(name, f"The workbook cannot be read: {error}.") from error

    def take(self, count: int) -> tuple[list[list[str]], list[tuple[int, str]]]:
        """The next rows as text."""
        rows = self._rows[self.line_num : self.line_num + count]
        self.line_num += len(rows)
        return [[_text(value) for value in row] for row in rows], []

    def check_end(self, last: list[str], width: int) -> None:
        """A workbook that could be opened is whole."""


def _text(value: Any) -> str:
    """A cell as text: whole numbers without ".0", moments in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
