"""From staged blocks to orders, lines and partner-months, in set-based SQL within one transaction.

One merge at a time per tenant: an advisory lock, held to the end of the transaction, keeps imports
of several sources, single orders by API and answers from the queue from overlooking each other
(codes and partner-months are shared by all of them). Reading and staging happen before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.db import connection

from orders.ingest import sql
from orders.ingest.merging.attribute import NOTHING, Attributed, attribute, create_partners, find_codes
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.compare import Compared, compare_good
from orders.ingest.merging.months import roll_up
from orders.ingest.merging.write import (
    keep_rejects,
    settle_rejects,
    write_lines,
    write_orders,
    write_products,
)
from orders.ingest.states import RejectReason
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant

# Up to so many orders (a batch by API) are looked up one by one; more are joined as a whole.
_FEW_ORDERS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did; see `orders.runs.result` for the counts of lines.

    refused: lines rejected because their order cannot be taken as a whole, by reason. rejects_new: rejected
    lines that were not kept before. waiting_tied: orders held already that waited for a code of a new partner.
    """

    compared: Compared
    attributed: Attributed = NOTHING
    partners_created: int = 0
    refused: Mapping[RejectReason, int] = field(default_factory=dict)
    rejects_new: int = 0
    waiting_tied: int = 0

    @property
    def wrote(self) -> bool:
        """Whether anything but the run itself was written."""
        return bool(self.compared.lines_stored or self.rejects_new)


def lock_orders() -> None:
    """Take the tenant's order lock for the rest of the transaction."""
    lock_tenant("orders", current_tenant().pk)


def merge(batch: Batch) -> Merged:
    """Write what is staged, step by step; return what that did."""
    batch.on_step("compare")
    lock_orders()
    _plan_for_volume()
    compared, refused = compare_good(batch)
    if not compared.changes:
        settle_rejects(batch)
        return Merged(compared, refused=refused, rejects_new=keep_rejects(batch))
    batch.on_step("tie")
    find_codes(batch)
    created = create_partners(batch)
    attributed = attribute(batch)
    batch.on_step("write")
    write_products(batch)
    write_orders(batch, compared)
    write_lines(batch, compared)
    batch.on_step("months")
    waiting_tied = roll_up(batch, created)
    settle_rejects(batch)
    return Merged(compared, attributed, len(created), refused, keep_rejects(batch), waiting_tied)


def _plan_for_volume() -> None:
    """Ask for plans that stay linear when the planner knows nothing of the tables yet.

    Before the first ANALYZE it takes any index that begins with tenant_id for as good as the one
    that also has the number, and a nested loop over it reads the whole tenant once per order.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        if sql.COUNT_BLOCKS.row(int) > _FEW_ORDERS:
            cursor.execute("SET LOCAL enable_nestloop = off")


def outcomes() -> Mapping[str, str]:
    """Return what became of each staged order, by number: created, corrected or unchanged."""
    return sql.OUTCOMES.texts()


class Refusal(NamedTuple):
    """Why the order of a file of its own was refused as a whole."""

    file_no: int
    field: str
    message: str
    reason: str


def refusals() -> dict[int, Refusal]:
    """Return why orders were refused as a whole, by the number of their file."""
    return {refusal.file_no: refusal for refusal in sql.REFUSALS.rows(Refusal)}
