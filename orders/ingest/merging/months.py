"""The last step of a merge: partner-months, made true from the orders they sum up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from orders.ingest.merging import sql
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.sharing import find_parts, known, share_given
from orders.ingest.statement import Values, analyze, create
from orders.ingest.temporary import FULL, GIVEN, MONTH, TOUCHED
from orders.states import SUM_LIMIT
from partners.standing.service import replace_months
from prm.tenancy.context import current_tenant


class _Largest(NamedTuple):
    """The largest of the months summed, how many months there can be, and whether any order is set aside."""

    month: Decimal
    months: int
    is_any_aside: bool


def roll_up(batch: Batch, created: Sequence[str]) -> int:
    """Tie the orders that waited for codes that now are somebody's, and make all months touched true.

    Return how many orders were tied so.
    """
    create(TOUCHED)
    sql.FIND_TOUCHED.run()
    values: Values = {**batch.values, "codes": list(created)}
    waiting = sql.COUNT_WAITING.row(int, values) if created else 0
    is_shared = any(known())
    if waiting or is_shared:
        create(GIVEN)
    if waiting:
        sql.TIE_WAITING.run(values)
    if is_shared:
        sql.FIND_GIVEN.run()
        share_given()
    recompute_months()
    return waiting


def recompute_months() -> None:
    """Make the partner-months named in `prm_touched` true.

    Must run under the tenant's order lock. Writes only rows that differ. Where a partner's orders would come
    to more than a sum can hold, the largest of them wait (`Wait.TOO_LARGE`), and everybody else goes on.
    """
    analyze(TOUCHED)
    tenant = current_tenant()
    values: Values = {"tenant": tenant.pk, "zone": tenant.timezone}
    is_shared = known().shares
    _sum(values, is_shared=is_shared)
    if _set_aside(values):
        _sum(values, is_shared=is_shared)
    replace_months(named=TOUCHED.name, sums=MONTH.name)


def _sum(values: Values, *, is_shared: bool) -> None:
    create(MONTH)
    if is_shared:
        find_parts(values)
        sql.SUM_SHARED_MONTHS.run(values)
    else:
        sql.SUM_MONTHS.run(values)
    analyze(MONTH)


def _set_aside(values: Values) -> bool:
    """Set orders aside, or back, where sums need it; return whether months must be summed again."""
    largest = sql.LARGEST_MONTH.row(_Largest, values)
    # So many months of less than this stay below the limit together.
    safe = SUM_LIMIT // largest.months
    if largest.month < safe and not largest.is_any_aside:
        return False
    create(FULL)
    if not sql.FIND_FULL.run({**values, "limit": safe}):
        return False
    if not sql.SET_ASIDE.run({**values, "limit": SUM_LIMIT}):
        return False
    sql.TOUCH_ALL.run(values)
    return True
