"""Lines that cannot be stored: counted, told apart by their content, and kept for a person to correct."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from orders.ingest.cells import Cells
from orders.ingest.reading.texts import escape
from orders.ingest.states import RejectReason

# Distinct rejected contents counted per run, so that the same bad line twice is two rejects.
_OCCURRENCES: Final = 100_000
_CELL_LIMIT: Final = 500
_COLUMN_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that cannot be stored, and why.

    `raw` holds the cells of the mapped columns only; `fingerprint` names the content within its source.
    """

    file_no: int
    line_no: int
    reason: RejectReason
    field: str
    column: str
    message: str
    raw: Cells
    fingerprint: str

    def copy_row(self) -> str:
        """Return the row of `prm_reject` in COPY's text format."""
        raw = json.dumps(self.raw, ensure_ascii=False)
        texts = (self.reason, self.field, self.column[:_COLUMN_LIMIT], self.message, raw, self.fingerprint)
        return f"{self.file_no}\t{self.line_no}\t" + "\t".join(map(escape, texts)) + "\n"


@dataclass(slots=True)
class Rejects:
    """The rejected lines of one run. `write` is given the rows of `prm_reject`."""

    write: Callable[[str], object]
    count: int = 0
    by_reason: dict[RejectReason, int] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def keep(self, reject: Reject) -> None:
        """Count a line and hand it on."""
        self.count += 1
        self.by_reason[reject.reason] = self.by_reason.get(reject.reason, 0) + 1
        self.write(reject.copy_row())

    def fingerprint(self, raw: Cells, reason: RejectReason) -> str:
        """Name a rejected content; the same content again in this run has another name."""
        content = json.dumps([reason, raw], sort_keys=True)
        occurrence = self._seen.get(content, 0)
        if occurrence or len(self._seen) < _OCCURRENCES:
            self._seen[content] = occurrence + 1
        return blake2b(f"{occurrence} {content}".encode(), digest_size=16).hexdigest()


def kept(cell: str) -> str:
    """Return a cell as it is kept with a rejected line: without NUL, at most 500 characters."""
    return cell.replace("\0", "␀")[:_CELL_LIMIT]
