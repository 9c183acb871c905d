"""The file of rejected rows: the source's own headings and form, and behind them why each row was rejected.

It is loaded again as it is, or corrected first. The last column names the rejected row, so that a row goes in once
however often the file comes, is added to the order that is held (a row alone is not the whole order), and the
correction is remembered. What else that column says is passed over.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from orders.ingest.cells import Cells, Input, cells_of
from orders.ingest.errors import BrokenFile
from orders.sources.rows import Totals
from orders.sources.spec import FIELDS, Spec
from prm.core.csv import armed, delimited_text, disarm, unarmed
from prm.core.notation.reader import figure

#: The heading of the last column.
REASONS: Final = "Rejected because"
#: Rows of one import of rejected rows: they are held in memory.
MOST_ROWS: Final = 100_000
_MARK: Final = "[rejected row "
_REFERENCE: Final = re.compile(r"\[rejected row ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\]")
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was rejected before, as it comes now: `id` is that of the rejected line."""

    file_no: int
    line_no: int
    id: UUID
    cells: Cells


# --- writing --------------------------------------------------------------------------------------


def rejected_file(spec: Spec, rows: Iterable[tuple[UUID, Cells, str]]) -> bytes:
    """Return rejected rows, each as (id, cells, why), as a file that the source reads.

    A letter that the source's encoding lacks makes it a file in UTF-8 with its mark, which is read as well.
    """
    places = _places(spec)
    text = delimited_text(
        _written(spec, rows, places), delimiter=spec.delimiter, quote=spec.quote, escape=spec.escape
    )
    encoding = "utf-8-sig" if spec.encoding == "utf-8" else spec.encoding
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def _written(
    spec: Spec, rows: Iterable[tuple[UUID, Cells, str]], places: Mapping[str, int]
) -> Iterator[list[str]]:
    width = max(places.values()) + 1
    if spec.header:
        yield [*_headings(spec).values(), REASONS]
    for row_id, cells, why in rows:
        row = [""] * width
        for name, place in places.items():
            row[place] = armed(cells.get(name, ""))
        yield [*row, f"{disarm(why)} {_MARK}{row_id}]"]


def _headings(spec: Spec) -> dict[str, str]:
    """Return the heading of each field; of two files one may have a heading that the other has as well."""
    headings: dict[str, str] = {}
    for name, heading in spec.fields.items():
        taken = {known.casefold() for known in headings.values()}
        plain = str(heading)
        headings[name] = f"{plain} ({FIELDS[name]})" if plain.casefold() in taken else plain
    return headings


def _places(spec: Spec) -> dict[str, int]:
    """Return where each field stands in a row; without headings where the source says, headers of orders behind."""
    if spec.header:
        return {name: place for place, name in enumerate(_headings(spec))}
    places = {name: int(place) - 1 for name, place in spec.columns.items()}
    behind = max(places.values()) + 1
    others = [name for name in spec.fields if name not in places]
    return places | {name: behind + place for place, name in enumerate(others)}


# --- reading --------------------------------------------------------------------------------------


def rejected_rows(inputs: Sequence[Input], spec: Spec) -> list[RejectedRow] | None:
    """Return the rows of files of rejected rows, None when the inputs are no such files.

    Raises `BrokenFile` when rejected rows and new orders come in one import.
    """
    marked = [is_rejected_file(given) for given in inputs]
    if not any(marked):
        return None
    rows: list[RejectedRow] = []
    for file_no, (given, is_marked) in enumerate(zip(inputs, marked, strict=True), start=1):
        if not is_marked:
            raise BrokenFile(
                given.name,
                "New orders and rejected rows come in one import: import them one after the other.",
            )
        rows += _rows_of(given, file_no, spec)
        if len(rows) > MOST_ROWS:
            raise BrokenFile(
                given.name, f"More than {figure(MOST_ROWS)} rejected rows are not taken at once."
            )
    return rows


def is_rejected_file(given: Input) -> bool:
    """Return whether an input is a file of rejected rows, by its beginning."""
    head = given.head()
    return any(
        _MARK.encode(code) in head for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    )


def _rows_of(given: Input, file_no: int, spec: Spec) -> Iterator[RejectedRow]:
    with given.open(_reading_spec(spec, is_utf8=given.head().startswith(_UTF8_MARK))) as table:
        for chunk in table.chunks(_CHUNK):
            for torn in chunk.torn:
                raise BrokenFile(given.name, torn.message, line=torn.line_no)
            for row, line_no in zip(chunk.rows, chunk.lines, strict=True):
                if not any(cell.strip() for cell in row):
                    continue
                found = next((mark for cell in reversed(row) if (mark := _REFERENCE.search(cell))), None)
                if found is None:
                    raise BrokenFile(
                        given.name,
                        f"The last column ({REASONS}) no longer says which rejected row this is. Leave it as it was, and"
                        " bring new orders in a file of their own. Nothing of it was taken.",
                        line=line_no,
                    )
                cells = {name: unarmed(cell) for name, cell in cells_of(table, row).items()}
                yield RejectedRow(file_no, line_no, UUID(found[1]), cells)


def _reading_spec(spec: Spec, *, is_utf8: bool) -> Spec:
    """Return the specification by which the file of a source's rejected rows is read: one file, nothing left out."""
    places = {name: place + 1 for name, place in _places(spec).items()}
    return spec.model_copy(
        update={
            "columns": _headings(spec) if spec.header else places,
            "header_columns": {},
            "filters": (),
            "control_totals": Totals(),
            "totals": (),
            "sheet": "",
            "decimal_marks": {},
            "starts": (),
            "encoding": "utf-8" if is_utf8 else spec.encoding,
        }
    )
