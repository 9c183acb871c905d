"""Orders whose lines are not consecutive in their file: grouped once more, now side by side."""

import tempfile
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from django.db import connection

from orders.ingest import sql
from orders.ingest.errors import Contradiction
from orders.ingest.reading.group import Grouper
from orders.ingest.reading.lines import Line
from orders.ingest.reading.rejecting import Reject, Rejects
from orders.ingest.reading.texts import NULL, unescape
from orders.ingest.reading.written import as_cells
from orders.sources.spec import Spec

_SPOOL: Final = 4 * 1024 * 1024


class ScatteredLine(NamedTuple):
    """A staged line in COPY's text format, with what is known of its block and its product."""

    file_no: str
    line_no: str
    number: str
    code: str
    partner_name: str
    currency: str
    state: str
    placed_at: str
    product: str
    product_code: str
    product_name: str
    quantity: str
    unit_price: str
    given: str
    line_state: str
    mark: str
    by_hand: str

    def as_line(self) -> Line:
        """Return the line as it was before it was staged, so that equal content is equal text."""
        amounts = (self.quantity, self.unit_price, self.given)
        state = self.state if self.line_state == NULL else self.line_state
        header = (self.partner_name, self.currency, state)
        stated = [] if self.line_state == NULL else [self.line_state]
        key = [self._placed_at, self.product_code, self.product_name, *stated, *amounts]
        staged = [self._placed_at, self.product, *amounts, self.line_state, self.mark, self.by_hand]
        texts = "\t".join(key), self.mark, "\t".join(staged)
        return Line(self.number, self.code, header, *texts, int(self.line_no))

    def as_reject(self, error: Contradiction, spec: Spec, rejects: Rejects) -> Reject:
        """Return the line as one that is rejected after all, now that its order is seen as a whole."""
        staged = {
            "number": self.number, "code": self.code, "date": self._placed_at, "partner_name": self.partner_name,
            "product_code": self.product_code, "product_name": self.product_name, "currency": self.currency,
            "quantity": self.quantity, "unit_price": self.unit_price, "amount": self.given,
            "state": self.state if self.line_state == NULL else self.line_state,
        }  # fmt: skip
        known = rejects.held(int(self.file_no), int(self.line_no)) or as_cells(
            {name: text for name, value in staged.items() if (text := unescape(value))}, spec
        )
        return Reject(
            int(self.file_no),
            int(self.line_no),
            error.reason,
            error.field,
            str(spec.fields.get(error.field, "")),
            error.message,
            known,
            rejects.fingerprint(known, error.reason, int(self.file_no)),
            unescape(self.number),
        )

    @property
    def _placed_at(self) -> str:
        return self.placed_at.replace(".000000", "")


def find() -> int:
    """Note the blocks of scattered orders in `prm_scattered`; return how many there are."""
    return sql.FIND_SCATTERED.run()


def gather(
    spec: Spec,
    rejects: Rejects,
    write_lines: Callable[[str], object],
    write_block: Callable[[str], object],
    *,
    refunds: bool = True,
) -> int:
    """Take the blocks in `prm_scattered` apart and group their lines anew; return how many were repeats.

    The new blocks and lines are written in COPY's text format; the old ones are deleted.
    """
    with tempfile.SpooledTemporaryFile(_SPOOL, mode="w+", encoding="utf-8", newline="") as lines:
        _copy_out(lines.write)
        last_block, lines_before = sql.LAST_BLOCK.row(_pair)
        sql.DROP_SCATTERED_LINES.run()
        sql.DROP_SCATTERED_BLOCKS.run()
        grouper = Grouper(
            write_lines=write_lines,
            write_block=write_block,
            is_cancellation=spec.is_cancellation,
            drop_repeats=spec.drop_exact_repeats,
            refunds=refunds,
            first_block=last_block + 1,
            lines_before=lines_before,
        )
        lines.seek(0)
        for line in _parsed(lines):
            add = grouper.add_by_hand if line.by_hand == "1" else grouper.add_one
            for error in add(line.as_line(), int(line.file_no)):
                rejects.keep(line.as_reject(error, spec, rejects))
    grouper.close()
    grouper.flush()
    return grouper.repeated


def _copy_out(write: Callable[[str], object]) -> None:
    statement = f"COPY ({sql.SCATTERED_LINES.sql}) TO STDOUT"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for data in copy:
            write(bytes(data).decode())


def _parsed(rows: Iterator[str]) -> Iterator[ScatteredLine]:
    for row in rows:
        yield ScatteredLine(*row.rstrip("\n").split("\t"))


def _pair(first: int, second: int) -> tuple[int, int]:
    return first, second
