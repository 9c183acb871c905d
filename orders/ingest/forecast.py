"""What an import would do, found out by doing everything but writing.

Lines go through staging and comparing like an import; the result is read from the temporary tables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from orders.ingest import forecast_sql
from orders.ingest.merging.attribute import attribute, find_codes
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.compare import compare_good, sum_up
from orders.ingest.service import rules_for
from orders.ingest.stage import Stage, staging
from orders.ingest.statement import Values
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


class RejectedLine(NamedTuple):
    """Why a line would be rejected, by itself or with its order; `field` is the one to look at, "" for none."""

    line_no: int
    field: str
    message: str


class Asked(NamedTuple):
    """What a forecast is asked about one by one: orders by their numbers, and lines of one file."""

    numbers: Sequence[str] = ()
    file_no: int = 0
    lines: Sequence[int] = ()


NOTHING_ASKED: Final = Asked()


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was read (on the `stage`), and what would come of it; `fates` and `rejected` of those `Asked` about.

    `refused`: lines of orders that cannot be taken as a whole, by reason.
    """

    stage: Stage
    refused: Mapping[RejectReason, int]
    shares: Shares
    unchanged: int
    fates: list[Fate]
    rejected: list[RejectedLine]


@transaction.atomic
def forecast(
    source: OrderSource,
    fill: Callable[[Stage], None],
    *,
    asked: Asked = NOTHING_ASKED,
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
        forecast_sql.FATES.rows(Fate, {"numbers": list(asked.numbers)}),
        forecast_sql.REJECTED_LINES.rows(RejectedLine, _places(asked)),
    )


def _places(asked: Asked) -> Values:
    return {"file_no": asked.file_no, "lines": list(asked.lines)}
