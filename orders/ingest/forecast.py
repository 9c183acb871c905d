"""What an import would do, found out by doing everything but writing.

Lines go through staging and comparing like an import; the result is read from the temporary tables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from orders.ingest import forecast_sql
from orders.ingest.merging.attribute import attribute, find_codes
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.compare import compare_good, sum_up
from orders.ingest.service import rules_for
from orders.ingest.stage import Stage, staging
from orders.ingest.states import RejectReason
from orders.sources.models import OrderSource
from orders.sources.spec import Spec


class Shares(NamedTuple):
    """Orders that would be new, corrected or reversed with their money in the tenant's currency (None without any).

    `tied` of the `changed` orders have a partner, or would make one; the money of those `waiting` for a rate
    is in none of the sums.
    """

    created: int
    created_amount: Decimal | None
    corrected: int
    corrected_amount: Decimal | None
    reversed: int
    reversed_amount: Decimal | None
    tied: int
    changed: int
    waiting: int


class Fate(NamedTuple):
    """What would become of one order; amount and state are None for one that would not change. `credits`: as its file shares it."""

    number: str
    outcome: str
    held_amount: Decimal | None
    code: str
    amount: Decimal | None
    state: str | None
    is_reversal: bool
    partner_id: UUID | None
    credits: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was read (on the `stage`), and what would come of it; `fates` of the numbers asked for.

    `refused`: lines of orders that cannot be taken as a whole, by reason.
    """

    stage: Stage
    refused: Mapping[RejectReason, int]
    shares: Shares
    unchanged: int
    fates: list[Fate]


@transaction.atomic
def forecast(
    source: OrderSource,
    fill: Callable[[Stage], None],
    *,
    numbers: Sequence[str],
    spec: Spec | None = None,
    append: bool = False,
) -> Forecast:
    """Stage the lines that `fill` brings and compare them with what is held; write nothing.

    `spec` replaces the source's own; with `append` lines would be added to orders that are held.
    """
    with staging(rules_for(spec or source.rules), refunds=not append) as stage:
        fill(stage)
    batch = Batch.of(source, append=append)
    compared, refused = compare_good(batch)
    if not compared.changes:
        sum_up(batch)
    find_codes(batch)
    attribute(batch)
    return Forecast(
        stage,
        refused,
        forecast_sql.SHARES.row(Shares, {**batch.values, "creates": source.rules.create_partners}),
        forecast_sql.COUNT_UNCHANGED.row(int),
        forecast_sql.FATES.rows(Fate, {"numbers": list(numbers)}),
    )
