"""The door of the import path: what every way in ends with."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from orders.ingest.merging.batch import Batch
from orders.ingest.merging.merge import Merged, merge
from orders.ingest.reading.rules import Rules
from orders.ingest.stage import Stage, held_versions, staging
from orders.sources.models import OrderSource
from orders.sources.spec import Spec
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import needs_no_right, requires


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the lines: those read and rejected on the `stage`, the others `merged`."""

    stage: Stage
    merged: Merged


@needs_no_right("pure")
def rules_for(spec: Spec) -> Rules:
    """Return the rules of a specification for the tenant in scope, today."""
    tenant = current_tenant()
    return Rules(
        spec=spec,
        zone=ZoneInfo(spec.timezone or tenant.timezone),
        days=ZoneInfo(tenant.timezone),
        currency=tenant.currency,
        today=today(tenant),
    )


@requires(Right.ORDER_WRITE, Right.IMPORT_RUN)
def take(
    source: OrderSource,
    fill: Callable[[Stage], None],
    *,
    spec: Spec | None = None,
    run_id: UUID | None = None,
    append: bool = False,
    leave_held: bool = False,
    on_step: Callable[[str], None] = lambda _step: None,
) -> Taken:
    """Take the lines that `fill` brings: stage, merge, roll up.

    Must run inside a transaction. `spec` replaces the source's own; `append` adds the lines to orders
    that are held, instead of replacing them; `on_step` is told the name of each step of the merge.
    While `fill` runs, the connection can do nothing else. With `leave_held` lines of orders that are held as they come
    are only read; raises `ReadAgain` in the rare case that they are needed after all: take all then.
    """
    held = held_versions(current_tenant().pk, source.pk) if leave_held and not append else None
    with staging(rules_for(spec or source.rules), refunds=not append, held=held) as stage:
        fill(stage)
    merged = merge(Batch.of(source, run_id=run_id, append=append, on_step=on_step))
    return Taken(stage, merged)
