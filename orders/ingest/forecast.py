"""What an import would do, found out by doing everything but writing.

Lines go through staging and comparing like an import; the result is read from the temporary tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from orders.ingest import sql
from orders.ingest.merging.attribute import attribute, find_codes
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.compare import compare, sum_up
from orders.ingest.service import rules_for
from orders.ingest.stage import Stage, staging
from orders.sources.models import OrderSource


class Shares(NamedTuple):
    """Orders that would be new, corrected or reversed with their money (None without any).

    `tied` of the `changed` orders have a partner, or would make one.
    """

    created: int
    created_amount: Decimal | None
    corrected: int
    corrected_amount: Decimal | None
    reversed: int
    reversed_amount: Decimal | None
    tied: int
    changed: int


class Fate(NamedTuple):
    """What would become of one order; amount and state are None for one that would not change."""

    number: str
    outcome: str
    held_amount: Decimal | None
    code: str
    amount: Decimal | None
    state: str | None
    is_reversal: bool
    partner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was read (on the `stage`), and what would come of it; `fates` of the numbers asked for."""

    stage: Stage
    shares: Shares
    unchanged: int
    fates: list[Fate]


@transaction.atomic
def forecast(source: OrderSource, fill: Callable[[Stage], None], *, numbers: Sequence[str]) -> Forecast:
    """Stage the lines that `fill` brings and compare them with what is held; write nothing."""
    with staging(rules_for(source.rules)) as stage:
        fill(stage)
    batch = Batch.of(source)
    compare(batch)
    find_codes(batch)
    sum_up()
    attribute(batch)
    return Forecast(
        stage,
        sql.SHARES.row(Shares, {"creates": source.rules.create_partners}),
        sql.COUNT_UNCHANGED.row(int),
        sql.FATES.rows(Fate, {"numbers": list(numbers)}),
    )
