"""Lines of a pasted column."""

from typing import Final, NamedTuple

from prm.core.errors import Refused
from prm.core.notation.reader import figure

MOST_LINES: Final = 5_000
LONGEST: Final = 200
_QUOTES: Final = "\"'“”„"


class PastedLine(NamedTuple):
    """A line: its number as people count, and its cells that hold something, the first first."""

    number: int
    cells: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return it as it was pasted."""
        return " · ".join(self.cells)[:LONGEST]


def lines_of(text: str) -> list[PastedLine]:
    """Return the lines that hold something; cells stand between tabs, as spreadsheets copy them. Raises `Refused`."""
    found = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        cells = tuple(
            cell[:LONGEST]
            for part in line.split("\t")
            if (cell := " ".join(part.split()).strip(_QUOTES + ",;").strip())
        )
        if cells:
            found.append(PastedLine(number, cells))
    if not found:
        raise Refused("Paste at least one line.", field="text", code="required")
    if len(found) > MOST_LINES:
        raise Refused(
            f"At most {figure(MOST_LINES)} lines at once; these are {figure(len(found))}.",
            field="text",
            code="too_many",
        )
    return found
