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
from typing import Final, Protocol

from orders.doors.files import encodings
from orders.doors.files.columns import Columns, find_columns, has_headings
from orders.doors.files.csv_rows import CsvRows, line_numbers
from orders.doors.files.fixed_rows import FixedRows
from orders.doors.files.packed import unpacked
from orders.doors.files.workbook import XLSX_MAGIC, WorkbookRows
from orders.ingest.cells import Chunk, Torn
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec

# Rows above the headings that may be titles.
TITLE_LINES: Final = 20


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
        self._totals = tuple(word.casefold() for word in spec.totals)
        self._headings_row: list[str] | None = None
        first, line = _first_row(rows, name), rows.line_num
        if _names_the_separator(first):
            first, line = _first_row(rows, name), rows.line_num
        self._first: list[tuple[list[str], int]] = []
        if spec.header:
            first, line = self._headings(first, line, spec)
            self._headings_row = first
        else:
            self._first = [(first, line)]
        self.columns: Columns = find_columns(first, spec, name=name, line=line)
        self.header, self.index, self.width = self.columns.header, self.columns.index, self.columns.width

    def _headings(self, first: list[str], line: int, spec: Spec) -> tuple[list[str], int]:
        """Return the first of the rows that has the headings; title lines may stand above it.

        When none has, the first row is returned, and what was read beyond it is of no more use.
        """
        if has_headings(first, spec):
            return first, line
        for _ in range(TITLE_LINES):
            before = self._rows.line_num
            taken, torn = self._rows.take(1)
            if not taken or torn:
                break
            if has_headings(taken[0], spec):
                return taken[0], before + 1
        return first, line

    @property
    def bytes_done(self) -> int:
        """Return how far the file has been read."""
        return self._raw.tell()

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Give the data rows, `size` at a time, with the physical line each begins in."""
        before = self._rows.line_num
        if self._first:
            yield Chunk([row for row, _ in self._first], [line for _, line in self._first])
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
            yield Chunk(self._orders_only(rows), lines, torn)
        self._rows.check_end(last, self.width)

    def _orders_only(self, rows: list[list[str]]) -> list[list[str]]:
        """Return rows with lines of totals, and headings that come again, made blank: nobody takes a blank line for an order."""
        if self._headings_row in rows:
            rows = [[] if row == self._headings_row else row for row in rows]
        if not self._totals:
            return rows
        return [[] if is_total(row, self._totals) else row for row in rows]


def is_total(row: Sequence[str], words: tuple[str, ...]) -> bool:
    """Return whether a row's first cell that is not blank begins with one of these words, in small letters."""
    first = next((text for cell in row if (text := cell.strip())), "").casefold()
    return any(first == word or first.startswith((f"{word} ", f"{word}:")) for word in words)


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
def open_table(path: Path, spec: Spec, *, name: str = "", member: str = "") -> Iterator[FileTable]:
    """Open a file (`member`: of a ZIP file) as its source says it is to be read. Raises `BrokenFile`."""
    name = name or path.name
    with unpacked(path, name, member) as plain, plain.open("rb") as raw:
        yield FileTable(raw, rows_of(raw, plain, spec, name), spec, name)


def rows_of(raw: io.BufferedReader, path: Path, spec: Spec, name: str) -> Rows:
    """Return the rows of an open file, whose columns nobody has looked for yet. Raises `BrokenFile`."""
    head = raw.read(len(XLSX_MAGIC))
    raw.seek(0)
    if not head:
        raise BrokenFile(name, "The file is empty.")
    if head == XLSX_MAGIC and zipfile.is_zipfile(raw):
        if spec.decimal_marks:
            raise BrokenFile(
                name,
                "The source reads some columns with a decimal mark of their own, as only text files need it; the numbers"
                " of a workbook have none. Make a source for workbooks.",
            )
        return WorkbookRows(path, name, spec)
    raw.seek(0)
    encoding = encodings.check(raw, spec.encoding, name)
    if spec.starts:
        return FixedRows(raw, path, encoding, spec, name)
    return CsvRows(raw, path, encoding, spec, name)
