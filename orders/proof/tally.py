"""All cells of one column, counted: as words, as numbers, as dates. What is kept does not grow with the file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from orders.ingest.reading.texts import clean
from orders.proof.counts import Count
from orders.proof.date_tally import DateTally
from orders.proof.number_tally import NumberTally

# Different words of a column that are counted one by one, and different cells that are told apart.
MOST_WORDS: Final = 40
MOST_DIFFERENT: Final = 200_000


@dataclass(slots=True)
class ColumnTally:
    """One column. `words` is empty when there are more than `MOST_WORDS` (`has_many`).

    `changes` counts the rows in which the cell differs from the one above; `blank_first` the blank cells in the first
    row of an order (by the column that is taken for the order number).
    """

    heading: str
    place: int
    filled: int = 0
    blank: int = 0
    blank_first: int = 0
    changes: int = 0
    different: int = 0
    has_many: bool = False
    longest: int = 0
    zeros: int = 0
    words: dict[str, Count] = field(default_factory=dict)
    numbers: NumberTally = field(default_factory=NumberTally)
    dates: DateTally = field(default_factory=DateTally)


class Counting:
    """Counts one column; `tally` is what came of it."""

    def __init__(self, heading: str, place: int) -> None:
        self.tally = ColumnTally(heading, place)
        self._seen: set[int] = set()
        self._last = ""

    def add(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Count the cells of rows that follow one another."""
        tally = self.tally
        found = Counter(cells)
        # Where each stands first and last.
        first = {cells[place]: place for place in range(len(cells) - 1, -1, -1)}
        last = {cell: place for place, cell in enumerate(cells)}
        tally.changes += sum(a != b for a, b in zip((self._last, *cells), cells, strict=False))
        self._last = cells[-1]
        for cell, times in found.items():
            self._add(cell, times, lines[first[cell]], lines[last[cell]])

    def _add(self, cell: str, times: int, line: int, last: int) -> None:
        tally = self.tally
        text = clean(cell.replace("\0", ""))
        if not text:
            tally.blank += times
            return
        tally.filled += times
        tally.longest = max(tally.longest, len(text))
        tally.zeros += times if text[0] == "0" and len(text) > 1 and text.isdecimal() else 0
        if tally.different < MOST_DIFFERENT and (key := hash(text)) not in self._seen:
            self._seen.add(key)
            tally.different += 1
        self._add_word(text, times, line)
        tally.numbers.add(text, times, line)
        tally.dates.add(text, times, line, last)

    def _add_word(self, text: str, times: int, line: int) -> None:
        tally = self.tally
        if tally.has_many:
            return
        tally.words.setdefault(text[:80], Count()).add(times, line, text)
        if len(tally.words) > MOST_WORDS:
            tally.has_many, tally.words = True, {}
