"""Lines that cannot be stored: counted, told apart by their content, and kept for a person to correct."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from orders.ingest.cells import Cells
from orders.ingest.reading.texts import escape
from orders.ingest.states import RejectReason

# Distinct rejected contents counted per run, so that the same bad line twice is two rejects.
_OCCURRENCES: Final = 100_000
# Lines whose cells are remembered until their orders are whole.
_HELD: Final = 10_000
# Rows of one content that are told apart by their columns of no field.
_VARIANTS: Final = 1_000
_CELL_LIMIT: Final = 500
_COLUMN_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that cannot be stored, and why.

    `raw` holds the cells of the mapped columns only; `fingerprint` names the content within its source, `number`
    is that of its order, "" when it cannot be read. `variant` tells rows apart that say the same and differ in a
    column of no field.
    """

    file_no: int
    line_no: int
    reason: RejectReason
    field: str
    column: str
    message: str
    raw: Cells
    fingerprint: str
    number: str = ""
    variant: int = 0

    def copy_row(self) -> str:
        """Return the row of `prm_reject` in COPY's text format."""
        raw = json.dumps(self.raw, ensure_ascii=False)
        texts = (
            self.reason,
            self.field,
            self.column[:_COLUMN_LIMIT],
            self.message,
            raw,
            self.fingerprint,
            self.number,
            str(self.variant),
        )
        return f"{self.file_no}\t{self.line_no}\t" + "\t".join(map(escape, texts)) + "\n"


@dataclass(slots=True)
class Rejects:
    """The rejected lines of one run. `write` is given the rows of `prm_reject`."""

    write: Callable[[str], object]
    count: int = 0
    by_reason: dict[RejectReason, int] = field(default_factory=dict)
    _seen: dict[tuple[int, str], int] = field(default_factory=dict)
    _held: dict[tuple[int, int], Cells] = field(default_factory=dict)
    _others: dict[str, list[int]] = field(default_factory=dict)

    def hold(self, file_no: int, line_no: int, raw: Cells) -> None:
        """Remember the cells of a line that may be rejected later; of very many only the first."""
        if len(self._held) < _HELD:
            self._held[file_no, line_no] = raw

    def held(self, file_no: int, line_no: int) -> Cells | None:
        """Return the cells of a line as they came, if they were remembered."""
        return self._held.get((file_no, line_no))

    def variant(self, raw: Cells, others: Sequence[str]) -> int:
        """Return which of the rows of this content it is: the same number for the same cells of no field."""
        content = json.dumps(raw, sort_keys=True)
        if content not in self._others and len(self._others) >= _OCCURRENCES:
            return 0
        seen, these = self._others.setdefault(content, []), hash(tuple(others))
        if these not in seen and len(seen) < _VARIANTS:
            seen.append(these)
        return seen.index(these) if these in seen else _VARIANTS

    def keep(self, reject: Reject) -> None:
        """Count a line and hand it on."""
        self.count += 1
        self.by_reason[reject.reason] = self.by_reason.get(reject.reason, 0) + 1
        self.write(reject.copy_row())

    def count_again(self, reason: RejectReason) -> None:
        """Count a line that is kept already and cannot be stored yet."""
        self.count += 1
        self.by_reason[reason] = self.by_reason.get(reason, 0) + 1

    def fingerprint(
        self, raw: Cells, reason: RejectReason, file_no: int, corrections: "Corrections | None" = None
    ) -> str:
        """Name a rejected content; the same content again in the same file has another name.

        The n-th of any file is the n-th of all: a file that comes twice in one run rejects nothing anew. Names of those
        that were corrected are left to them.
        """
        content = content_of(raw, reason)
        place = file_no, content
        occurrence = self._seen.get(place, 0)
        while corrections is not None and corrections.has(content, occurrence):
            occurrence += 1
        if occurrence or len(self._seen) < _OCCURRENCES:
            self._seen[place] = occurrence + 1
        return _name(content, occurrence)


class Corrected(NamedTuple):
    """A rejected line that a person corrected: why it was rejected, its cells as they came, and as they are right."""

    reason: str
    raw: Cells
    fingerprint: str
    cells: Cells


class Corrections:
    """Corrections by hand, each for one line of its content in a file, whichever of several equal lines that is now."""

    def __init__(self, made: Iterable[Corrected] = ()) -> None:
        self._cells: dict[str, list[Cells]] = {}
        self._names: set[str] = set()
        self._taken: dict[str, int] = {}
        for one in made:
            self._cells.setdefault(content_of(one.raw, one.reason), []).append(one.cells)
            self._names.add(one.fingerprint)

    def begin_file(self) -> None:
        """Let lines of the next file have all corrections again: it has the last word on its orders."""
        self._taken.clear()

    def take(self, raw: Cells, reason: RejectReason) -> Cells | None:
        """Return a correction of this content that no line of this file has had yet."""
        if not self._cells:
            return None
        content = content_of(raw, reason)
        made, taken = self._cells.get(content, []), self._taken.get(content, 0)
        self._taken[content] = taken + 1
        return made[taken] if taken < len(made) else None

    def has(self, content: str, occurrence: int) -> bool:
        """Whether the line of this content with this name is a corrected one."""
        return bool(self._names) and _name(content, occurrence) in self._names


def content_of(raw: Cells, reason: str) -> str:
    """Return a rejected content as one text."""
    return json.dumps([reason, raw], sort_keys=True)


def _name(content: str, occurrence: int) -> str:
    return blake2b(f"{occurrence} {content}".encode(), digest_size=16).hexdigest()


def kept(cell: str) -> str:
    """Return a cell as it is kept with a rejected line: without NUL, at most 500 characters."""
    return cell.replace("\0", "␀")[:_CELL_LIMIT]
