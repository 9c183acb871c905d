"""The third step of a merge: products, orders, lines and rejected lines are written."""

from orders.ingest.merging import sql
from orders.ingest.merging.adding import write_added
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.compare import Compared
from orders.ingest.statement import analyze, create
from orders.ingest.temporary import PRODUCT_ID
from prm.core.clock import now
from prm.core.ids import id_stem


def write_products(batch: Batch) -> None:
    """Write the products that the lines name; the last name sent counts. Write `prm_product_id`."""
    sql.WRITE_PRODUCTS.run({**batch.values, "ids": id_stem()})
    create(PRODUCT_ID)
    sql.FIND_PRODUCTS.run(batch.values)
    analyze(PRODUCT_ID)


def write_orders(batch: Batch, compared: Compared) -> None:
    """Insert new orders, update corrected ones."""
    if compared.created:
        sql.INSERT_ORDERS.run(batch.values)
    if compared.corrected and batch.values["run"] is not None:
        sql.HOLD_BEFORE.run({**batch.values, "ids": id_stem()})
    if compared.corrected:
        sql.UPDATE_ORDERS.run(batch.values)


def write_lines(batch: Batch, compared: Compared) -> None:
    """Replace the own lines of corrected orders, add those of new ones and of refunds; with `append` only add."""
    if batch.append:
        sql.APPEND_LINES.run(batch.values)
        return
    if batch.adds:
        write_added(batch)
        return
    if compared.corrected:
        sql.DELETE_LINES.run(batch.values)
    sql.INSERT_LINES.run(batch.values)
    sql.INSERT_REFUNDS.run(batch.values)


def settle_rejects(batch: Batch) -> None:
    """Settle rejected lines of orders that were sent again without them; what is only added settles nothing."""
    if not batch.append:
        sql.SETTLE_REJECTS.run({**batch.values, "at": str(now())})


def keep_rejects(batch: Batch) -> int:
    """Keep rejected lines of a run; return how many were not kept already.

    Without a run nobody would find them: a program is answered at once, and so is a person who corrects. What is only
    added are rejected rows that are kept already.
    """
    if batch.values["run"] is None or batch.append:
        return 0
    return sql.KEEP_REJECTS.run({**batch.values, "ids": id_stem(), "at": str(now())})
