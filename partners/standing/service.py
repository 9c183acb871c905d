"""Recomputing standings: what the database has asked for, some partners, or all; and partner-months.

Work goes in chunks of partners. A chunk takes its locks, reads with a fixed number of queries, computes in
arrays, and writes with one statement per table, so that the cost of one partner does not depend on how many
there are. Two recomputations of the same partner run one after the other, and the later one reads after the
earlier has committed: the last word is always about the newest figures.
"""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.db import OperationalError, connection, transaction
from django.db.models import F

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.policy.queries import policy_in_force
from partners.standing import sql
from partners.standing.arrays import Floats
from partners.standing.compute import compute_standings
from partners.standing.inputs import Ledger, Wanted, months_needed, read_snapshots, read_tiers
from partners.standing.models import LevelChange, StandingMonth, StandingRequest
from partners.standing.rules import month_end
from partners.standing.write import set_first_tiers, write_snapshots, write_standings
from prm.core.calendar import add_months, month_start, today
from prm.core.locks import lock_records
from prm.tenancy.context import current_tenant
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right
from prm.tenancy.work.states import Slice

# So few that a chunk takes less than a slice (`SLICE_SECONDS`) or little more.
CHUNK = 2_000
# Up to so many partners each take a lock of their own; more take the tenant's.
LOCKED_SINGLY = 50

logger = logging.getLogger(__name__)


# --- some partners, or all ----------------------------------------------------------------------


@needs_no_right("makes derived figures true")
def recompute_standings(partner_ids: Collection[UUID] | None = None, *, as_of: date | None = None) -> int:
    """Recompute and store standings now; return how many changed.

    In: which partners (None: all of the tenant), the day of judgement in the tenant's calendar
    (None: today). The month of `as_of` counts whole. Every chunk of partners is atomic by itself when
    the caller has opened no transaction.
    """
    changed = 0
    for chunk in chunks_of(partner_ids):
        with transaction.atomic():
            changed += recompute_chunk(chunk, as_of=as_of)
    return changed


@needs_no_right("makes derived figures true")
def recompute_chunk(partner_ids: Sequence[UUID], *, as_of: date | None = None) -> int:
    """Recompute and store the standings of some partners in the caller's transaction; return how many changed."""
    day = as_of or today(current_tenant())
    policy = policy_in_force()
    lock_standings(partner_ids)
    wanted = Wanted(partner_ids)
    tiers = read_tiers(wanted, day)
    if not tiers.present.all():
        present = [pk for pk, there in zip(partner_ids, tiers.present.tolist(), strict=True) if there]
        return recompute_chunk(present, as_of=day) if present else 0
    ledger = Ledger(wanted, day, months_needed(policy.rules))
    standings = compute_standings(wanted, day, policy, ledger.months(), tiers)
    month_ago = _scores_month_ago(wanted, day, policy, ledger)
    changed = write_standings(standings, month_ago, day, policy)
    set_first_tiers(standings, day, policy)
    return changed


@needs_no_right("waits, writes nothing")
def lock_standings(partner_ids: Collection[UUID]) -> None:
    """Wait until nobody else computes or decides these partners; held until the transaction ends."""
    lock_records("standings", current_tenant().pk, partner_ids, most=LOCKED_SINGLY)


def _scores_month_ago(wanted: Wanted, as_of: date, policy: StandingPolicy, ledger: Ledger) -> Floats:
    """Find the scores at the end of the month before, and bring missing or outdated snapshots up.

    A snapshot is outdated when the orders of any month up to its own are no longer those it was made
    from (a late file, a correction, an order that moves to another month); later visits do not change what was
    known then.
    """
    end = month_start(as_of) - timedelta(days=1)
    month = month_start(end)
    months = ledger.months(back=1)
    snapshots = read_snapshots(wanted, month)
    marks = months.marks()
    fresh = snapshots.known & (snapshots.marked == 1) & (snapshots.months_mark == marks)
    scores = np.where(snapshots.score < 0, np.nan, snapshots.score / 10)
    stale = np.flatnonzero(~fresh)
    if len(stale):
        some = wanted.some(stale)
        standings = compute_standings(some, end, policy, months.of(stale), read_tiers(some, end))
        write_snapshots(standings, marks[stale], month, policy)
        scores[stale] = standings.score
    return scores


@needs_no_right("names ids only")
def chunks_of(partner_ids: Collection[UUID] | None) -> Iterator[list[UUID]]:
    """Cut partners into chunks by id; None means all of the tenant, read chunk by chunk."""
    if partner_ids is not None:
        ordered = sorted(set(partner_ids))
        yield from (ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK))
        return
    last: UUID | None = None
    while True:
        with transaction.atomic():
            chunk = _chunk_after(last)
        if not chunk:
            return
        yield chunk
        last = chunk[-1]


def _chunk_after(last: UUID | None) -> list[UUID]:
    """Return the next partners of the tenant after an id (None: the first ones), by id."""
    everybody = Partner.objects.order_by("pk").values_list("pk", flat=True)
    return list((everybody.filter(pk__gt=last) if last else everybody)[:CHUNK])


@needs_no_right("makes derived figures true")
def rebuild_history(months: int = 12) -> None:
    """Make the month-end snapshots of past months anew from what is known now.

    For a tenant whose past was just loaded: without it the comparison with last month would compare
    with the time before the load. Partners without a tier get their first at the earliest month end.
    """
    running = month_start(today(current_tenant()))
    first = add_months(running, -months)
    with transaction.atomic():
        StandingMonth.objects.filter(month__gte=add_months(first, -1)).delete()
        LevelChange.objects.filter(on__gte=first).delete()
    for step in range(months):
        recompute_standings(as_of=month_end(add_months(first, step)))
    recompute_standings()


# --- what the database has asked for ------------------------------------------------------------


@needs_no_right("makes derived figures true")
def request_everybody(*, by_night: bool = False) -> None:
    """Ask for all standings of the tenant; single changes are asked for by the database (`triggers.py`)."""
    StandingRequest.objects.create(by_night=by_night)


@needs_no_right("makes derived figures true")
def recompute_requested(*, by_night: bool = False) -> int:
    """Recompute the standings that are asked for until none are left; return how many changed.

    Each chunk is taken, computed and committed at once: when that fails, its requests stay. Who was named
    goes before the next chunk of everybody; what the night asks for is worked off with `by_night`. A
    partner whose own recomputation fails stops nobody else: it is logged, and stays named.
    """
    return sum(_chunks_requested(by_night))


@needs_no_right("makes derived figures true")
def recompute_for(seconds: float, *, by_night: bool = False) -> Slice:
    """Recompute what is asked for, as above, until none is left or the time is over."""
    end = time.monotonic() + seconds
    for _ in _chunks_requested(by_night):
        if time.monotonic() >= end:
            return Slice.MORE
    return Slice.DONE


def _chunks_requested(by_night: bool) -> Iterator[int]:
    """Recompute a chunk at a time and give how many of it changed."""
    failed: set[UUID] = set()
    while True:
        with transaction.atomic():
            requests = [] if by_night else _named_requests(failed)
            named = sorted({request.partner_id for request in requests if request.partner_id})
            taken = named or _next_of_everybody(by_night)
            if not taken:
                return
            changed = _recompute_most(taken, failed)
            done = [request.pk for request in requests if request.partner_id not in failed]
            StandingRequest.objects.filter(pk__in=done).delete()
        yield changed


def _named_requests(failed: Collection[UUID]) -> list[StandingRequest]:
    """Take a chunk of the requests that name a partner and that nobody else is at."""
    named = StandingRequest.objects.filter(partner_id__isnull=False).exclude(partner_id__in=failed)
    return list(named.select_for_update(skip_locked=True)[:CHUNK])


def _next_of_everybody(by_night: bool) -> list[UUID]:
    """Take the next partners of a request for everybody; of several the one that has come least far."""
    everybody = StandingRequest.objects.filter(partner_id=None, by_night=by_night)
    asked = everybody.order_by(F("done_to").asc(nulls_first=True))
    requests = list(asked.select_for_update(skip_locked=True))
    if not requests:
        return []
    least, others = requests[0], requests[1:]
    StandingRequest.objects.filter(pk__in=[other.pk for other in others]).delete()
    taken = _chunk_after(least.done_to)
    if taken:
        least.done_to = taken[-1]
        least.save(update_fields=["done_to"])
    else:
        least.delete()
        # What is watched rests on the same months; the task is of a room above this one.
        send_task("partners.watch_orders")
    return taken


def _recompute_most(partner_ids: list[UUID], failed: set[UUID]) -> int:
    """Recompute partners; those that cannot be are found by halving, logged and added to `failed`."""
    try:
        with transaction.atomic():
            return recompute_chunk(partner_ids)
    except OperationalError:
        raise  # the database is in trouble, not a partner
    except Exception:
        if len(partner_ids) == 1:
            logger.exception("the standing of partner %s was not recomputed", partner_ids[0])
            failed.add(partner_ids[0])
            return 0
    middle = len(partner_ids) // 2
    return _recompute_most(partner_ids[:middle], failed) + _recompute_most(partner_ids[middle:], failed)


# --- partner-months -----------------------------------------------------------------------------


@needs_no_right("makes derived figures true")
def replace_months(*, named: str, sums: str) -> None:
    """Make the named partner-months equal the sums.

    Both are names of temporary tables. `named` has `partner_id uuid, month date` (first day of the
    month): what may have changed. `sums` has those two and `orders int, units numeric,
    revenue numeric, first_on date, last_on date`: what was counted for each named month; one without
    a row is removed. Only rows that differ are written.
    """
    values = {"tenant": current_tenant().pk}
    with connection.cursor() as cursor:
        cursor.execute(sql.DELETE_MONTHS.format(named=named, sums=sums), values)
        cursor.execute(sql.WRITE_MONTHS.format(sums=sums), values)
