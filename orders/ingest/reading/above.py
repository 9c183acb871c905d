"""Cells left empty because they stand in the row above: exports that say what an order is on its first row only.

State, currency and date of a row without them are those of the row above, if that names the same order number.
A row without a number belongs to no order: it may be a total.
"""

from collections.abc import Sequence
from typing import Final

from orders.ingest.cells import Table
from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import clean
from orders.sources.spec import NUMBER_PARTS

FIELDS: Final = ("date", "state", "currency")


class Above:
    """Fills the rows of one table, in the order in which they come."""

    def __init__(self, table: Table) -> None:
        self._number = [table.index[name] for name in NUMBER_PARTS if name in table.index]
        self._places = [table.index[name] for name in FIELDS if name in table.index]
        self._order = ""
        self._cells: list[str] = []

    def fill(self, rows: Sequence[list[str]]) -> bool:
        """Fill rows in place; return whether anything was missing."""
        filled = False
        for row in rows:
            if len(row) <= max(*self._number, *self._places, 0):
                continue
            number = self._number_of(row)
            if not any(row) and not number:
                continue
            if number and number == self._order:
                for place, cell in zip(self._places, self._cells, strict=True):
                    if cell and is_blank(row[place]):
                        row[place], filled = cell, True
            self.pass_over(row)
        return filled

    def _number_of(self, row: Sequence[str]) -> str:
        if len(self._number) == 1:
            return row[self._number[0]].strip()
        return "|".join(row[place].strip() for place in self._number).strip("|")

    def pass_over(self, row: Sequence[str]) -> None:
        """Remember a row that has been taken as it is."""
        self._order = self._number_of(row)
        self._cells = ["" if is_blank(row[place]) else row[place] for place in self._places]


def is_blank(raw: str) -> bool:
    """Return whether a cell says nothing."""
    try:
        return not clean(raw)
    except BadCell:
        return False
