"""What a file of a list is, and its rows one chunk after the other, in bounded memory."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from orders.doors.files.csv_rows import line_numbers
from orders.doors.files.packed import unpacked
from orders.doors.files.table import rows_of
from orders.ingest.cells import wrong_width
from orders.ingest.errors import BrokenFile
from orders.proof.study import Study, spec_of, study
from prm.core.errors import Refused
from prm.core.notation.reader import figure

#: Rows of one file. What two rows of a file say of the same is compared in memory.
MOST_ROWS: Final = 200_000


class FileRow(NamedTuple):
    """A row as written, with its line; `problem` says why it is no row of the table."""

    line: int
    cells: list[str]
    problem: str = ""


@contextmanager
def _as_refused() -> Iterator[None]:
    try:
        yield
    except BrokenFile as broken:
        raise Refused(str(broken), field="file", code="broken_file") from broken


def look(
    path: Path,
    name: str,
    *,
    wanted: Callable[[Sequence[str]], Collection[int]],
    report: Callable[[int, int], None],
) -> Study:
    """Return what a file is, with the columns that are `wanted` counted over all rows. Raises `Refused`."""
    with _as_refused():
        found = study(path, name, wanted=wanted, report=report)
    if not found.header:
        raise Refused(
            f"{name}: the first line is not one of headings, or two columns have the same heading."
            " Put a different name above each column and send it again.",
            field="file",
            code="no_headings",
        )
    if found.lines > MOST_ROWS:
        raise Refused(
            f"{name} has {figure(found.lines)} rows; one list has at most {figure(MOST_ROWS)}. Split it.",
            field="file",
            code="too_many",
        )
    return found


def chunks_of(path: Path, found: Study, size: int) -> Iterator[list[FileRow]]:
    """Give the rows below the headings, `size` at a time; blank lines are left out. Raises `Refused`."""
    with _as_refused(), unpacked(path, found.name) as plain, plain.open("rb") as raw:
        rows = rows_of(raw, plain, spec_of(found), found.name)
        width = len(found.header)
        while True:
            before = rows.line_num
            taken, torn = rows.take(size)
            if not taken and not torn:
                return
            numbers = line_numbers(taken, before, {line for line, _ in torn})
            chunk = [FileRow(line, [], message) for line, message in torn if line > found.header_line]
            chunk += [
                FileRow(line, row[:width], wrong_width(row, width))
                for row, line in zip(taken, numbers, strict=True)
                if line > found.header_line and any(cell.strip() for cell in row)
            ]
            yield sorted(chunk)
