"""An order file as a table: rows of text, in bounded memory, with the line number of every row.

A file that cannot be trusted as a whole (wrong encoding, missing column, cut off in the middle,
a quotation mark that is never closed) raises `BrokenFile`, which says what is wrong and where.
Cells are text and stay text: a formula in a CSV file is a text that begins with "=".
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from orders.doors.files import encodings
from orders.doors.files.columns import Columns, find_columns
from orders.doors.files.csv_rows import CsvRows, line_numbers
from orders.doors.files.workbook import XLSX_MAGIC, WorkbookRows
from orders.ingest.cells import Chunk, Torn
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec


class Rows(Protocol):
    """Rows in file order; `line_num` is the last physical line taken."""

    @property
    def line_num(self) -> int: ...

    def take(self, count: int) -> tuple[list[list[str]], list[Torn]]: ...

    def check_end(self, last: Sequence[str], width: int) -> None: ...


class FileTable:
    """An open file whose columns were found (`orders.ingest.cells.Table`). See `open_table`."""

    def __init__(self, raw: io.BufferedReader, rows: Rows, spec: Spec, name: str) -> None:
        self._raw, self._rows = raw, rows
        first = _first_row(rows, name)
        if _names_the_separator(first):
            first = _first_row(rows, name)
        self.columns: Columns = find_columns(first, spec, name=name, line=rows.line_num)
        self.header, self.index, self.width = self.columns.header, self.columns.index, self.columns.width
        # Without a header the first row is data already.
        self._first = [] if spec.header else [first]

    @property
    def bytes_done(self) -> int:
        """Return how far the file has been read."""
        return self._raw.tell()

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Give the data rows, `size` at a time, with the physical line each begins in."""
        rows, before = self._first, self._rows.line_num
        if rows:
            yield Chunk(rows, [before])
        last: list[str] = []
        while True:
            rows, torn = self._rows.take(size)
            if not rows and not torn:
                break
            after = self._rows.line_num
            lines = (
                range(before + 1, after + 1)
                if after - before == len(rows)
                else line_numbers(rows, before, {line_no for line_no, _ in torn})
            )
            before, last = after, rows[-1] if rows else []
            yield Chunk(rows, lines, torn)
        self._rows.check_end(last, self.width)


def _first_row(rows: Rows, name: str) -> list[str]:
    """Return the first row that is not blank."""
    while True:
        taken, torn = rows.take(1)
        for line_no, message in torn:
            raise BrokenFile(name, message, line=line_no)
        if not taken:
            raise BrokenFile(name, "The file holds nothing but blank lines.")
        for row in taken:
            if any(cell.strip() for cell in row):
                return row


def _names_the_separator(row: Sequence[str]) -> bool:
    """Return whether a first row is Excel's own: `sep=;`, whatever it is split by."""
    text = row[0].strip().lstrip("\ufeff").strip('"').lower() if not any(row[2:]) else ""
    return text == "sep=" if any(row[1:]) or len(row) == 2 else text.startswith("sep=") and len(text) <= 5


@contextmanager
def open_table(path: Path, spec: Spec, *, name: str = "") -> Iterator[FileTable]:
    """Open a file as its source says it is to be read. Raises `BrokenFile`."""
    name = name or path.name
    with path.open("rb") as raw:
        yield FileTable(raw, _rows_of(raw, path, spec, name), spec, name)


def _rows_of(raw: io.BufferedReader, path: Path, spec: Spec, name: str) -> Rows:
    head = raw.read(len(XLSX_MAGIC))
    raw.seek(0)
    if not head:
        raise BrokenFile(name, "The file is empty.")
    if head == XLSX_MAGIC and zipfile.is_zipfile(raw):
        return WorkbookRows(path, name, spec)
    raw.seek(0)
    encoding = encodings.check(raw, spec.encoding, name)
    return CsvRows(raw, path, encoding, spec.delimiter, name)
