"""Which column holds which field: found by heading or by number, or said clearly why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from orders.ingest.errors import BrokenFile
from orders.sources.spec import DELIMITERS, FIELDS, Spec
from prm.core.words.unseen import folded, plain


@dataclass(frozen=True, slots=True)
class Columns:
    """`index` maps fields to places, `width` is the number of columns, `header` the headings if any."""

    header: list[str]
    index: dict[str, int]
    width: int


def find_columns(first: Sequence[str], spec: Spec, *, name: str, line: int) -> Columns:
    """Find the columns of a specification in the first line of a file that is not blank.

    `name` and `line` say where that is. Raises `BrokenFile` for a column that is not there.
    """
    if not spec.header:
        return Columns([], _by_number(first, spec, name, line), len(first))
    header = [plain(cell).strip() for cell in first]
    return Columns(header, _by_heading(header, spec, name, line), len(first))


def has_headings(row: Sequence[str], spec: Spec) -> bool:
    """Return whether a row has a cell for every heading of a specification."""
    cells = {folded(cell) for cell in row}
    return all(folded(str(heading)) in cells for heading in spec.columns.values())


def _by_number(first: Sequence[str], spec: Spec, name: str, line: int) -> dict[str, int]:
    index = {field: int(number) - 1 for field, number in spec.columns.items()}
    field, place = max(index.items(), key=lambda item: item[1])
    if place >= len(first):
        raise BrokenFile(
            name,
            f"{FIELDS[field]} should be in column {place + 1}, but the line has {len(first)}"
            f" columns.{_delimiter_hint(first, spec)}",
            line=line,
        )
    return index


def _by_heading(header: Sequence[str], spec: Spec, name: str, line: int) -> dict[str, int]:
    headings = [folded(heading) for heading in header]
    index: dict[str, int] = {}
    missing: dict[str, str] = {}
    for field, heading in spec.columns.items():
        wanted = folded(str(heading))
        if headings.count(wanted) > 1:
            raise BrokenFile(name, f"The heading {heading!r} stands over two columns.", line=line)
        if wanted in headings:
            index[field] = headings.index(wanted)
        else:
            missing[field] = str(heading)
    if missing:
        raise BrokenFile(name, _missing(header, missing, spec, is_all=not index), line=line)
    return index


def _missing(header: Sequence[str], missing: dict[str, str], spec: Spec, *, is_all: bool) -> str:
    hint = _delimiter_hint(header, spec)
    if is_all and not hint and any(_looks_like_data(cell) for cell in header):
        return (
            "The first line looks like data, not like headings ("
            + ", ".join(header[:4])
            + "). Send the file with its headings, or say header = false in the source and give"
            " the columns by number."
        )
    parts = [_missing_one(header, field, heading) for field, heading in missing.items()]
    known = ", ".join(heading[:60] for heading in header[:20])
    return f"{' '.join(parts)} The file has: {known}.{hint}"


def _missing_one(header: Sequence[str], field: str, heading: str) -> str:
    near = get_close_matches(folded(heading), [folded(known) for known in header], n=1, cutoff=0.6)
    like = next((known for known in header if near and folded(known) == near[0]), None)
    guess = f" Did you mean {like!r}?" if like else ""
    return f"There is no column {heading!r} ({FIELDS[field].lower()}).{guess}"


def _delimiter_hint(cells: Sequence[str], spec: Spec) -> str:
    if len(cells) > 1:
        return ""
    for word, mark in DELIMITERS.items():
        if mark != spec.delimiter and cells and cells[0].count(mark) >= 2:
            return f" The columns seem to be separated by {word}: change the delimiter of the source."
    return ""


def _looks_like_data(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return digits * 2 >= len(cell) > 0
