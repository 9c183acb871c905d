"""From a file to rows of text, in bounded memory, with the line number of every row.

A file that cannot be trusted as a whole (wrong encoding, missing column, cut off in the middle,
a quotation mark that is never closed) raises :class:`BrokenFile`, which says what is wrong and
where. A single bad cell is no matter of this module. Cells are text and stay text: a formula in a
CSV file is a text that begins with "=".
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, Self

from orders.doors.files import encodings
from orders.doors.files.workbook import XLSX_MAGIC, WorkbookRows
from orders.ingest.errors import BrokenFile
from orders.sources.spec import DELIMITERS, FIELDS, Spec

# Bytes. The csv module refuses a field beyond its own limit, which we leave at 131,072 characters.
LINE_LIMIT = 1_000_000
_LINE_END = re.compile(r"\r\n|\r|\n")


class Rows(Protocol):
    """Rows in file order; ``line_num`` is the last physical line taken."""

    @property
    def line_num(self) -> int: ...

    def take(self, count: int) -> tuple[list[list[str]], list[tuple[int, str]]]: ...

    def check_end(self, last: list[str], width: int) -> None: ...


class Table:
    """An open file whose columns were found. Use as a context manager.

    ``index`` maps fields to positions, ``width`` is the number of columns, ``header`` the headings
    (empty without a header), ``first_line`` the last line before the data. ``dropped`` are the
    headings that no field uses: their content is never looked at.
    """

    def __init__(self, path: Path, spec: Spec, *, name: str = "") -> None:
        self.path, self.spec, self.name = path, spec, name or path.name
        self.size = path.stat().st_size
        self.header: list[str] = []
        self.index: dict[str, int] = {}
        self.width = 0
        self.torn: list[tuple[int, str]] = []
        self._raw: io.BufferedReader | None = None

    def __enter__(self) -> Self:
        self._raw = self.path.open("rb")
        try:
            self._start(self._raw)
        except BaseException:
            self._raw.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._raw is not None:
            self._raw.close()

    @property
    def bytes_done(self) -> int:
        """How far the file has been read."""
        return self._raw.tell() if self._raw is not None and not self._raw.closed else self.size

    @property
    def dropped(self) -> list[str]:
        """Headings of columns that no field uses."""
        used = set(self.index.values())
        return [name for place, name in enumerate(self.header) if place not in used]

    def _start(self, raw: io.BufferedReader) -> None:
        head = raw.read(4)
        raw.seek(0)
        if not self.size:
            raise BrokenFile(self.name, "The file is empty.")
        if head.startswith(XLSX_MAGIC) and zipfile.is_zipfile(raw):
            self.rows: Rows = WorkbookRows(self.path, self.name)
        else:
            raw.seek(0)
            encoding = encodings.check(raw, self.spec.encoding, self.name)
            self.rows = _CsvRows(raw, encoding, self.spec.delimiter, self)
        self._find_columns()

    def _find_columns(self) -> None:
        first: list[str] = []
        while not any(cell.strip() for cell in first):
            rows, torn = self.rows.take(1)
            if torn:
                raise BrokenFile(self.name, torn[0][1], line=torn[0][0])
            if not rows:
                raise BrokenFile(self.name, "The file holds nothing but blank lines.")
            first = rows[0]
        self.width = len(first)
        if not self.spec.header:
            self._number_columns(first)
            self._first: list[list[str]] = [first]
            self.first_line = self.rows.line_num - 1
            return
        self._first = []
        self.first_line = self.rows.line_num
        self.header = [cell.strip().lstrip("\ufeff") for cell in first]
        self.index = self._match_header()

    def _number_columns(self, first: list[str]) -> None:
        self.index = {key: int(number) - 1 for key, number in self.spec.columns.items()}
        worst = max(self.index.items(), key=lambda item: item[1])
        if worst[1] >= len(first):
            raise BrokenFile(
                self.name,
                f"{FIELDS[worst[0]]} should be in column {worst[1] + 1}, but the line has {len(first)}"
                f" columns.{self._delimiter_hint(first)}",
                line=self.rows.line_num,
            )

    def _match_header(self) -> dict[str, int]:
        plain = [_plain(name) for name in self.header]
        found: dict[str, int] = {}
        missing: list[tuple[str, str]] = []
        for key, heading in self.spec.columns.items():
            wanted = _plain(str(heading))
            if plain.count(wanted) > 1:
                raise BrokenFile(
                    self.name, f"The heading {heading!r} stands over two columns.", line=self.first_line
                )
            if wanted in plain:
                found[key] = plain.index(wanted)
            else:
                missing.append((key, str(heading)))
        if missing:
            raise self._missing(missing, nothing_found=not found)
        return found

    def _missing(self, missing: list[tuple[str, str]], *, nothing_found: bool) -> BrokenFile:
        hint = self._delimiter_hint(self.header)
        if nothing_found and not hint and any(_looks_like_data(cell) for cell in self.header):
            return BrokenFile(
                self.name,
                "The first line looks like data, not like headings ("
                + ", ".join(self.header[:4])
                + "). Send the file with its headings, or say header = false in the source and give"
                " the columns by number.",
                line=self.first_line,
            )
        parts = [self._missing_one(key, heading) for key, heading in missing]
        known = ", ".join(name[:60] for name in self.header[:20])
        return BrokenFile(self.name, f"{' '.join(parts)} The file has: {known}.{hint}", line=self.first_line)

    def _missing_one(self, key: str, heading: str) -> str:
        near = get_close_matches(_plain(heading), [_plain(name) for name in self.header], n=1, cutoff=0.6)
        like = next((name for name in self.header if near and _plain(name) == near[0]), None)
        guess = f" Did you mean {like!r}?" if like else ""
        return f"There is no column {heading!r} ({FIELDS[key].lower()}).{guess}"

    def _delimiter_hint(self, cells: list[str]) -> str:
        if len(cells) > 1:
            return ""
        for word, mark in DELIMITERS.items():
            if mark != self.spec.delimiter and cells and cells[0].count(mark) >= 2:
                return f" The columns seem to be separated by {word}: change the delimiter of the source."
        return ""

    def chunks(self, size: int) -> Iterator[tuple[list[list[str]], Sequence[int]]]:
        """Data rows, ``size`` at a time, with the physical line each begins in.

        Blank lines come as empty rows. Lines that cannot be split into cells are left out and
        added to ``torn`` as (line, message) before the chunk that follows them.
        """
        if self._first:
            yield self._first, [self.first_line + 1]
        before = self.first_line + len(self._first)
        last: list[str] = []
        while True:
            rows, torn = self.rows.take(size)
            self.torn.extend(torn)
            if not rows and not torn:
                break
            after = self.rows.line_num
            lines = (
                range(before + 1, after + 1)
                if after - before == len(rows)
                else _line_numbers(rows, before, [line for line, _ in torn])
            )
            before, last = after, rows[-1] if rows else []
            yield rows, lines
        self.rows.check_end(last, self.width)


def _line_numbers(rows: list[list[str]], before: int, torn: list[int]) -> list[int]:
    """Where each row begins, when cells span lines or lines are missing between."""
    numbers, line = [], before + 1
    for row in rows:
        while line in torn:
            line += 1
        numbers.append(line)
        line += 1 + sum(len(_LINE_END.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)
    return numbers


class _Guarded(io.RawIOBase):
    """The file's bytes, with a line that never ends noticed before it fills the memory."""

    def __init__(self, raw: io.BufferedReader, name: str) -> None:
        super().__init__()
        self._raw, self._name = raw, name
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._raw.readinto(buffer)
        block = bytes(buffer[:count])
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._since_line_end = self._since_line_end + count if end < 0 else count - end
        if self._since_line_end > LINE_LIMIT:
            raise BrokenFile(
                self._name,
                f"A line is longer than {LINE_LIMIT:,} bytes. Is this really a table of orders?"
                " Nothing of it was taken.",
            )
        return count


class _CsvRows:
    """The csv module with long lines, open quotes and cut-off ends noticed."""

    def __init__(self, raw: io.BufferedReader, encoding: str, delimiter: str, table: Table) -> None:
        self._name, self._path, self._encoding = table.name, table.path, encoding
        self._guarded = io.BufferedReader(_Guarded(raw, table.name), buffer_size=65_536)
        text = io.TextIOWrapper(self._guarded, encoding=encoding, newline="")
        self._reader = csv.reader(text, delimiter=delimiter, strict=True)

    @property
    def line_num(self) -> int:
        return self._reader.line_num

    def take(self, count: int) -> tuple[list[list[str]], list[tuple[int, str]]]:
        """The next rows; at a line that cannot be split, those before it and that line."""
        rows: list[list[str]] = []
        start = self.line_num
        try:
            # On an error the rows read before it stay in the list.
            rows.extend(islice(self._reader, count))
        except UnicodeDecodeError as error:
            raise encodings.located(self._path, self._encoding, self._name) from error
        except csv.Error as error:
            begun = _line_numbers([*rows, []], start, [])[-1]
            return rows, [self._torn(begun, str(error))]
        return rows, []

    def _torn(self, line: int, error: str) -> tuple[int, str]:
        if "unexpected end of data" in error:
            raise BrokenFile(
                self._name,
                "A quotation mark is opened here and never closed: the file is cut off, or the mark is"
                " a mistake. Nothing of it was taken.",
                line=line,
            )
        if "field limit" in error:
            raise BrokenFile(
                self._name,
                f"A field is longer than {csv.field_size_limit():,} characters. A quotation mark may be"
                " opened here and not closed. Nothing of the file was taken.",
                line=line,
            )
        return line, f"The line cannot be split into cells: a quotation mark is out of place ({error})."

    def check_end(self, last: list[str], width: int) -> None:
        """Refuse a file whose last line stops in the middle."""
        if not last or len(last) >= width:
            return
        with self._path.open("rb") as file:
            file.seek(-min(2, self._path.stat().st_size), io.SEEK_END)
            if set(file.read()) & {10, 13}:
                return
        raise BrokenFile(
            self._name,
            f"The file is cut off in the middle of its last line ({len(last)} of {width} columns)."
            " Nothing of it was taken; send it again as a whole.",
            line=self.line_num,
        )


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _looks_like_data(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return digits * 2 >= len(cell) > 0
