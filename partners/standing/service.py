"""Asking for standings to be computed anew, and computing them."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction

from partners.policy.queries import policy_in_force
from partners.standing import chunks
from partners.standing.models import StandingMonth
from partners.standing.rules import month_end
from prm.core.calendar import add_months, month_start, today
from prm.tenancy.context import current_tenant

# More partners than this are recomputed by one task that goes through all of the tenant's.
_NAMED_AT_MOST = 5_000
_IDS_PER_TASK = 1_000


def request_restanding(partner_ids: Collection[UUID] | None) -> None:
    """Ask for new standings once the open transaction has committed; None means everybody's.

    Cheap, so call it from every write that may move a score. A recomputation that is lost with
    its broker is made up for by the nightly run.
    """
    from partners.standing.tasks import recompute  # tasks call services, so the name is looked up late

    if partner_ids is None or len(partner_ids) > _NAMED_AT_MOST:
        recompute.send(partner_ids=None)
        return
    ids = sorted(str(partner_id) for partner_id in set(partner_ids))
    for at in range(0, len(ids), _IDS_PER_TASK):
        recompute.send(partner_ids=ids[at : at + _IDS_PER_TASK])


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
