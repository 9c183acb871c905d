"""The first step of a merge: the staged orders beside those held."""

import json
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from orders.ingest import credits_sql, sql
from orders.ingest.errors import ReadAgain
from orders.ingest.merging.adding import FIND_OTHER_CODE, compare_added, sum_added
from orders.ingest.merging.batch import Batch
from orders.ingest.reading.written import as_cells
from orders.ingest.statement import analyze, create
from orders.ingest.states import RejectReason
from orders.ingest.temporary import ORDER, REFUND, REFUND_SUM, REFUSED, SUM
from orders.sources.spec import Spec
from orders.states import SUM_LIMIT


class Compared(NamedTuple):
    """How many staged orders are new, differ, are known, and came again later in the run; their lines."""

    created: int
    corrected: int
    unchanged: int
    superseded: int
    lines_stored: int
    lines_unchanged: int
    lines_superseded: int

    @property
    def changes(self) -> bool:
        """Whether any order is to be written."""
        return bool(self.created or self.corrected)


def compare(batch: Batch) -> Compared:
    """Put the last version of each staged order, and its refunds, beside what is held.

    Write `prm_order` and `prm_refund`. Raises `ReadAgain` where lines that are needed were left out.
    """
    create(ORDER, REFUND)
    if batch.adds:
        compare_added(batch)
    else:
        _compare_versions(batch)
    if batch.spec.shares_credit:
        credits_sql.SPLIT_CREDITS.run()
    analyze(ORDER, "block", "number", "code", "outcome", "is_refund")
    if sql.ANY_LEFT_OUT_CHANGES.row(bool):
        raise ReadAgain
    return sql.COUNT_OUTCOMES.row(Compared)


def _compare_versions(batch: Batch) -> None:
    sql.COMPARE.run(batch.values)
    if sql.FIND_REFUNDS.run(batch.values):
        sql.SUPERSEDE_BY_REFUNDS.run()
        sql.COMPARE_REFUNDS.run(batch.values)
        sql.TAKE_CODES_OF_REFUNDS.run()


def compare_good(batch: Batch) -> tuple[Compared, Counter[RejectReason]]:
    """Compare and add up all that can be taken; return the counts, and the lines refused by reason.

    A version that cannot be taken gives way to an earlier one of this run, or to the one held.
    """
    refused: Counter[RejectReason] = Counter()
    while True:
        compared = compare(batch)
        if not compared.changes:
            return compared, refused
        sum_up(batch)
        more = refuse(batch)
        if not more:
            return compared, refused
        refused.update(more)


def sum_up(batch: Batch) -> None:
    """Add up the lines of every block whose order changes; write `prm_sum` and `prm_refund_sum`."""
    create(SUM, REFUND_SUM)
    sql.SUM_UP.run()
    if batch.adds:
        sum_added(batch)
    else:
        sql.SUM_REFUNDS.run()
    analyze(SUM, "block")


def refuse(batch: Batch) -> dict[RejectReason, int]:
    """Reject versions that cannot be taken and take them off the stage; return how many lines, by reason."""
    create(REFUSED)
    sql.FIND_TOO_LARGE.run({**batch.values, "limit": SUM_LIMIT})
    sql.FIND_OTHER_MONEY.run(batch.values)
    if batch.adds:
        FIND_OTHER_CODE.run()
    refused = dict(sql.COUNT_REFUSED.rows(_by_reason))
    if refused:
        sql.REFUSE.run()
        _write_cells(batch.spec)
        sql.DROP_REFUSED.run()
    return refused


def _write_cells(spec: Spec) -> None:
    """Write the cells of refused lines as their source does, so that the file of rejected rows loads again."""
    while rows := sql.SOME_STAGED.rows(_place_and_staged):
        raws = [
            json.dumps(as_cells({name: text for name, text in staged.items() if name != "staged"}, spec))
            for _, staged in rows
        ]
        sql.WRITE_CELLS.run({"places_of": [place for place, _ in rows], "raws": raws})


def _place_and_staged(place: str, raw: str) -> tuple[str, dict[str, str]]:
    return place, json.loads(raw)


def _by_reason(reason: str, lines: Decimal) -> tuple[RejectReason, int]:
    return RejectReason.of(reason) or RejectReason.NUMBER_TOO_LARGE, int(lines)
