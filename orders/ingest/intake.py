"""From tables to accepted lines and rejected ones: every line read ends in one of the two.

Lines go through in chunks, column by column, because that is where an import spends most of its own
time; a chunk with anything unusual in it goes through again line by line.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import repeat
from typing import cast

from orders.book.states import OrderState
from orders.doors.files.reader import Table
from orders.ingest.errors import BadCell
from orders.ingest.group import Contradiction, Grouper, Line, Products
from orders.ingest.rules import NULL, Memory, Rules, escape
from orders.sources.spec import FIELDS

Cells = dict[str, str]
"""Cells as written, by field."""

# Lines judged together; one bad line sends this many the slow way.
_CHUNK = 500
_HEADER = ("partner_name", "currency", "state")
_NUMBERS = ("quantity", "unit_price", "amount")
# Distinct rejected contents counted per run, so that the same bad line twice is two rejects.
_OCCURRENCES = 100_000
_CELL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that cannot be stored, and why."""

    file_no: int
    line_no: int
    reason: str
    field: str
    column: str
    message: str
    raw: Cells
    fingerprint: str

    def copy_line(self) -> str:
        """As COPY's text format takes it."""
        raw = json.dumps(self.raw, ensure_ascii=False)
        texts = (self.reason, self.field, self.column[:200], self.message, raw, self.fingerprint)
        return f"{self.file_no}\t{self.line_no}\t" + "\t".join(escape(t) for t in texts) + "\n"


@dataclass(slots=True)
class Intake:
    """Judges lines and hands them on. ``corrections`` maps fingerprints to cells corrected by hand.

    ``report`` is told now and then how many bytes of the present file are done.
    """

    rules: Rules
    grouper: Grouper
    products: Products
    write_reject: Callable[[Reject], None]
    corrections: Mapping[str, Cells] = field(default_factory=dict)
    report: Callable[[int], None] = lambda _bytes: None
    lines: int = 0
    rejected: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)
    _memories: dict[str, Memory] = field(default_factory=dict)
    _defaults: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._memories = {name: Memory(rule) for name, rule in self.rules.by_field().items()}
        self._defaults = dict.fromkeys(FIELDS, "") | {
            "quantity": "1",
            "unit_price": NULL,
            "amount": NULL,
            "currency": self.rules.spec.currency or self.rules.currency,
            "state": OrderState.COMPLETED.value,
        }

    def feed(self, table: Table, file_no: int, *, at_most: int | None = None) -> int:
        """Take the rows of a table, or about ``at_most`` of them; gives how many lines were read."""
        before = self.lines
        for rows, numbers in table.chunks(_CHUNK):
            if at_most is not None and self.lines - before >= at_most:
                break
            for line_no, message in table.torn:
                self.lines += 1
                self._keep(table, [], file_no, line_no, "bad_quotes", "", message)
            table.torn.clear()
            if not self._feed_whole(table, rows, numbers, file_no):
                self._feed_singly(table, rows, numbers, file_no)
            self.report(table.bytes_done)
        return self.lines - before

    def _feed_whole(self, table: Table, rows: list[list[str]], numbers: Sequence[int], file_no: int) -> bool:
        """The fast way, column by column; False when any line needs a closer look."""
        if set(map(len, rows)) != {table.width}:
            return False
        columns = list(zip(*rows, strict=True))
        try:
            cells = {
                name: list(map(self._memories[name].__getitem__, columns[place]))
                for name, place in table.index.items()
            }
        except BadCell:
            return False
        if not _is_complete(cells):
            return False
        self.lines += len(rows)
        for line, error in self.grouper.add(self._lines(cells, numbers), file_no):
            row = rows[numbers.index(line[5])]
            self._reject_row(table, row, file_no, line[5], error)
        return True

    def _lines(
        self, cells: Mapping[str, Sequence[str]], numbers: Sequence[int], by_hand: str = "0"
    ) -> Iterator[Line]:
        def column(name: str) -> Iterable[str]:
            return cells[name] if name in cells else repeat(self._defaults[name])

        code, name = column("product_code"), column("product_name")
        amounts = [column(name) for name in _NUMBERS]
        if "product_code" in cells:
            products: Iterable[str] = map(self.products.__getitem__, zip(code, name))  # noqa: B905
        else:
            products = repeat(NULL)
        keys = map("\t".join, zip(column("date"), code, name, *amounts))  # noqa: B905
        staged = map("\t".join, zip(column("date"), products, *amounts, repeat(by_hand)))
        headers: Iterable[tuple[str, ...]] = zip(*(column(name) for name in _HEADER))  # noqa: B905
        if not any(name in cells for name in _HEADER):
            headers = repeat(tuple(self._defaults[name] for name in _HEADER))
        lines = zip(cells["number"], column("code"), headers, keys, staged, numbers)  # noqa: B905
        return cast("Iterator[Line]", lines)

    def _feed_singly(self, table: Table, rows: list[list[str]], numbers: Sequence[int], file_no: int) -> None:
        for row, line_no in zip(rows, numbers, strict=True):
            if not any(cell.strip() for cell in row):
                continue
            self.lines += 1
            if len(row) != table.width and not self._fits(row, table.width):
                self._wrong_width(table, row, file_no, line_no)
                continue
            cells = {name: row[place] for name, place in table.index.items()}
            try:
                refused = self.grouper.add_one(self.line_of(cells, line_no), file_no)
            except (BadCell, Contradiction) as error:
                self._reject_row(table, row, file_no, line_no, error)
            else:
                for contradiction in refused:
                    self._reject_row(table, row, file_no, line_no, contradiction)

    def line_of(self, cells: Cells, line_no: int, *, by_hand: bool = False) -> Line:
        """The line that cells make. Raises :class:`BadCell` or :class:`Contradiction`."""
        values = {name: self._memories[name][raw] for name, raw in cells.items()}
        self._check_amount(values)
        if values.get("quantity") == NULL:
            values["quantity"] = "1"
        columns = {name: [value] for name, value in values.items()}
        return Line(*next(self._lines(columns, [line_no], "1" if by_hand else "0")))

    def _check_amount(self, values: Mapping[str, str]) -> None:
        quantity, price, amount = (values.get(n, self._defaults[n]) for n in _NUMBERS)
        if amount != NULL:
            return
        if price == NULL:
            raise Contradiction(
                "amount_missing",
                "amount" if "amount" in values else "unit_price",
                "The line has neither an amount nor a price.",
            )
        if quantity == NULL:
            raise Contradiction("amount_missing", "quantity", "The line has a price, but no quantity.")

    def problems(self, cells: Cells) -> list[tuple[str, BadCell]]:
        """Everything wrong with the single cells of a line, by field."""
        found = []
        for name, raw in cells.items():
            try:
                self._memories[name][raw]
            except BadCell as error:
                found.append((name, error))
        return found

    @staticmethod
    def _fits(row: list[str], width: int) -> bool:
        """Cut empty cells beyond the header; a row that is too short or too full does not fit."""
        if len(row) < width or any(row[width:]):
            return False
        del row[width:]
        return True

    def _wrong_width(self, table: Table, row: list[str], file_no: int, line_no: int) -> None:
        columns = "column" if len(row) == 1 else "columns"
        message = f"The line has {len(row)} {columns}, the header has {table.width}."
        self._keep(table, row, file_no, line_no, "wrong_columns", "", message)

    def _reject_row(
        self, table: Table, row: list[str], file_no: int, line_no: int, error: BadCell | Contradiction
    ) -> None:
        if isinstance(error, Contradiction):
            self._keep(table, row, file_no, line_no, error.reason, error.field, error.message)
            return
        cells = {name: row[place] for name, place in table.index.items()}
        found = self.problems(cells)
        name, first = found[0]
        message = " ".join(problem.message for _, problem in found)
        self._keep(table, row, file_no, line_no, first.reason, name, message)

    def _keep(
        self, table: Table, row: list[str], file_no: int, line_no: int, reason: str, name: str, message: str
    ) -> None:
        raw = {key: _kept(row[place]) for key, place in table.index.items() if place < len(row)}
        fingerprint = self._fingerprint(raw, reason)
        corrected = self.corrections.get(fingerprint)
        if corrected is not None and self._again(corrected, file_no, line_no):
            return
        place = table.index.get(name)
        column = "" if place is None else (table.header[place] if table.header else f"column {place + 1}")
        self.reject(Reject(file_no, line_no, reason, name, column, message, raw, fingerprint))

    def _again(self, corrected: Cells, file_no: int, line_no: int) -> bool:
        """Apply a correction made earlier; a correction that no longer holds is no help."""
        try:
            line = self.line_of(corrected, line_no, by_hand=True)
        except (BadCell, Contradiction):
            return False
        return not self.grouper.add_by_hand(line, file_no)

    def reject(self, reject: Reject) -> None:
        """Keep and count a rejected line."""
        self.rejected += 1
        self.by_reason[reject.reason] = self.by_reason.get(reject.reason, 0) + 1
        self.write_reject(reject)

    def reject_staged(self, raw: Cells, file_no: int, line_no: int, error: Contradiction) -> None:
        """Reject a line that had been accepted before its order was seen as a whole."""
        fingerprint = self._fingerprint(raw, error.reason)
        column = str(self.rules.spec.columns.get(error.field, ""))
        self.reject(
            Reject(file_no, line_no, error.reason, error.field, column, error.message, raw, fingerprint)
        )

    def _fingerprint(self, raw: Cells, reason: str) -> str:
        content = json.dumps([reason, raw], sort_keys=True)
        occurrence = self._seen.get(content, 0)
        if occurrence or len(self._seen) < _OCCURRENCES:
            self._seen[content] = occurrence + 1
        return blake2b(f"{occurrence} {content}".encode(), digest_size=16).hexdigest()


def _is_complete(cells: Mapping[str, Sequence[str]]) -> bool:
    """Whether every line has an amount, or else price and quantity."""
    if NULL in cells.get("quantity", ()):
        return False
    return NULL not in cells.get("amount", cells.get("unit_price", ()))


def _kept(cell: str) -> str:
    """A cell as it is kept with a rejected line: without NUL, at most 500 characters."""
    return cell.replace("\0", "␀")[:_CELL_LIMIT]
