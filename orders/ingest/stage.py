"""The stage of one run: everything between the doors and the temporary tables, and COPY into those."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Final
from uuid import UUID

from django.db import DataError, connection, transaction

from orders.ingest import scattered, sql, temporary
from orders.ingest.errors import ReadAgain
from orders.ingest.reading.group import Grouper, Held, Version
from orders.ingest.reading.intake import Intake
from orders.ingest.reading.lines import LineMaker
from orders.ingest.reading.rejecting import Rejects
from orders.ingest.reading.rules import Rules
from orders.ingest.statement import TemporaryTable, analyze, create

# Characters of block headers and rejects held in memory before they go to a file.
_SPOOL: Final = 4 * 1024 * 1024


class Spool:
    """Rows in COPY's text format that wait for their turn, in memory or on disk."""

    def __init__(self) -> None:
        self._file: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed by copy_into)
            _SPOOL, mode="w+", encoding="utf-8", newline=""
        )
        self.write: Callable[[str], object] = self._file.write

    def copy_into(self, table: TemporaryTable) -> None:
        """Send the rows into a table and forget them."""
        self._file.seek(0)
        with connection.cursor() as cursor, cursor.copy(table.copy_sql()) as copy:
            while block := self._file.read(65_536):
                copy.write(block)
        self._file.close()


class Stage:
    """What doors fill: tables go to `intake`, single lines to `maker` and `grouper`. See `staging`."""

    def __init__(
        self,
        rules: Rules,
        write_lines: Callable[[str], object],
        *,
        refunds: bool = True,
        held: Held | None = None,
    ) -> None:
        self.rules, self._refunds = rules, refunds
        self._blocks, self._products, self._rejected = Spool(), Spool(), Spool()
        self.maker = LineMaker(rules, self._products.write)
        self.grouper = Grouper(
            write_lines=write_lines,
            write_block=self._blocks.write,
            is_cancellation=rules.spec.is_cancellation,
            drop_repeats=rules.spec.drop_exact_repeats,
            refunds=refunds,
            held=held,
        )
        self.rejects = Rejects(self._rejected.write)
        self.intake = Intake(self.maker, self.grouper, self.rejects)
        if rules.spec.filters or rules.spec.control_totals.row:
            self.intake.spec = rules.spec
        self.repeated = 0

    def finish(self) -> None:
        """Complete the tables after the lines have been copied: the rest, and scattered orders."""
        self._blocks.copy_into(temporary.BLOCK)
        self._products.copy_into(temporary.PRODUCT)
        analyze(temporary.BLOCK, "block", "file_no", "number", "is_refund")
        analyze(temporary.PRODUCT)
        self.repeated = self.grouper.repeated
        if scattered.find():
            if sql.ANY_LEFT_OUT_SCATTERED.row(bool):
                raise ReadAgain
            lines, blocks = Spool(), Spool()
            self.repeated += scattered.gather(
                self.rules.spec, self.rejects, lines.write, blocks.write, refunds=self._refunds
            )
            lines.copy_into(temporary.LINE)
            blocks.copy_into(temporary.BLOCK)
        analyze(temporary.LINE, "block", "product")
        self._rejected.copy_into(temporary.REJECT)


@contextmanager
def staging(rules: Rules, *, refunds: bool = True, held: Held | None = None) -> Iterator[Stage]:
    """Make the tables and take lines until the block ends; then the tables are complete.

    Without `refunds` an order of less than nothing is a version like any other. Must run inside a transaction. While the
    block runs, the connection can do nothing else. With `held` lines of orders that are held as they come are not sent;
    all others are sent now and then, instead of all the time. Raises `ReadAgain` where that cannot be.
    """
    _ask_for_memory()
    create(*temporary.STAGED)
    if held is not None:
        stage = Stage(rules, _copy_lines, refunds=refunds, held=held)
        yield stage
        stage.grouper.close()
        stage.grouper.flush()
        stage.finish()
        return
    with connection.cursor() as cursor, cursor.copy(temporary.LINE.copy_sql()) as copy:
        stage = Stage(rules, copy.write, refunds=refunds)
        yield stage
        stage.grouper.close()
        stage.grouper.flush()
    stage.finish()


def _ask_for_memory() -> None:
    """Let the temporary tables of half a million lines stay in memory; possible before a session's first one.

    A first one that was rolled back has left its memory, and no trace: then the tables have what there is.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_my_temp_schema() = 0")
        if cursor.fetchone() == (True,):
            with suppress(DataError), transaction.atomic():
                cursor.execute("SET LOCAL temp_buffers = '64MB'")


def _copy_lines(text: str) -> None:
    with connection.cursor() as cursor, cursor.copy(temporary.LINE.copy_sql()) as copy:
        copy.write(text)


def held_versions(tenant_id: UUID, source_id: UUID) -> Held | None:
    """Return what says which versions of a source's orders are held; None where none is held yet."""
    values = {"tenant": tenant_id, "source": source_id}
    if not sql.ANY_HELD.row(bool, values):
        return None

    def held(versions: Sequence[Version]) -> set[Version]:
        numbers, hashes = [version.number for version in versions], [version.hash for version in versions]
        return set(sql.HELD.rows(Version, {**values, "numbers": numbers, "hashes": hashes}))

    return held
