"""Rows that are no lines to be taken: those that a source's filters leave out, and the row that declares totals.

What is left out is counted by column and cell, and shown; declared totals are compared with what was read.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Protocol

from orders.ingest.cells import Chunk, Table, cells_of
from orders.ingest.errors import BrokenFile
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.texts import NOTHING
from orders.sources.rows import Totals
from orders.sources.spec import NUMBER_PARTS, Spec
from prm.core.notation.reader import figure
from prm.core.words.unseen import folded

# Different cells that are counted apart; what comes after them is counted together.
_MOST_CELLS: Final = 50
_ROUNDING: Final = Decimal("0.005")

LeftOut = Counter[tuple[str, str]]
"""How many rows were left out, by column and cell."""


class Sieve(Protocol):
    """Takes rows out of a chunk, and says at the end of its table whether all is as declared."""

    @property
    def leaves_out(self) -> bool: ...

    def sift(self, chunk: Chunk) -> Chunk: ...

    def finish(self) -> None: ...


def sieves_of(table: Table, spec: Spec, maker: LineMaker, left_out: LeftOut, name: str) -> list[Sieve]:
    """Return what rows of a table go through, the totals first: they are of the whole file.

    Raises `BrokenFile` for a column that is not there.
    """
    sieves: list[Sieve] = (
        [_Totals(table, spec.control_totals, spec, maker, name)] if spec.control_totals.row else []
    )
    if spec.filters:
        sieves.append(_Filters(table, spec, left_out, name))
    return sieves


def _place_of(table: Table, column: str | int, name: str, what: str) -> int:
    """Return the place of a column by its heading or its number."""
    if isinstance(column, int):
        if column <= table.width:
            return column - 1
    else:
        headings = [_words(heading) for heading in table.header]
        if _words(column) in headings:
            return headings.index(_words(column))
    raise BrokenFile(name, f"There is no column {column!r}, which {what} of the source names.")


def _words(text: str) -> str:
    words = folded(text)
    return "" if words in NOTHING else words


class _Filters:
    """A cell that is empty says what the row above says, if that is of the same order."""

    leaves_out = True

    def __init__(self, table: Table, spec: Spec, left_out: LeftOut, name: str) -> None:
        self._filters = [
            (
                _place_of(table, one.column, name, "a filter"),
                one,
                frozenset(map(_words, one.take or one.leave)),
            )
            for one in spec.filters
        ]
        self._numbers = [table.index[part] for part in NUMBER_PARTS if part in table.index]
        self._order: list[str] = []
        self._cells: dict[int, str] = {}
        self._left_out = left_out

    def sift(self, chunk: Chunk) -> Chunk:
        """Return the rows that no filter leaves out."""
        rows, lines = [], []
        for row, line_no in zip(chunk.rows, chunk.lines, strict=True):
            if self._is_taken(row):
                rows.append(row)
                lines.append(line_no)
        return chunk._replace(rows=rows, lines=lines)

    def _is_taken(self, row: Sequence[str]) -> bool:
        if not any(cell.strip() for cell in row):
            return True
        number = [row[place].strip() for place in self._numbers if place < len(row)]
        if number != self._order or not any(number):
            self._order, self._cells = number, {}
        for place, one, words in self._filters:
            if place >= len(row):
                continue
            cell = row[place] if _words(row[place]) else self._cells.get(place, row[place])
            self._cells[place] = cell
            if (_words(cell) in words) != bool(one.take):
                shown = (str(one.column), cell.strip()[:60])
                known = shown in self._left_out or len(self._left_out) < _MOST_CELLS
                self._left_out[shown if known else (str(one.column), "…")] += 1
                return False
        return True

    def finish(self) -> None:
        """Nothing is declared."""


class _Totals:
    """Adds up the rows of a table, and finds the row that declares what they come to."""

    leaves_out = False

    def __init__(self, table: Table, totals: Totals, spec: Spec, maker: LineMaker, name: str) -> None:
        self._table, self._spec, self._maker, self._name = table, spec, maker, name
        self._begins = _words(totals.row)
        self._places = {
            what: _place_of(table, column, name, "the row of totals")
            for what, column in (
                ("lines", totals.lines),
                ("orders", totals.orders),
                ("amount", totals.amount),
            )
            if column is not None
        }
        self._declared: list[str] | None = None
        self._line_no = 0
        self._lines = self._unreadable = 0
        self._numbers: set[str] = set()
        self._amount = self._turned = Decimal(0)

    def sift(self, chunk: Chunk) -> Chunk:
        """Return all rows but that of the totals."""
        rows, lines = [], []
        self._lines += len(chunk.torn)
        for row, line_no in zip(chunk.rows, chunk.lines, strict=True):
            first = next((cell for cell in row if cell.strip()), None)
            if first is not None and _words(first).startswith(self._begins):
                self._declared, self._line_no = row, line_no
                continue
            if first is not None:
                self._count(row)
            rows.append(row)
            lines.append(line_no)
        return chunk._replace(rows=rows, lines=lines)

    def _count(self, row: Sequence[str]) -> None:
        cells = cells_of(self._table, row)
        number = self._maker.number_of(cells)
        self._lines += 1
        if "orders" in self._places and number:
            self._numbers.add(number)
        if "amount" in self._places:
            read = self._maker.amount_of(cells)
            self._unreadable += read is None
            amount = read or Decimal(0)
            self._amount += amount
            self._turned += -abs(amount) if self._spec.is_cancellation(number) else amount

    def finish(self) -> None:
        """Compare. Raises `BrokenFile` for totals that are missing, and for such that differ."""
        if self._declared is None:
            raise BrokenFile(
                self._name,
                f"It has no row of totals (one that begins with {self._begins!r}): the file may be cut off."
                " Nothing of it was taken.",
            )
        found = {"lines": [Decimal(self._lines)], "orders": [Decimal(len(self._numbers))]}
        found["amount"] = [self._amount, self._turned]
        wrong = [what for what in self._places if not self._agrees(what, found[what])]
        if wrong:
            said = "; ".join(
                f"it declares {self._cell(what)!r} as {_WHAT[what]}, and {figure(found[what][0].normalize())} were read"
                for what in wrong
            )
            rest = (
                f" The amounts of {figure(self._unreadable)} rows cannot be read." if self._unreadable else ""
            )
            raise BrokenFile(
                self._name,
                f"The totals do not agree: {said}.{rest} Nothing of it was taken.",
                line=self._line_no,
            )

    def _cell(self, what: str) -> str:
        declared, place = self._declared or [], self._places[what]
        return declared[place].strip() if place < len(declared) else ""

    def _agrees(self, what: str, found: Sequence[Decimal]) -> bool:
        declared = self._maker.amount_of({"amount": self._cell(what)})
        if declared is None:
            return False
        if what != "amount":
            # Counts are no money, whatever unit that is in.
            cell = self._maker.canonical("quantity", self._cell(what))
            return cell == str(found[0])
        return any(abs(declared - sum_) <= _ROUNDING * (self._lines + 1) for sum_ in found)


_WHAT: Final = {"lines": "the number of lines", "orders": "the number of orders", "amount": "the amount"}
