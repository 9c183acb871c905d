"""One worker per tenant at a time, and within the tenant's share of API calls."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from prm.core.clock import now
from prm.core.ids import uuid7
from prm.core.notation.reader import figure
from prm.salesforce.engine import queue
from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.wire import errors
from prm.salesforce.wire.transport import Usage
from prm.tenancy.work import courtesy

LANE_SECONDS = 90
"""Longer than the longest call (connect and read time-out), so that a live worker keeps its lane."""

RENEW_AFTER = timedelta(seconds=20)
DAY = timedelta(hours=24)
OUR_SHARE = 0.8
"""Of the organisation's calls when no share was agreed: the rest is for its other programs."""

RESERVE_SHARE = 0.9
"""Of the organisation's calls: up to here single edits still go, which are few."""

EDITS_SHARE = 0.1
"""Of a share that was agreed: kept for single edits."""


def _in(seconds: float) -> Combinable:
    """Return a moment by the database's clock: workers need not agree on the time to agree on whose turn it is."""
    return Now() + timedelta(seconds=seconds)


class LaneLost(errors.Retryable):
    """Another worker took over, because this one was silent for too long."""


class Lane:
    """The right to sync the tenant in scope, and the count of its calls.

    The budget counts our calls since the day's first one, and looks at the organisation's own
    figure whenever an answer carries it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.token = uuid7()
        self.usage = Usage()
        # Only single edits go, from the part that is kept for them.
        self.saving = False
        # That part is used as well: nothing goes any more.
        self.used_up = False
        # Whoever only compares needs no lane: what others exchange meanwhile is seen by its moment.
        self.is_held = True
        self._noted_calls = 0
        self._renewed = now()

    def take(self) -> bool:
        """Take the lane; `False` when another worker has it."""
        # A lease that ends later than any can was made by a clock that has jumped back since.
        free = Q(lane__isnull=True) | Q(lane_until__lt=Now()) | Q(lane_until__gt=_in(2 * LANE_SECONDS))
        with transaction.atomic():
            taken = SyncState.objects.filter(free).update(lane=self.token, lane_until=_in(LANE_SECONDS))
            if taken:
                # One worker per tenant: whoever holds claims now is dead.
                queue.free_claims()
                # A new day begins before its first call is counted.
                self._note_usage()
        return taken == 1

    def keep(self) -> None:
        """Let small work of others go first, renew the lane and check the budget before a call; raises to end the run."""
        courtesy.step_aside()
        self._check_budget()
        # A clock that has jumped back since would keep the lane from being renewed.
        if timedelta(0) <= now() - self._renewed < RENEW_AFTER:
            return
        with transaction.atomic():
            kept = SyncState.objects.filter(lane=self.token).update(lane_until=_in(LANE_SECONDS))
            stopped = Connection.objects.exclude(state=Connection.State.CONNECTED).exists()
            self._note_usage()
        self._renewed = now()
        if self.is_held and not kept:
            raise LaneLost("Another worker has taken over this sync.")
        if stopped:
            raise LaneLost("The sync was paused.")

    def leave(self) -> None:
        """Give the lane back and store what the answers said about limits; calls after it are counted all the same."""
        self.is_held = False
        with transaction.atomic():
            self._note_usage()
            SyncState.objects.filter(lane=self.token).update(lane=None, lane_until=None)

    def _note_usage(self) -> None:
        # In one statement: two may count at once, as whoever compares does so without the lane.
        moment, spent = now(), self.usage.calls - self._noted_calls
        # A day that begins later than now was begun by a clock that has jumped back since.
        anew = Q(our_calls_since__isnull=True) | ~Q(our_calls_since__range=(moment - DAY, moment))
        told = self.usage.org_limit is not None
        SyncState.objects.update(
            our_calls=Case(When(anew, then=spent), default=F("our_calls") + spent),
            our_calls_since=Case(When(anew, then=moment), default=F("our_calls_since")),
            **({"org_used": self.usage.org_used, "org_limit": self.usage.org_limit} if told else {}),
        )
        self._noted_calls = self.usage.calls

    def _check_budget(self) -> None:
        used, limit = self.usage.org_used, self.usage.org_limit
        share = self.connection.daily_calls
        part = 1.0 if share else (RESERVE_SHARE if self.saving else OUR_SHARE)
        if used is not None and limit and used >= limit * part:
            self.used_up = self.saving or share is not None
            raise errors.OutOfBudget(
                f"{figure(used)} of the organisation's {figure(limit)} API calls in 24 hours are used. "
                + ("The rest is left to its other programs." if self.saving or share else _ONLY_EDITS)
            )
        if share is None:
            return
        with transaction.atomic():
            state = SyncState.objects.get()
        ours = state.our_calls + self.usage.calls - self._noted_calls
        if ours >= share:
            self.used_up = True
            raise errors.OutOfBudget(f"Our {figure(share)} API calls for this day are used.")
        if not self.saving and ours >= share - int(share * EDITS_SHARE):
            raise errors.OutOfBudget(
                f"{figure(ours)} of our {figure(share)} API calls for this day are used. {_ONLY_EDITS}"
            )


_ONLY_EDITS = "The rest is kept for single edits, which still go."
