"""Rows of a CSV file: the csv module, with long lines, open quotes and cut-off ends noticed."""

import csv
import io
import re
from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orders.doors.files import encodings
from orders.ingest.cells import Torn
from orders.ingest.errors import BrokenFile
from orders.sources.spec import Spec
from prm.core.notation.reader import figure

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Bytes. The csv module refuses a field beyond its own limit, which we leave at 131,072 characters.
LINE_LIMIT: Final = 1_000_000
#: What rules between the rows of a drawn table are made of.
RULES: Final = frozenset("-=_+| ")
_SHORTEST_RULE: Final = 4
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class CsvRows:
    """The rows of an open file."""

    def __init__(self, raw: io.BufferedReader, path: Path, encoding: str, spec: Spec, name: str) -> None:
        self._name, self._path, self._encoding = name, path, encoding
        self._guarded = io.BufferedReader(Guarded(raw, name), buffer_size=65_536)
        text = io.TextIOWrapper(self._guarded, encoding=encoding, newline="")
        self._reader = csv.reader(
            text,
            delimiter=spec.delimiter,
            quotechar=spec.quote,
            escapechar=spec.escape or None,
            strict=True,
        )

    @property
    def line_num(self) -> int:
        """Return the last physical line taken."""
        return self._reader.line_num

    def take(self, count: int) -> tuple[list[list[str]], list[Torn]]:
        """Return the next rows; at a line that cannot be split, those before it and that line."""
        rows: list[list[str]] = []
        start = self.line_num
        try:
            # On an error the rows read before it stay in the list.
            rows.extend(islice(self._reader, count))
        except UnicodeDecodeError as error:
            raise encodings.located(self._path, self._encoding, self._name) from error
        except csv.Error as error:
            begun = line_numbers([*rows, []], start)[-1]
            return _without_rules(rows), [self._torn(begun, str(error))]
        return _without_rules(rows), []

    def _torn(self, line: int, error: str) -> Torn:
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
                f"A field is longer than {figure(csv.field_size_limit())} characters. A quotation mark may be"
                " opened here and not closed. Nothing of the file was taken.",
                line=line,
            )
        return Torn(line, f"The line cannot be split into cells: a quotation mark is out of place ({error}).")

    def check_end(self, last: Sequence[str], width: int) -> None:
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


def is_rule(text: str) -> bool:
    """Return whether a line is nothing but a rule of dashes, as lists drawn for the screen have between their rows."""
    return len(text) >= _SHORTEST_RULE and RULES.issuperset(text)


def _without_rules(rows: list[list[str]]) -> list[list[str]]:
    """Return rows with rules of dashes made blank: they hold nothing, and no end of a line that would not be counted then."""
    for place, row in enumerate(rows):
        if row and (not row[0] or row[0][0] in RULES) and is_rule("".join(row).strip(" ")):
            rows[place] = []
    return rows


def line_numbers(rows: Sequence[Sequence[str]], before: int, torn: Collection[int] = ()) -> list[int]:
    """Return where each row begins, when cells span lines or `torn` lines are missing between."""
    numbers, line = [], before + 1
    for row in rows:
        while line in torn:
            line += 1
        numbers.append(line)
        line += 1 + sum(len(_LINE_END.findall(cell)) for cell in row if "\n" in cell or "\r" in cell)
    return numbers


class Guarded(io.RawIOBase):
    """The file's bytes, with a line that never ends noticed before it fills the memory."""

    def __init__(self, raw: io.BufferedReader, name: str) -> None:
        super().__init__()
        self._raw, self._name = raw, name
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        count = self._raw.readinto(view)
        block = bytes(view[:count])
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._since_line_end = self._since_line_end + count if end < 0 else count - end
        if self._since_line_end > LINE_LIMIT:
            raise BrokenFile(
                self._name,
                f"A line is longer than {figure(LINE_LIMIT)} bytes. Is this really a table of orders?"
                " Nothing of it was taken.",
            )
        return count
