"""Looking for pairs, and what people say of them."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from partners.directory.likeness import LISTED, Known, Likeness
from partners.directory.models import Partner
from partners.directory.queries import known_partners, look_alikes
from partners.lookalikes.models import LookAlike, LookAlikeCursor
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_actor, current_tenant
from prm.tenancy.use_cases import needs_no_right, requires
from prm.tenancy.work.states import Slice

LAG: Final = timedelta(minutes=15)
_AT_A_TIME: Final = 100
_LOCK: Final = "lookalikes"


@needs_no_right("suggests pairs, decides nothing")
def look_for(seconds: float, *, lag: timedelta = LAG) -> Slice:
    """Look at partners that changed since the last time, until none is left or the time is over."""
    end = time.monotonic() + seconds
    while look_at_some(lag=lag):
        if time.monotonic() >= end:
            return Slice.MORE
    return Slice.DONE


@needs_no_right("suggests pairs, decides nothing")
@transaction.atomic
def look_at_some(*, lag: timedelta = LAG) -> int:
    """Look at the next partners that changed, and note whom they look like; return how many these were.

    What changed within `lag` waits for the next time: an import that is not done may still bring partners from before.
    """
    lock_tenant(_LOCK, current_tenant().pk)
    cursor: LookAlikeCursor = LookAlikeCursor.objects.get_or_create()[0]
    changed = Partner.objects.filter(updated_at__lte=now() - lag).order_by("updated_at", "pk")
    if cursor.stamp is not None:
        # A row that begins where the last one ended, and what stands behind it.
        changed = changed.filter(updated_at__gte=cursor.stamp).exclude(
            Q(updated_at=cursor.stamp) & Q(pk__lte=cursor.last_id)
        )
    some = list(changed.values_list("updated_at", "pk")[:_AT_A_TIME])
    if not some:
        return 0
    _note([pk for _, pk in some])
    cursor.stamp, cursor.last_id = some[-1]
    cursor.save()
    return len(some)


@needs_no_right("suggests pairs, decides nothing")
@transaction.atomic
def look_at(partner_ids: Sequence[UUID]) -> None:
    """Look at some partners now, and note whom they look like."""
    lock_tenant(_LOCK, current_tenant().pk)
    _note(partner_ids)


def _note(partner_ids: Sequence[UUID]) -> None:
    """Keep the pairs that these partners make now; open ones that they make no longer go."""
    asked = known_partners(partner_ids)
    pairs: dict[tuple[UUID, UUID], Likeness] = {}
    for one, found in zip(asked, look_alikes(asked, least=LISTED), strict=True):
        for other, alike in found:
            pairs[_pair(one, other)] = alike
    old = LookAlike.objects.filter(state=LookAlike.State.OPEN)
    old = old.filter(Q(first__in=partner_ids) | Q(second__in=partner_ids))
    gone = [pair.pk for pair in old if (pair.first_id, pair.second_id) not in pairs]
    LookAlike.objects.filter(pk__in=gone).delete()
    LookAlike.objects.bulk_create(
        [
            LookAlike(first_id=first, second_id=second, score=alike.score, reasons=list(alike.reasons))
            for (first, second), alike in sorted(pairs.items())
        ],
        update_conflicts=True,
        unique_fields=["tenant", "first", "second"],
        update_fields=["score", "reasons"],
    )


def _pair(one: Known, other: Known) -> tuple[UUID, UUID]:
    assert one.id is not None
    assert other.id is not None
    return min(one.id, other.id), max(one.id, other.id)


@requires(Right.ORDER_TIE)
@transaction.atomic
def decide(pair_id: UUID, *, state: str) -> LookAlike:
    """Say of a pair that these are two (remembered, and not asked again), that it waits, or that it is open again."""
    if state not in LookAlike.State.values:
        raise Refused(
            f"Say one of: {', '.join(LookAlike.State.values)}.", field="state", code="invalid_choice"
        )
    pair: LookAlike | None = LookAlike.objects.select_for_update(of=("self",)).filter(pk=pair_id).first()
    if pair is None:
        raise Refused("This pair is not there any more.", code="does_not_exist")
    pair.state, pair.decided_at, pair.decided_by = state, now(), current_actor().label[:160]
    pair.save()
    return pair
