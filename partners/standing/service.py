"""Recomputing standings: what has been asked for, some partners, or all; and the past anew."""

import logging
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import F

from partners.policy.queries import policy_in_force
from partners.standing import chunks
from partners.standing.models import StandingMonth, StandingRequest
from partners.standing.rules import month_end
from prm.core.calendar import add_months, month_start, today
from prm.tenancy.context import current_tenant

logger = logging.getLogger(__name__)


def recompute_standings(partner_ids: Collection[UUID] | None = None, *, as_of: date | None = None) -> int:
    """Recompute and store standings now; returns how many changed.

    In: which partners (None: all of the tenant), the day of judgement in the tenant's calendar
    (None: today). The month of `as_of` counts whole. Every chunk of partners is atomic by itself when
    the caller has opened no transaction.
    """
    day = as_of or today(current_tenant())
    changed = 0
    for chunk in chunks.chunks_of(partner_ids):
        with transaction.atomic():
            changed += chunks.recompute_chunk(chunk, day, policy_in_force())
    return changed


def rebuild_history(months: int = 12) -> None:
    """Make the month-end snapshots of past months anew from what is known now.

    For a tenant whose past was just loaded: without it the comparison with last month would compare
    with the time before the load. Partners without a tier get their first at the earliest month end.
    """
    running = month_start(today(current_tenant()))
    first = add_months(running, -months)
    with transaction.atomic():
        StandingMonth.objects.filter(month__gte=add_months(first, -1)).delete()
    for step in range(months):
        recompute_standings(as_of=month_end(add_months(first, step)))
    recompute_standings()


# --- what the database has asked for ------------------------------------------------------------


def request_everybody() -> None:
    """Ask for all standings of the tenant; single changes are asked for by the database (`triggers.py`)."""
    StandingRequest.objects.create()


def recompute_requested() -> int:
    """Recompute the standings that are asked for until none are left; returns how many changed.

    Each chunk is taken, computed and committed at once: when that fails, its requests stay. Who was named
    goes before the next chunk of everybody. A partner whose own recomputation fails stops nobody else: it
    is logged, and stays named.
    """
    changed = 0
    failed: set[UUID] = set()
    while True:
        with transaction.atomic():
            requests = _named_requests(failed)
            taken = sorted({request.partner_id for request in requests}) or _next_of_everybody()
            if not taken:
                return changed
            changed += _recompute_most(taken, failed)
            done = [request.pk for request in requests if request.partner_id not in failed]
            StandingRequest.objects.filter(pk__in=done).delete()


def _named_requests(failed: Collection[UUID]) -> list[StandingRequest]:
    """Take a chunk of the requests that name a partner and that nobody else is at."""
    named = StandingRequest.objects.filter(partner_id__isnull=False).exclude(partner_id__in=failed)
    return list(named.select_for_update(skip_locked=True)[: chunks.CHUNK])


def _next_of_everybody() -> list[UUID]:
    """Take the next partners of a request for everybody; of several the one that has come least far."""
    asked = StandingRequest.objects.filter(partner_id=None).order_by(F("done_to").asc(nulls_first=True))
    requests = list(asked.select_for_update(skip_locked=True))
    if not requests:
        return []
    least, others = requests[0], requests[1:]
    StandingRequest.objects.filter(pk__in=[other.pk for other in others]).delete()
    taken = chunks.chunk_after(least.done_to)
    if taken:
        least.done_to = taken[-1]
        least.save(update_fields=["done_to"])
    else:
        least.delete()
    return taken


def _recompute_most(partner_ids: list[UUID], failed: set[UUID]) -> int:
    """Recompute partners; those that cannot be are found by halving, logged and added to `failed`."""
    try:
        with transaction.atomic():
            return chunks.recompute_chunk(partner_ids, today(current_tenant()), policy_in_force())
    except OperationalError:
        raise  # the database is in trouble, not a partner
    except Exception:
        if len(partner_ids) == 1:
            logger.exception("the standing of partner %s was not recomputed", partner_ids[0])
            failed.add(partner_ids[0])
            return 0
    middle = len(partner_ids) // 2
    return _recompute_most(partner_ids[:middle], failed) + _recompute_most(partner_ids[middle:], failed)
