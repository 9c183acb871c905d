"""The first step of a merge: the staged orders beside those held."""

from typing import Final, NamedTuple

from orders.ingest import sql
from orders.ingest.merging.batch import Batch
from orders.ingest.statement import analyze, create
from orders.ingest.temporary import ORDER, SUM

# MoneyField holds less than this.
_AMOUNT_LIMIT: Final = 10**14


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
    """Put the last version of each staged order beside the one held; write `prm_order`."""
    create(ORDER)
    sql.COMPARE.run(batch.values)
    analyze(ORDER)
    return sql.COUNT_OUTCOMES.row(Compared)


def sum_up() -> None:
    """Add up the lines of every block whose order changes; write `prm_sum`."""
    create(SUM)
    sql.SUM_UP.run()
    analyze(SUM)


def refuse_overflow(compared: Compared) -> tuple[Compared, int]:
    """Reject orders whose amounts no money field can hold.

    Return the counts without them, and how many lines that were.
    """
    limit = {"limit": _AMOUNT_LIMIT}
    overflown = sql.REFUSE_OVERFLOW.run(limit)
    if not overflown:
        return compared, 0
    sql.DROP_OVERFLOWN.run(limit)
    left = sql.COUNT_OUTCOMES.row(Compared)
    # What is gone from `prm_order` now looks superseded, and is not.
    return left._replace(
        superseded=compared.superseded, lines_superseded=compared.lines_superseded
    ), overflown
