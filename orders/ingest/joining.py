"""Two files joined: what an order says once stands in a file of headers, its lines in another.

Headers are read first and kept in memory, by the order's number; lines then go through with the cells of their
header behind their own. What does not fit together is refused, each row with its reason: lines without a header,
headers without lines, headers of one number that say different things, and orders whose lines do not come to the
amount that their header declares.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatch
from typing import Final

from orders.ingest.cells import Cells, Chunk, Input, RefusedRow, Table, cells_of, column_of, wrong_width
from orders.ingest.errors import BrokenFile
from orders.ingest.reading.lines import LineMaker
from orders.ingest.stage import Stage
from orders.ingest.states import RejectReason
from orders.sources.spec import NUMBER_PARTS, Spec
from prm.core.notation.reader import figure

MOST_HEADERS: Final = 1_000_000
_CHUNK: Final = 500
# What rounding each line may make, in the currency's units; lines and headers are rounded apart.
_ROUNDING: Final = Decimal("0.005")


@dataclass(slots=True)
class _HeaderRow:
    file_no: int
    line_no: int
    cells: list[str]


@dataclass(slots=True)
class _Header:
    """What is said of one order: its header, others that differ from it, and what its lines come to."""

    row: _HeaderRow
    others: list[_HeaderRow] = field(default_factory=list)
    repeats: int = 0
    lines: int = 0
    comes_to: Decimal = Decimal(0)
    problem: tuple[RejectReason, str, str] | None = None


class Headers:
    """The headers of one run, by number. `fields` are those that headers have and lines have not."""

    def __init__(self, spec: Spec, maker: LineMaker) -> None:
        self.spec, self._maker = spec, maker
        self._names = [name for name in spec.header_columns if name not in NUMBER_PARTS]
        self.fields = [name for name in self._names if name not in spec.columns and name != "amount"]
        self.headings: list[str] = []
        self._by_number: dict[str, _Header] = {}
        self._refused: list[tuple[int, RefusedRow]] = []
        self._all_headings: list[str] = []
        self.lines_of_file: dict[int, int] = {}

    @property
    def declares_amounts(self) -> bool:
        """Whether headers say what their lines come to."""
        return "amount" in self._names

    def read(self, table: Table, file_no: int) -> None:
        """Take the headers of one file. Raises `BrokenFile` beyond `MOST_HEADERS`."""
        self.headings = [column_of(table, name) for name in self.fields]
        self._all_headings = [column_of(table, name) for name in [*NUMBER_PARTS, *self._names]]
        read = 0
        for chunk in table.chunks(_CHUNK):
            for torn in chunk.torn:
                self._refuse(file_no, torn.line_no, [], RejectReason.BAD_QUOTES, torn.message)
                read += 1
            for row, line_no in zip(chunk.rows, chunk.lines, strict=True):
                if any(cell.strip() for cell in row):
                    read += 1
                    self._take(table, row, file_no, line_no)
        self.lines_of_file[file_no] = read

    def _take(self, table: Table, row: list[str], file_no: int, line_no: int) -> None:
        cells = cells_of(table, row)
        kept = [cells.get(name, "") for name in [*NUMBER_PARTS, *self._names]]
        if message := wrong_width(row, table.width):
            return self._refuse(file_no, line_no, kept, RejectReason.WRONG_COLUMNS, message)
        number = self._maker.number_of(cells)
        if not number:
            message = "The header has no order number that can be read."
            return self._refuse(file_no, line_no, kept, RejectReason.NUMBER_MISSING, message, "number")
        header = self._by_number.get(number)
        if header is None:
            if len(self._by_number) >= MOST_HEADERS:
                raise BrokenFile(
                    "", f"More than {figure(MOST_HEADERS)} headers are not taken at once.", line=line_no
                )
            self._by_number[number] = _Header(_HeaderRow(file_no, line_no, kept))
        elif self._differing(header.row.cells, kept):
            header.others.append(_HeaderRow(file_no, line_no, kept))
        else:
            header.repeats += 1
        return None

    def _refuse(
        self, file_no: int, line_no: int, cells: list[str], reason: RejectReason, message: str, at: str = ""
    ) -> None:
        self._refused.append((file_no, RefusedRow(cells, line_no, reason, at, message)))

    def _differing(self, ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
        """Return the fields in which two headers of one number say different things."""
        places = range(len(NUMBER_PARTS), len(ours))
        return [
            name
            for name, place in zip(self._names, places, strict=True)
            if ours[place] != theirs[place]
            and self._maker.canonical(name, ours[place]) != self._maker.canonical(name, theirs[place])
        ]

    def add_up(self, table: Table) -> None:
        """Note what the lines of one file come to, order by order."""
        for chunk in table.chunks(_CHUNK):
            for row in chunk.rows:
                cells = cells_of(table, row)
                header = self._by_number.get(self._number_of(cells))
                if header is not None:
                    header.lines += 1
                    known = self._said(header)
                    own = {name: known[name] for name in self.fields}
                    header.comes_to += self._maker.amount_of(own | cells) or Decimal(0)

    def _said(self, header: _Header) -> Cells:
        """Return what a header says by field, without the parts of its number."""
        return dict(zip(self._names, header.row.cells[len(NUMBER_PARTS) :], strict=True))

    def _number_of(self, cells: Cells) -> str:
        return self._maker.number_of(cells) if cells.get("number", "").strip() else ""

    def judge(self) -> None:
        """Find out which orders cannot be taken."""
        for number, header in self._by_number.items():
            if header.others:
                header.problem = RejectReason.HEADERS_DIFFER, "", self._contradiction(number, header)
            elif self.declares_amounts and header.lines:
                self._compare(number, header)

    def _contradiction(self, number: str, header: _Header) -> str:
        other = header.others[0]
        name = self._differing(header.row.cells, other.cells)[0]
        place = len(NUMBER_PARTS) + self._names.index(name)
        return (
            f"Order {number} has {1 + len(header.others) + header.repeats} headers that contradict each other:"
            f" {self._all_headings[place]} is {header.row.cells[place].strip()!r} in line {figure(header.row.line_no)}"
            f" and {other.cells[place].strip()!r} in line {figure(other.line_no)}."
        )

    def _compare(self, number: str, header: _Header) -> None:
        known = self._said(header)
        cells: Cells = {name: known[name] for name in ("amount", "currency") if name in known}
        declared = self._maker.amount_of(cells)
        if declared is None:
            message = (
                f"The amount {known['amount'].strip()!r} in the header of order {number} cannot be read."
            )
        elif abs(declared - header.comes_to) > _ROUNDING * (header.lines + 1):
            message = f"The lines of order {number} come to {figure(header.comes_to, 2)}; its header says {figure(declared, 2)}."
        else:
            return
        header.problem = RejectReason.SUM_DIFFERS, "", message

    def join(self, table: Table, chunk: Chunk) -> Chunk:
        """Return rows of lines with the cells of their headers behind, without those that have none."""
        rows, lines, refused = [], [], list(chunk.refused)
        first = len(NUMBER_PARTS)
        places = [first + self._names.index(name) for name in self.fields]
        for row, line_no in zip(chunk.rows, chunk.lines, strict=True):
            if not any(cell.strip() for cell in row):
                continue
            if message := wrong_width(row, table.width):
                refused.append(RefusedRow(row, line_no, RejectReason.WRONG_COLUMNS, "", message))
                continue
            number = self._number_of(cells_of(table, row))
            header = self._by_number.get(number)
            if number and header is None:
                message = f"Order {number} has no header in this import."
                refused.append(RefusedRow(row, line_no, RejectReason.HEADER_MISSING, "", message))
                continue
            cells = [header.row.cells[place] for place in places] if header else [""] * len(places)
            if header is not None:
                if not self.declares_amounts:
                    header.lines += 1
                if header.problem is not None:
                    reason, at, message = header.problem
                    told = row if reason == RejectReason.HEADERS_DIFFER else row[: table.width] + cells
                    refused.append(RefusedRow(told, line_no, reason, at, message))
                    continue
            rows.append(row[: table.width] + cells)
            lines.append(line_no)
        return Chunk(rows, lines, chunk.torn, refused)

    def settle(self) -> tuple[int, dict[int, list[RefusedRow]]]:
        """Return how many headers were used, and those that were not, by the number of their file."""
        used = 0
        left: dict[int, list[RefusedRow]] = {}
        for file_no, row in self._refused:
            left.setdefault(file_no, []).append(row)
        for number, header in self._by_number.items():
            problem = header.problem
            if not header.lines and problem is None:
                problem = RejectReason.LINES_MISSING, "", f"Order {number} has no lines in this import."
            if problem is None:
                used += 1 + header.repeats
                continue
            used += header.repeats
            for told in (header.row, *header.others):
                left.setdefault(told.file_no, []).append(RefusedRow(told.cells, told.line_no, *problem))
        return used, left

    def table_of(self, rows: list[RefusedRow]) -> "_Refusals":
        """Return a table of nothing but refused headers."""
        index = {
            name: place
            for place, name in enumerate([*NUMBER_PARTS, *self._names])
            if name in self.spec.header_columns
        }
        return _Refusals(rows, self._all_headings, index)


@dataclass(frozen=True, slots=True)
class _Refusals:
    """Refused rows as a table."""

    rows: list[RefusedRow]
    header: Sequence[str]
    index: dict[str, int]
    bytes_done: int = 0

    @property
    def width(self) -> int:
        """Return how many cells a row has."""
        return len(self.header)

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Give all rows."""
        del size
        yield Chunk([], [], (), sorted(self.rows, key=lambda row: row.line_no))


class _JoinedTable:
    """Lines with the cells of their headers."""

    def __init__(self, table: Table, headers: Headers) -> None:
        self._table, self._headers = table, headers
        self.header = [*table.header, *headers.headings] if table.header else []
        behind = {name: table.width + place for place, name in enumerate(headers.fields)}
        self.index = {**table.index, **behind}
        self.width = table.width + len(headers.fields)

    @property
    def bytes_done(self) -> int:
        """Return how far the file of lines has been read."""
        return self._table.bytes_done

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Give rows of lines, each with its header's cells."""
        for chunk in self._table.chunks(size):
            yield self._headers.join(self._table, chunk)


@dataclass(frozen=True, slots=True)
class _JoinedInput:
    """A file of lines, opened with its headers."""

    given: Input
    headers: Headers

    @property
    def name(self) -> str:
        """Return the name of the file of lines."""
        return self.given.name

    @property
    def size(self) -> int:
        """Return its bytes."""
        return self.given.size

    def head(self) -> bytes:
        """Return the first bytes of the file of lines."""
        return self.given.head()

    @contextmanager
    def open(self, spec: Spec) -> Iterator[Table]:
        """Open it as a table of lines with all that their headers say."""
        with self.given.open(spec) as table:
            yield _JoinedTable(table, self.headers)


@dataclass(frozen=True, slots=True)
class Joined:
    """The inputs of a run that have lines, each with its number in the run; those of headers are read already."""

    inputs: list[tuple[int, Input]]
    headers: Headers | None = None

    def finish(self, stage: Stage) -> None:
        """Count the headers, and reject those that no line used."""
        if self.headers is None:
            return
        used, left = self.headers.settle()
        stage.intake.lines += used
        stage.intake.headers += used
        for file_no, rows in sorted(left.items()):
            stage.intake.feed(self.headers.table_of(rows), file_no)


def joined(inputs: Sequence[Input], spec: Spec, maker: LineMaker) -> Joined:
    """Tell files of headers from files of lines and read the headers; without a second file all are lines.

    Raises `BrokenFile` when one of the two is missing, for a file that is neither, and for one that could be both.
    """
    numbered = list(enumerate(inputs, start=1))
    if not spec.header_columns:
        return Joined(numbered)
    heads = spec.model_copy(update={"columns": spec.header_columns})
    of_headers = [(file_no, given) for file_no, given in numbered if _is_header(given, spec, heads)]
    of_lines = [pair for pair in numbered if pair not in of_headers]
    if not of_headers or not of_lines:
        which, columns = ("headers", heads.columns) if not of_headers else ("lines", spec.columns)
        raise BrokenFile(
            inputs[0].name,
            f"This source has two files, and the one with the {which} of the orders is not here (columns"
            f" {', '.join(map(str, columns.values()))}). Bring both together.",
        )
    headers = Headers(spec, maker)
    for file_no, given in of_headers:
        with given.open(heads) as table:
            headers.read(table, file_no)
    if headers.declares_amounts:
        for _, given in of_lines:
            with given.open(spec) as table:
                headers.add_up(table)
    headers.judge()
    return Joined([(file_no, _JoinedInput(given, headers)) for file_no, given in of_lines], headers)


def _is_header(given: Input, lines: Spec, heads: Spec) -> bool:
    if lines.header_files:
        # Of a file in a ZIP file the name of its own.
        return fnmatch(given.name.rpartition("/")[2].lower(), lines.header_files.lower())
    why_no_lines, why_no_header = _why_not(given, lines), _why_not(given, heads)
    if why_no_lines is None and why_no_header is None:
        raise BrokenFile(
            given.name,
            "Its columns are those of order headers and those of lines. Say in the source how the files of headers"
            " are called.",
        )
    if why_no_lines is not None and why_no_header is not None:
        raise BrokenFile(
            given.name,
            f"It is neither a file of lines ({why_no_lines}) nor one of headers ({why_no_header}).",
        )
    return why_no_header is None


def _why_not(given: Input, spec: Spec) -> str | None:
    try:
        with given.open(spec):
            return None
    except BrokenFile as broken:
        return broken.message
