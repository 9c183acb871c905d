"""How a text file is laid out: what stands between cells and round them, where its headings are, what is a total.

Judged by the beginning of the file; `orders.proof` then counts over all lines how many are as it says.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from orders.doors.files.csv_rows import is_rule
from orders.doors.files.fixed_rows import find_starts
from orders.doors.files.table import TITLE_LINES
from orders.sources.spec import DELIMITERS
from prm.core.words.unseen import plain

# Lines of the beginning that are split by each candidate.
HEAD_LINES: Final = 400
# Marks that few systems put between cells.
_RARE: Final = ("^", "~", "\x1f")
_QUOTES: Final = ('"', "'")
# The score of a mark that divides nearly all lines into as many cells.
_DIVIDED: Final = 1.6
#: Words that begin a line of totals, in small letters.
TOTAL_WORDS: Final = (
    "total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "somme",
    "totale", "totaal", "suma", "soma", "razem", "celkem", "összesen", "summa", "итого", "всего", "toplam", "σύνολο",
    "合計", "合计", "总计",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found; `width` cells are in most lines. `starts`: where columns of fixed width begin, from 1."""

    delimiter: str
    quote: str
    escape: str
    width: int
    starts: tuple[int, ...] = ()


def find_layout(lines: Iterable[str]) -> Layout:
    """Return how the lines of a text are split into cells."""
    all_lines = list(islice(lines, HEAD_LINES))
    head = [line for line in all_lines if (text := line.strip()) and not is_rule(text)]
    if head and (named := _named_separator(head[0])):
        quote = max(_quotes_of(head[1:], named), key=lambda mark: _score(head[1:], named, mark))
        return Layout(named, quote, _escape(head, quote), _width(head[1:], named, quote))
    ranked = sorted(
        (
            (_score(head, mark, quote), mark, quote)
            for mark in (*DELIMITERS.values(), *_RARE)
            for quote in _quotes_of(head, mark)
        ),
        key=lambda entry: -entry[0],
    )
    score, delimiter, quote = ranked[0]
    # A comma may stand in every name: two cells a line are no proof of a mark where columns stand below each other.
    if (score < _DIVIDED or _width(head, delimiter, quote) <= 2) and (
        starts := find_starts([line for line in all_lines if line.strip()])
    ):
        return Layout(",", '"', "", len(starts), starts)
    return Layout(delimiter, quote, _escape(head, quote), _width(head, delimiter, quote))


def _quotes_of(head: Sequence[str], delimiter: str) -> list[str]:
    """Return the quotes to try: a single one only where it begins cells and the double one does not."""
    begins = {
        mark: sum(line.startswith(mark) or f"{delimiter}{mark}" in line for line in head) for mark in _QUOTES
    }
    return ["'"] if begins["'"] * 5 > len(head) and not begins['"'] else ['"']


def _named_separator(line: str) -> str:
    text = line.strip().strip('"').lower()
    return text[4] if text.startswith("sep=") and len(text) == 5 else ""


def _rows(head: Sequence[str], delimiter: str, quote: str, *, strict: bool = False) -> list[list[str]]:
    """Return the lines as cells; of those that cannot be split, none. `strict`: nothing may stand behind a quote."""
    escape = _escape(head, quote) or None
    try:
        return list(csv.reader(head, delimiter=delimiter, quotechar=quote, escapechar=escape, strict=strict))
    except csv.Error:
        return []


def _score(head: Sequence[str], delimiter: str, quote: str) -> float:
    """Return the share of lines with the usual number of cells, plus a little for the number of cells."""
    rows = _rows(head, delimiter, quote)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    is_clean = bool(_rows(head, delimiter, quote, strict=True))
    return is_clean + count / len(rows) + min(width, 50) / 1000


def _width(head: Sequence[str], delimiter: str, quote: str) -> int:
    widths = Counter(len(row) for row in _rows(head, delimiter, quote) if len(row) > 1)
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0] if widths else 1


def _escape(head: Sequence[str], quote: str) -> str:
    r"""Return a backslash where `\"` stands inside cells, "" where quotes are written twice or nowhere."""
    escaped = sum(line.count(f"\\{quote}") for line in head)
    return "\\" if escaped and escaped > sum(line.count(f"\\{quote}{quote}") for line in head) else ""


def find_headings(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """Return which of the first rows holds the headings; None when they are data from the start."""
    for place, row in enumerate(rows[: TITLE_LINES + 1]):
        filled = [text for cell in row if (text := plain(cell).strip())]
        if len(filled) * 5 >= width * 3 and len(row) >= min(width, 2):
            is_heading = sum(_looks_like_data(cell) for cell in filled) * 4 <= len(filled)
            return place if is_heading and len(set(filled)) == len(filled) else None
    return None


def _looks_like_data(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return digits * 2 >= len(text)
