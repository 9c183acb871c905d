"""From the tables that doors open to accepted lines and rejected ones: every line read is one of the two.

Lines go through in chunks, column by column; a chunk with anything unusual in it goes through again
line by line.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from orders.ingest.cells import Cells, Chunk, Table, cells_of, column_of, other_places, wrong_width
from orders.ingest.errors import BadCell, Contradiction
from orders.ingest.reading.above import Above, is_blank
from orders.ingest.reading.group import Grouper
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.rejecting import Corrections, Reject, Rejects, kept
from orders.ingest.reading.sifting import LeftOut, Sieve, sieves_of
from orders.ingest.states import RejectReason
from orders.sources.spec import Spec

# Lines judged together; one bad line sends this many the slow way.
_CHUNK: Final = 500


@dataclass(slots=True)
class Intake:
    """Takes the tables of one run, one after the other.

    `corrections` are those that people made of rejected contents of this source; `report` is told now and then how many bytes of the present table are done.
    `spec` holds what rows go through first; `left_out` counts those that its filters leave. `headers` of the `lines` read said what the lines of their orders do not say themselves.
    """

    maker: LineMaker
    grouper: Grouper
    rejects: Rejects
    corrections: Corrections = field(default_factory=Corrections)
    report: Callable[[int], None] = lambda _bytes: None
    lines: int = 0
    headers: int = 0
    spec: Spec | None = None
    left_out: LeftOut = field(default_factory=LeftOut)

    def feed(self, table: Table, file_no: int, *, at_most: int | None = None, name: str = "") -> int:
        """Take the rows of a table, or about `at_most` of them; return how many lines were read.

        `name` is that of the file. Raises `BrokenFile` where the table is not what it declares itself.
        """
        before = self.lines
        reading = _Reading(self, table, file_no)
        sieves = sieves_of(table, self.spec, self.maker, self.left_out, name) if self.spec else []
        self.maker.begin_file()
        self.corrections.begin_file()
        self.grouper.contested = []
        for chunk in table.chunks(_CHUNK):
            if at_most is not None and self.lines - before >= at_most:
                break
            reading.take(self._sifted(chunk, sieves) if sieves else chunk)
            self.report(table.bytes_done)
        else:
            for sieve in sieves:
                sieve.finish()
        self.grouper.contested = None
        return self.lines - before

    def _sifted(self, chunk: Chunk, sieves: Sequence[Sieve]) -> Chunk:
        for sieve in sieves:
            before = len(chunk.rows)
            chunk = sieve.sift(chunk)
            if sieve.leaves_out:
                self.lines += before - len(chunk.rows)
        return chunk


class _Reading:
    """One table on its way in."""

    def __init__(self, intake: Intake, table: Table, file_no: int) -> None:
        self.intake, self.table, self.file_no = intake, table, file_no
        self._above = Above(table, intake.maker.canonical)
        # Fields whose blank cells mean something to the source, unless they stand in the row above.
        self._blanks = {
            name: table.index[name] for name in intake.maker.fields_with_blanks if name in table.index
        }

    def take(self, chunk: Chunk) -> None:
        for torn in chunk.torn:
            self.intake.lines += 1
            self._keep([], torn.line_no, RejectReason.BAD_QUOTES, "", torn.message)
        for row, line_no, reason, field_name, message in chunk.refused:
            self.intake.lines += 1
            self._keep(row, line_no, reason, field_name, message)
        has_blanks = self._has_blanks(chunk.rows)
        if not has_blanks and self._take_whole(chunk, is_new=True):
            return
        filled = self._above.fill(chunk.rows)
        if not ((filled or has_blanks) and self._take_whole(chunk)):
            self._take_singly(chunk)

    def _has_blanks(self, rows: Sequence[Sequence[str]]) -> bool:
        return any(
            is_blank(row[place]) for place in self._blanks.values() for row in rows if place < len(row)
        )

    def _take_whole(self, chunk: Chunk, *, is_new: bool = False) -> bool:
        """Take the fast way, column by column; False when any line needs a closer look.

        Rows that are new are remembered for those below that name the same orders.
        """
        rows, numbers = chunk.rows, chunk.lines
        if set(map(len, rows)) != {self.table.width}:
            return False
        columns = list(zip(*rows, strict=True))
        judged = self.intake.maker.judge_columns(
            {name: columns[place] for name, place in self.table.index.items()}
        )
        if judged is None:
            return False
        if is_new:
            self._above.pass_over(columns)
        self.intake.lines += len(rows)
        others = [columns[place] for place in other_places(self.table)]
        lines = self.intake.maker.lines_of(judged, numbers, others)
        for line_no, error in self.intake.grouper.add_columns(lines, self.file_no):
            self._reject(rows[numbers.index(line_no)], line_no, error)
        self._hold(lambda line_no: rows[numbers.index(line_no)])
        return True

    def _take_singly(self, chunk: Chunk) -> None:
        for row, line_no in zip(chunk.rows, chunk.lines, strict=True):
            if any(cell.strip() for cell in row):
                self.intake.lines += 1
                self._take_one(row, line_no)

    def _take_one(self, row: list[str], line_no: int) -> None:
        if message := wrong_width(row, self.table.width):
            self._keep(row, line_no, RejectReason.WRONG_COLUMNS, "", message)
            return
        try:
            others = [row[place] for place in other_places(self.table)]
            line = self.intake.maker.line_of(cells_of(self.table, row), line_no, others)
        except (BadCell, Contradiction) as error:
            self._reject(row, line_no, error)
            return
        for contradiction in self.intake.grouper.add_one(line, self.file_no):
            self._reject(row, line_no, contradiction)
        self._hold(lambda _line_no: row)

    def _hold(self, row_of: Callable[[int], Sequence[str]]) -> None:
        """Remember the cells of contested lines, in case they are rejected once their orders are whole."""
        contested = self.intake.grouper.contested
        while contested:
            line_no, _ = contested.pop()
            cells = cells_of(self.table, list(row_of(line_no)))
            self.intake.rejects.hold(
                self.file_no, line_no, {name: kept(cell) for name, cell in cells.items()}
            )

    def _reject(self, row: Sequence[str], line_no: int, error: BadCell | Contradiction) -> None:
        if isinstance(error, Contradiction):
            self._keep(row, line_no, error.reason, error.field, error.message)
            return
        problems = self.intake.maker.problems(cells_of(self.table, row))
        field_name, first = problems[0]
        message = " ".join(problem.message for _, problem in problems)
        self._keep(row, line_no, first.reason, field_name, message)

    def _keep(
        self, row: Sequence[str], line_no: int, reason: RejectReason, field_name: str, message: str
    ) -> None:
        """Keep a line that cannot be stored, unless a person corrected the same content before."""
        rejects = self.intake.rejects
        raw = {name: kept(cell) for name, cell in cells_of(self.table, row).items()}
        corrections = self.intake.corrections
        corrected = corrections.take(raw, reason)
        if corrected is not None and self._take_corrected(corrected, row, line_no):
            return
        fingerprint = rejects.fingerprint(raw, reason, self.file_no, corrections)
        number = self.intake.maker.number_of(raw)
        column = column_of(self.table, field_name)
        variant = rejects.variant(raw, self._others(row))
        rejects.keep(
            Reject(
                self.file_no, line_no, reason, field_name, column, message, raw, fingerprint, number, variant
            )
        )

    def _others(self, row: Sequence[str]) -> list[str]:
        """Return the cells of no field."""
        return [row[place] for place in other_places(self.table) if place < len(row)]

    def _take_corrected(self, cells: Cells, row: Sequence[str], line_no: int) -> bool:
        """Apply a correction made earlier; one that no longer holds is no help."""
        try:
            line = self.intake.maker.line_of(cells, line_no, self._others(row), by_hand=True)
        except (BadCell, Contradiction):
            return False
        return not self.intake.grouper.add_by_hand(line, self.file_no)
