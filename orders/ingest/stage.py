"""Staged blocks and lines: temporary tables of one transaction, filled by COPY.

Temporary tables keep half-read files out of everybody's sight and out of the write-ahead log, need no
policy (no other session can see them), and are gone with the transaction, whatever ends it. The
role needs the TEMPORARY privilege on the database, which PostgreSQL grants to all by default.

=============  =====================================================================================
prm_block      one order in one file (consecutive lines)
prm_line       its lines; the amount is computed while COPY runs
prm_product    product codes and names by their number in this run
prm_reject     lines that cannot be stored
=============  =====================================================================================
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.db import connection

from orders.ingest.group import Grouper, Line, Products
from orders.ingest.intake import Intake, Reject
from orders.ingest.rules import Rules, unescape

# Bytes of block headers and rejects held in memory before they go to a file.
_SPOOL = 4 * 1024 * 1024

_CREATE = """
DROP TABLE IF EXISTS pg_temp.prm_block, pg_temp.prm_line, pg_temp.prm_product, pg_temp.prm_reject;
CREATE TEMP TABLE prm_block (
    block int NOT NULL, file_no int NOT NULL, first_line int NOT NULL, number text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL, partner_name text NOT NULL, currency text NOT NULL, state text NOT NULL,
    lines_before int NOT NULL, lines int NOT NULL, repeats int NOT NULL, is_reversal boolean NOT NULL,
    content_hash text NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE prm_line (
    block int NOT NULL, ordinal int NOT NULL, line_no int NOT NULL, placed_at timestamptz NOT NULL,
    product int, quantity numeric NOT NULL, unit_price numeric, given numeric, by_hand boolean NOT NULL,
    amount numeric GENERATED ALWAYS AS (coalesce(given, round(quantity * unit_price, 4))) STORED
) ON COMMIT DROP;
CREATE TEMP TABLE prm_product (product int NOT NULL, code text NOT NULL, name text NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE prm_reject (
    file_no int NOT NULL, line_no int NOT NULL, reason text NOT NULL, field text NOT NULL,
    column_name text NOT NULL, message text NOT NULL, raw jsonb NOT NULL, fingerprint text NOT NULL
) ON COMMIT DROP;
"""

_COPY_LINES = (
    "COPY pg_temp.prm_line (block, ordinal, line_no, placed_at, product, quantity, unit_price, given, by_hand)"
    " FROM STDIN"
)

# Orders whose lines are not consecutive, as the lines they consist of, in the order of the file.
_SCATTERED = """
CREATE TEMP TABLE prm_scattered ON COMMIT DROP AS
SELECT b.* FROM pg_temp.prm_block b JOIN (
    SELECT file_no, number FROM pg_temp.prm_block GROUP BY file_no, number HAVING count(*) > 1
) d USING (file_no, number)
"""
_SCATTERED_LINES = """
COPY (
    SELECT b.file_no, l.line_no, b.number, b.code, b.partner_name, b.currency, b.state,
           to_char(l.placed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00', l.product,
           coalesce(p.code, ''), coalesce(p.name, ''), l.quantity, l.unit_price, l.given, l.by_hand::int
    FROM pg_temp.prm_scattered b JOIN pg_temp.prm_line l USING (block)
    LEFT JOIN pg_temp.prm_product p USING (product)
    ORDER BY b.file_no, b.number, l.by_hand, l.line_no
) TO STDOUT
"""


class Spool:
    """Rows in COPY text form that wait for their turn, in memory or on disk."""

    def __init__(self) -> None:
        self._file: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed by copy_into)
            _SPOOL, mode="w+", encoding="utf-8", newline=""
        )
        self.write: Callable[[str], Any] = self._file.write

    def lines(self) -> Iterator[str]:
        """All rows, from the first."""
        self._file.seek(0)
        yield from self._file

    def copy_into(self, table: str) -> None:
        """Send the rows into a table and forget them."""
        self._file.seek(0)
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            while block := self._file.read(65_536):
                copy.write(block)
        self._file.close()


class Stage:
    """Staging of one run. Use :func:`staging`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.blocks, self.products, self.rejects = Spool(), Spool(), Spool()
        self.intake: Intake
        self.grouper: Grouper
        self.repeated = 0

    def write_reject(self, reject: Reject) -> None:
        """Keep a rejected line for the merge."""
        self.rejects.write(reject.copy_line())

    def open(self, write_lines: Callable[[str], None]) -> None:
        """Make the intake whose lines go to ``write_lines``."""
        spec = self.rules.spec
        self.grouper = Grouper(
            write_lines=write_lines,
            write_block=self.blocks.write,
            is_cancellation=spec.is_cancellation,
            drop_repeats=spec.drop_exact_repeats,
        )
        self.intake = Intake(
            rules=self.rules,
            grouper=self.grouper,
            products=Products(self.products.write),
            write_reject=self.write_reject,
        )

    def finish(self) -> None:
        """Send what is left, after the lines have been copied, and gather scattered orders."""
        self.blocks.copy_into("pg_temp.prm_block")
        self.products.copy_into("pg_temp.prm_product")
        self.repeated = self.grouper.repeated
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE pg_temp.prm_block; ANALYZE pg_temp.prm_product")
            cursor.execute("DROP TABLE IF EXISTS pg_temp.prm_scattered")
            cursor.execute(_SCATTERED)
            if cursor.rowcount:
                self._gather()
            cursor.execute("ANALYZE pg_temp.prm_line (block, product)")
        self.rejects.copy_into("pg_temp.prm_reject")

    def _gather(self) -> None:
        """Send scattered orders through a grouper again, now with their lines side by side."""
        spec = self.rules.spec
        lines, blocks, again = Spool(), Spool(), Spool()
        with connection.cursor() as cursor:
            with cursor.copy(_SCATTERED_LINES) as copy:
                for data in copy:
                    again.write(bytes(data).decode())
            cursor.execute("SELECT max(block), max(lines_before + lines) FROM pg_temp.prm_block")
            last, before = cursor.fetchone()
            cursor.execute(
                "DELETE FROM pg_temp.prm_line l USING pg_temp.prm_scattered s WHERE l.block = s.block;"
                "DELETE FROM pg_temp.prm_block b USING pg_temp.prm_scattered s WHERE b.block = s.block"
            )
        grouper = Grouper(
            write_lines=lines.write,
            write_block=blocks.write,
            is_cancellation=spec.is_cancellation,
            drop_repeats=spec.drop_exact_repeats,
            first_block=last + 1,
            lines_before=before,
        )
        for row in again.lines():
            self._regroup(grouper, row.rstrip("\n").split("\t"))
        grouper.close()
        grouper.flush()
        lines.copy_into(_COPY_LINES.removeprefix("COPY ").removesuffix(" FROM STDIN"))
        blocks.copy_into("pg_temp.prm_block")
        self.repeated += grouper.repeated

    def _regroup(self, grouper: Grouper, cells: list[str]) -> None:
        file_no, line_no, number, code, name, currency, state, placed, product = cells[:9]
        product_code, product_name, quantity, price, given, by_hand = cells[9:]
        placed = placed.replace(".000000", "")
        key = f"{placed}\t{product_code}\t{product_name}\t{quantity}\t{price}\t{given}"
        staged = f"{placed}\t{product}\t{quantity}\t{price}\t{given}\t{by_hand}"
        line = Line(number, code, (name, currency, state), key, staged, int(line_no))
        add = grouper.add_by_hand if by_hand == "1" else grouper.add_one
        for error in add(line, int(file_no)):
            raw = {
                "number": number, "code": code, "date": placed, "product_code": product_code,
                "product_name": product_name, "quantity": quantity, "unit_price": price, "amount": given,
            }  # fmt: skip
            known = {name: unescape(value) for name, value in raw.items() if unescape(value)}
            self.intake.reject_staged(known, int(file_no), int(line_no), error)


@contextmanager
def staging(rules: Rules) -> Iterator[Stage]:
    """Make the tables and take lines until the block ends; then the tables are complete.

    Must run inside a transaction. While the block runs, the connection can do nothing else.
    """
    stage = Stage(rules)
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        with cursor.copy(_COPY_LINES) as copy:
            stage.open(copy.write)
            yield stage
            stage.grouper.close()
            stage.grouper.flush()
    stage.finish()
