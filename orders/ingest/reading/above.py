"""Cells left empty because they stand in a row above: exports that say what an order is on its first row only.

State, currency and date of a row without them are those of the last row above that names the same order, whatever stands
between. A row without a number belongs to no order: it may be a total.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from orders.ingest.cells import Table
from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import clean
from orders.sources.spec import NUMBER_PARTS

FIELDS: Final = ("date", "state", "currency")
#: Orders of one file that are remembered; of more, those that came first are forgotten.
MOST_ORDERS: Final = 40_000


class Above:
    """Fills the rows of one table, in the order in which they come.

    `canonical` gives a cell of a field as it is compared: `1001.0` goes on with the order `1001`.
    """

    def __init__(self, table: Table, canonical: Callable[[str, str], str]) -> None:
        self._parts = [(name, table.index[name]) for name in NUMBER_PARTS if name in table.index]
        self._places = [table.index[name] for name in FIELDS if name in table.index]
        self._least = max([*self._places, *(place for _, place in self._parts)], default=0)
        self._canonical = canonical
        self._known: dict[str, tuple[str, ...]] = {}

    def fill(self, rows: Sequence[list[str]]) -> bool:
        """Fill rows in place, and remember them; return whether anything was missing."""
        filled = False
        for row in rows:
            if len(row) <= self._least:
                continue
            number = "|".join(self._canonical(name, row[place]) for name, place in self._parts)
            known = self._known.get(number, ())
            for place, cell in zip(self._places, known, strict=False):
                if cell and is_blank(row[place]):
                    row[place], filled = cell, True
            if number.strip("|"):
                self._known[number] = tuple(
                    "" if is_blank(row[place]) else row[place] for place in self._places
                )
        self._forget()
        return filled

    def pass_over(self, columns: Sequence[Sequence[str]]) -> None:
        """Remember rows that have been taken as they are, column by column."""
        numbers: Iterable[str]
        if len(self._parts) == 1:
            name, place = self._parts[0]
            numbers = [self._canonical(name, cell) for cell in columns[place]]
        else:
            parts = [[self._canonical(name, cell) for cell in columns[place]] for name, place in self._parts]
            numbers = map("|".join, zip(*parts, strict=True))
        cells = zip(*(columns[place] for place in self._places), strict=True)
        self._known.update(zip(numbers, cells, strict=False))
        self._forget()

    def _forget(self) -> None:
        if len(self._known) > MOST_ORDERS:
            for number in list(islice(self._known, MOST_ORDERS // 2)):
                del self._known[number]


def is_blank(raw: str) -> bool:
    """Return whether a cell says nothing."""
    try:
        return not clean(raw)
    except BadCell:
        return False
