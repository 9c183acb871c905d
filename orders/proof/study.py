"""A file that nobody has described yet, read once: its letters, its layout, and every column counted."""

import io
import time
import zipfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from orders.doors.files import encodings
from orders.doors.files.csv_rows import line_numbers
from orders.doors.files.layout import HEAD_LINES, TOTAL_WORDS, Layout, find_headings, find_layout
from orders.doors.files.letters import NAMES, Letters, find_letters
from orders.doors.files.packed import unpacked
from orders.doors.files.table import TITLE_LINES, Rows, is_total, rows_of
from orders.ingest.cells import wrong_width
from orders.ingest.errors import BadCell, BrokenFile
from orders.ingest.reading.above import is_blank
from orders.ingest.reading.identifiers import identifier
from orders.proof.counts import Count
from orders.proof.fields import known_words, likely_fields
from orders.proof.tally import MOST_DIFFERENT, ColumnTally, Counting
from orders.sources.rows import PLACES
from orders.sources.spec import Spec
from prm.core.notation.reader import figure
from prm.core.words.unseen import plain

_CHUNK: Final = 2_000
_SHOWN_ROWS: Final = 8
_MOST_TOTALS: Final = 20
# Bytes of the beginning in which known words are looked for.
_HEAD_BYTES: Final = 1 << 16
# Characters of a line that are looked at for the layout.
_LONGEST_LINE: Final = 100_000

Wanted = Callable[[Sequence[str]], Collection[int]]
"""Which columns are counted, by their headings."""


class ShownRow(NamedTuple):
    """A row as written, with its line."""

    line: int
    cells: list[str]


@dataclass(slots=True)
class Study:
    """What a file is. `lines` are rows of orders, all but blank ones, headings and `totals`.

    `odd` counts rows of another width, `torn` lines that cannot be split. `letters` and `layout` are None of a workbook.
    """

    name: str
    size: int
    letters: Letters | None
    layout: Layout | None
    header: list[str] = field(default_factory=list)
    header_line: int = 0
    lines: int = 0
    odd: Count = field(default_factory=Count)
    torn: Count = field(default_factory=Count)
    totals: list[ShownRow] = field(default_factory=list)
    totals_count: int = 0
    columns: list[ColumnTally] = field(default_factory=list)
    first_rows: list[ShownRow] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def width(self) -> int:
        """Return how many columns it has."""
        return len(self.columns)

    @property
    def titles(self) -> int:
        """Return how many lines stand above the headings."""
        return max(0, self.header_line - 1)


def study(
    path: Path,
    name: str,
    *,
    member: str = "",
    report: Callable[[int, int], None] = lambda *_: None,
    wanted: Wanted = lambda headings: range(len(headings)),
) -> Study:
    """Read a whole file (`member`: of a ZIP file) and count it. Raises `BrokenFile` for one that is no table.

    `report` is told the lines and the bytes read so far. `wanted` says by the headings which columns are counted.
    """
    started = time.monotonic()
    with unpacked(path, name, member) as plain, plain.open("rb") as raw:
        found = _begin(raw, plain, name)
        rows = rows_of(raw, plain, spec_of(found), name)
        _count(found, rows, lambda: report(found.lines, raw.tell()), wanted)
    if not found.lines:
        raise BrokenFile(name, _why_no_lines(found))
    found.seconds = round(time.monotonic() - started, 1)
    return found


def _why_no_lines(found: Study) -> str:
    if not found.odd.count:
        return "The file has headings and nothing below them. Choose one with rows in it."
    return (
        f"No line has as many cells as the headings: line {figure(found.odd.line)} has {found.odd.text}. A comma inside an amount"
        " or a name divides it, unless the cell stands in quotation marks. Export it again with quotation marks, or with"
        " another sign between cells."
    )


def _begin(raw: io.BufferedReader, path: Path, name: str) -> Study:
    size = path.stat().st_size
    if not size:
        raise BrokenFile(name, "The file is empty.")
    if zipfile.is_zipfile(raw):
        raw.seek(0)
        return Study(name, size, None, None)
    raw.seek(0)
    # Refuses what is no text at all, in words.
    encodings.check_kind(raw, name)
    letters = _told_by_words(find_letters(path), raw)
    codec = encodings.check(raw, letters.encoding, name)
    with io.TextIOWrapper(path.open("rb"), encoding=codec, errors="replace", newline="") as text:
        layout = find_layout(_lines(text))
    return Study(name, size, letters, layout)


def _told_by_words(letters: Letters, raw: io.BufferedReader) -> Letters:
    """Decide between encodings where headings or states that are known here come out of one alone."""
    if letters.is_certain:
        return letters
    raw.seek(0)
    head = raw.read(_HEAD_BYTES)
    raw.seek(0)
    told = [
        (reading, words)
        for reading in letters.readings
        if (words := known_words(head.decode(reading.encoding, errors="ignore")))
    ]
    if len(told) != 1:
        return letters
    reading, words = told[0]
    name = NAMES.get(reading.encoding, reading.encoding)
    evidence = f"{name}: words that are known here, such as {', '.join(words[:2])}, come out of no other"
    return Letters((reading,), True, evidence)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for _ in range(HEAD_LINES):
        if not (line := text.readline(_LONGEST_LINE)):
            return
        yield line


def spec_of(found: Study) -> Spec:
    """Return how the file is split into cells, as a specification without columns."""
    spec: dict[str, object] = {}
    if found.letters and found.layout:
        spec = {
            "encoding": found.letters.encoding,
            "delimiter": found.layout.delimiter,
            "quote": found.layout.quote,
            "escape": found.layout.escape,
            "starts": found.layout.starts,
        }
    return Spec.model_construct(columns={}, **spec)  # type: ignore[arg-type]


# --- rows -----------------------------------------------------------------------------------------------


def _count(found: Study, rows: Rows, report: Callable[[], None], wanted: Wanted) -> None:
    head, lines = _head_of(found, rows)
    if not head:
        raise BrokenFile(found.name, "The file holds nothing but blank lines.")
    width = found.layout.width if found.layout else max(len(row) for row in head)
    if width not in range(2, PLACES.stop):
        raise BrokenFile(
            found.name,
            "This is no table: no comma, semicolon, tab or | divides its lines into columns. Export it as CSV or XLSX.",
        )
    place = find_headings(head, width)
    if place is not None:
        found.header = [plain(cell).strip() for cell in head[place]]
        found.header_line = lines[place]
        head, lines = head[place + 1 :], lines[place + 1 :]
        width = len(found.header)
    counting = _Counting(found, width, wanted)
    counting.take(head, lines)
    before = rows.line_num
    last: list[str] = []
    while True:
        taken, torn = rows.take(_CHUNK)
        if not taken and not torn:
            break
        for line_no, message in torn:
            found.torn.add(1, line_no, message)
        numbers = line_numbers(taken, before, {line_no for line_no, _ in torn})
        before, last = rows.line_num, taken[-1] if taken else []
        counting.take(taken, numbers)
        report()
    rows.check_end(last, width)
    counting.close()


def _head_of(found: Study, rows: Rows) -> tuple[list[list[str]], list[int]]:
    """Return the first rows that are not blank, and their lines."""
    before = rows.line_num
    taken, torn = rows.take(TITLE_LINES + 1)
    for line_no, message in torn:
        found.torn.add(1, line_no, message)
    numbers = line_numbers(taken, before, {line_no for line_no, _ in torn})
    kept = [
        (row, line) for row, line in zip(taken, numbers, strict=True) if any(cell.strip() for cell in row)
    ]
    if kept and len(kept[0][0]) <= 2 and kept[0][0][0].lower().startswith("sep="):
        kept = kept[1:]
    return [row for row, _ in kept], [line for _, line in kept]


class _Counting:
    """The columns of a file while its rows go by."""

    def __init__(self, found: Study, width: int, wanted: Wanted) -> None:
        headings = found.header or [f"column {place + 1}" for place in range(width)]
        self.found, self.width, self.wanted = found, width, sorted(wanted(headings))
        self.columns = [Counting(heading, place) for place, heading in enumerate(headings)]
        places = likely_fields(headings).get("number", [])
        self._number = places[0] if places and found.header else None
        # Orders seen so far, by the hash of their number as it is compared.
        self._seen: set[int] = set()

    def take(self, rows: Sequence[list[str]], lines: Sequence[int]) -> None:
        """Count rows; those of another width and totals are set aside."""
        kept, numbers = [], []
        for row, line in zip(rows, lines, strict=True):
            if self._is_order(row, line):
                kept.append(row[: self.width])
                numbers.append(line)
        if not kept:
            return
        self.found.lines += len(kept)
        room = _SHOWN_ROWS - len(self.found.first_rows)
        if room > 0:
            shown = zip(numbers[:room], kept[:room], strict=True)
            self.found.first_rows += [ShownRow(line, [cell[:80] for cell in row]) for line, row in shown]
        columns = list(zip(*kept, strict=True))
        for place in self.wanted:
            self.columns[place].add(columns[place], numbers)
        if self._number is not None:
            self._count_blanks(columns)

    def _is_order(self, row: list[str], line: int) -> bool:
        filled = sum(1 for cell in row if cell.strip())
        if not filled or (row[0] and [plain(cell).strip() for cell in row] == self.found.header):
            return False
        if filled * 2 <= self.width and is_total(row, TOTAL_WORDS):
            self.found.totals_count += 1
            if len(self.found.totals) < _MOST_TOTALS:
                self.found.totals.append(ShownRow(line, [cell[:80] for cell in row]))
            return False
        if wrong_width(row, self.width):
            self.found.odd.add(1, line, f"{len(row)} of {self.width} columns")
            return False
        return True

    def _count_blanks(self, columns: Sequence[tuple[str, ...]]) -> None:
        """Count blank cells of first rows of orders: only those say nothing that the row above could say."""
        starts, last = [], ""
        for place, cell in enumerate(columns[self._number or 0]):
            if cell == last:
                continue
            last, number = cell, _compared(cell)
            if number and (key := hash(number)) not in self._seen:
                starts.append(place)
                if len(self._seen) < MOST_DIFFERENT:
                    self._seen.add(key)
        for counting, cells in zip(self.columns, columns, strict=True):
            counting.tally.blank_first += sum(1 for place in starts if is_blank(cells[place]))

    def close(self) -> None:
        """Hand the columns over."""
        self.found.columns = [counting.tally for counting in self.columns]


def _compared(cell: str) -> str:
    """Return an order number as it is compared, "" for none."""
    try:
        return identifier(cell, "order number")
    except BadCell:
        return cell.strip()
