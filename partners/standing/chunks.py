"""Keeps standings up to date, for one partner or for all, and writes only what has changed.

Work goes in chunks of partners. A chunk takes its locks, reads with a fixed number of queries,
computes in columns, and writes with one statement per table, so that the cost of one partner does not
depend on how many there are. Two recomputations of the same partner run one after the other, and the
later one reads after the earlier has committed: the last word is always about the newest figures.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.standing.columns import Floats
from partners.standing.computing import Row, compute, stand, weights_of
from partners.standing.figures import Ledger, Wanted, columns_needed, read_snapshots, read_tiers
from partners.standing.store import set_first_tiers, write_snapshots, write_standings
from prm.core.calendar import month_start
from prm.core.locks import lock_records
from prm.tenancy.context import current_tenant

__all__ = ["Row", "chunks_of", "compute", "lock_standings", "recompute_chunk", "weights_of"]

CHUNK = 5_000
# Up to so many partners each take a lock of their own; more take the tenant's.
FEW = 50


def lock_standings(partner_ids: Collection[UUID]) -> None:
    """Wait until nobody else computes or decides these partners; held until the transaction ends."""
    lock_records("standings", current_tenant().pk, partner_ids, most=FEW)


def recompute_chunk(partner_ids: Sequence[UUID], as_of: date, policy: StandingPolicy) -> int:
    """Recompute and store the standings of some partners; returns how many rows changed."""
    lock_standings(partner_ids)
    wanted = Wanted(partner_ids)
    tiers = read_tiers(wanted, as_of)
    if not tiers.present.all():
        present = [pk for pk, there in zip(partner_ids, tiers.present.tolist(), strict=True) if there]
        return recompute_chunk(present, as_of, policy) if present else 0
    ledger = Ledger(wanted, as_of, columns_needed(policy.rules))
    found = stand(wanted, as_of, policy, ledger.months(), tiers)
    month_ago = _month_ago(wanted, as_of, policy, ledger)
    changed = write_standings(found, month_ago, as_of, policy)
    set_first_tiers(found, as_of, policy)
    return changed


def _month_ago(wanted: Wanted, as_of: date, policy: StandingPolicy, ledger: Ledger) -> Floats:
    """Find the scores at the end of the month before, and bring missing or outdated snapshots up.

    A snapshot is outdated when the orders of its own twelve months are no longer those it was made
    from (a late file, a correction); later visits do not change what was known then.
    """
    end = month_start(as_of) - timedelta(days=1)
    month = month_start(end)
    months = ledger.months(back=1)
    snapshots = read_snapshots(wanted, month)
    fresh = (
        snapshots.known
        & (snapshots.revenue_12m == months.window(12))
        & (snapshots.orders_12m == months.orders[:, -12:].sum(axis=1))
    )
    scores = np.where(snapshots.score < 0, np.nan, snapshots.score / 10)
    stale = np.flatnonzero(~fresh)
    if len(stale):
        some = wanted.some(stale)
        found = stand(some, end, policy, months.of(stale), read_tiers(some, end))
        write_snapshots(found, month, policy)
        scores[stale] = found.score
    return scores


def chunks_of(partner_ids: Collection[UUID] | None, size: int = CHUNK) -> Iterator[list[UUID]]:
    """Cut partners into chunks by id; None means all of the tenant, read chunk by chunk."""
    if partner_ids is not None:
        ordered = sorted(set(partner_ids))
        yield from (ordered[at : at + size] for at in range(0, len(ordered), size))
        return
    last: UUID | None = None
    while True:
        with transaction.atomic():
            chunk = chunk_after(last, size)
        if not chunk:
            return
        yield chunk
        last = chunk[-1]


def chunk_after(last: UUID | None, size: int = CHUNK) -> list[UUID]:
    """Return the next partners of the tenant after an id (None: the first ones), by id."""
    everybody = Partner.objects.order_by("pk").values_list("pk", flat=True)
    return list((everybody.filter(pk__gt=last) if last else everybody)[:size])
