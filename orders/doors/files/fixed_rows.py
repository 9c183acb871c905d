"""Rows of a file of fixed width: each column begins in the same character of every line; and where they may begin."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from orders.doors.files import encodings
from orders.doors.files.csv_rows import RULES, Guarded
from orders.ingest.cells import Torn
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec

# Lines that must be alike before columns are seen in them, and columns that make a table.
_FEWEST_LINES: Final = 3
_FEWEST_COLUMNS: Final = 3
_RUN: Final = re.compile(r"[-=_]+")


class FixedRows:
    """The rows of an open file; blanks round a cell are no part of it, and a line that ends early has blank cells."""

    def __init__(self, raw: io.BufferedReader, path: Path, encoding: str, spec: Spec, name: str) -> None:
        self.line_num = 0
        self._name, self._path, self._encoding = name, path, encoding
        self._guarded = io.BufferedReader(Guarded(raw, name), buffer_size=65_536)
        self._text = io.TextIOWrapper(self._guarded, encoding=encoding)
        self._starts = [start - 1 for start in spec.starts]
        self._last = ""

    def take(self, count: int) -> tuple[list[list[str]], list[Torn]]:
        """Return the next rows; none is ever torn."""
        rows: list[list[str]] = []
        try:
            while len(rows) < count and (line := self._text.readline()):
                self.line_num += 1
                self._last = line
                rows.append(split_at(line, self._starts))
        except UnicodeDecodeError as error:
            raise encodings.located(self._path, self._encoding, self._name) from error
        return rows, []

    def check_end(self, last: Sequence[str], width: int) -> None:
        """Refuse a file whose last line stops before its last column, with no line end behind it."""
        line = self._last
        if last and not line.endswith("\n") and line.strip() and len(line) <= self._starts[-1]:
            raise BrokenFile(
                self._name,
                f"The file is cut off in the middle of its last line ({len(line)} characters; its last column begins in"
                f" {self._starts[-1] + 1}). Nothing of it was taken; send it again as a whole.",
                line=self.line_num,
            )


def split_at(line: str, starts: Sequence[int]) -> list[str]:
    """Return a line as cells that begin in these places, from 0; [] for a blank line and a rule of dashes."""
    if RULES.issuperset(line.strip()):
        return []
    ends = [*starts[1:], len(line)]
    return [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def find_starts(lines: Sequence[str]) -> tuple[int, ...]:
    """Return in which characters, from 1, columns begin that lines have in common; () where they make no table.

    A rule of dashes below the headings says it. Else a column begins behind a character that is blank in all lines, and has a
    heading, if there are any. Title lines above, of a shape of their own, are passed over.
    """
    if ruled := next((starts for line in lines if (starts := _ruled(line))), ()):
        return ruled
    body = [line.rstrip() for line in lines if not RULES.issuperset(line.strip()) and "\t" not in line]
    if len(body) < _FEWEST_LINES:
        return ()
    longest = sorted(len(line) for line in body)[len(body) // 2]
    body = [line for line in body if len(line) * 2 > longest]
    width = max(map(len, body))
    is_blank = [all(line[place : place + 1] in ("", " ") for line in body) for place in range(width)]
    found = [place for place in range(width) if not is_blank[place] and (place == 0 or is_blank[place - 1])]
    if len(body) < _FEWEST_LINES:
        return ()
    begins = _with_headings(found, body[0])
    return tuple(start + 1 for start in begins) if len(begins) >= _FEWEST_COLUMNS else ()


def _ruled(line: str) -> tuple[int, ...]:
    """Return where the dashes of a rule begin, from 1; () for another line."""
    if not line.strip() or not set(line.strip()) <= RULES - {"|", "+"}:
        return ()
    starts = tuple(run.start() + 1 for run in _RUN.finditer(line))
    return starts if len(starts) >= _FEWEST_COLUMNS else ()


def _with_headings(starts: Sequence[int], first: str) -> list[int]:
    """Return the columns over which a heading stands; all where the first line has none, but figures."""
    cells = [first[start:end].strip() for start, end in zip(starts, [*starts[1:], len(first)], strict=True)]
    if sum(any(sign.isdigit() for sign in cell) for cell in cells) * 4 > len(cells):
        return list(starts)
    return [start for start, cell in zip(starts, cells, strict=True) if cell or start == starts[0]]
