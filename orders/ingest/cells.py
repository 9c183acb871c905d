"""What a door hands over: rows of text, in the columns of one input, with the line each begins in.

Cells are text and stay text until a rule judges them. An input that cannot be trusted as a whole
(wrong encoding, missing column, cut off in the middle) raises `BrokenFile` on the way; a single bad
cell is no matter of a door.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from orders.ingest.states import RejectReason
from orders.sources.spec import Spec

Cells = dict[str, str]
"""Cells as written, by field."""


class Torn(NamedTuple):
    """A line that cannot be split into cells, and why."""

    line_no: int
    message: str


class RefusedRow(NamedTuple):
    """A row that cannot be taken because of others of its input, and why; `field` is the one to look at."""

    row: list[str]
    line_no: int
    reason: RejectReason
    field: str
    message: str


class Chunk(NamedTuple):
    """Rows that follow one another; blank lines are empty rows. `torn` and `refused` ones lie before or between."""

    rows: list[list[str]]
    lines: Sequence[int]
    torn: Sequence[Torn] = ()
    refused: Sequence[RefusedRow] = ()


class Table(Protocol):
    """An open input whose columns were found.

    `index` maps fields to places in a row of `width` cells; `header` holds the headings, empty without
    a header. `bytes_done` says how far the input has been read.
    """

    @property
    def header(self) -> Sequence[str]: ...

    @property
    def index(self) -> Mapping[str, int]: ...

    @property
    def width(self) -> int: ...

    @property
    def bytes_done(self) -> int: ...

    def chunks(self, size: int) -> Iterator[Chunk]: ...


class Input(Protocol):
    """One thing that came through a door: a file, a pasted table, the answer to a query.

    `name` is how people know it, `size` its bytes, `head` the first of them, unpacked. It may be opened more than once.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def head(self) -> bytes: ...

    def open(self, spec: Spec) -> AbstractContextManager[Table]: ...


def cells_of(table: Table, row: Sequence[str]) -> Cells:
    """Return the cells of a row that have a field; one that is too short has fewer."""
    return {name: row[place] for name, place in table.index.items() if place < len(row)}


def wrong_width(row: Sequence[str], width: int) -> str:
    """Return what is wrong with how many cells a row has, "" for nothing; empty ones beyond the header are no fault."""
    if len(row) >= width and not any(row[width:]):
        return ""
    columns = "column" if len(row) == 1 else "columns"
    return f"The line has {len(row)} {columns}, the header has {width}."


def column_of(table: Table, field: str) -> str:
    """Return the heading of a field, or its number; "" for none."""
    place = table.index.get(field)
    if place is None:
        return ""
    return table.header[place] if table.header else f"column {place + 1}"


def other_places(table: Table) -> list[int]:
    """Return the places of a row that no field uses: nothing of them is stored, they only tell rows apart."""
    used = set(table.index.values())
    return [place for place in range(table.width) if place not in used]


def dropped_headings(table: Table) -> list[str]:
    """Return the headings of columns that no field uses: their content is stored nowhere."""
    used = set(table.index.values())
    return [name for place, name in enumerate(table.header) if place not in used]
