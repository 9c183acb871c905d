"""One run for the tenant in scope: takes the lane, pulls, pushes, audits, says what is left.

Called with the tenant bound and without an open transaction, by the command, the task and the page.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.core.errors import Refused
from prm.mapping import Mapping
from prm.salesforce.engine import pull, queue, store, whose
from prm.salesforce.engine.models import (
    Connection,
    SyncRun,
    SyncSchedule,
    SyncState,
)
from prm.salesforce.engine.push import Pusher, Terms
from prm.salesforce.engine.report import Report, percentile
from prm.salesforce.linesets import models as linesets
from prm.salesforce.matches import duplicates, undoing
from prm.salesforce.matches import queries as matches
from prm.salesforce.owners import service as owners
from prm.salesforce.products.comparing import compare_lines
from prm.salesforce.products.sending import LineSender
from prm.salesforce.runs import audit, hours, masses, returning
from prm.salesforce.runs.lane import Lane, LaneLost
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.runs.waiting import say_what_waits
from prm.salesforce.shapes.looking import Shapes
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import Org, Record
from prm.tenancy.context import current_tenant

logger = logging.getLogger(__name__)

TRIES = 4
LANE_PATIENCE = 100.0
SHORT_WAIT = timedelta(seconds=20)
KEPT_RUNS = 500
_IDLE = {
    Connection.State.RESTING: "Nothing is read or written until it is started (salesforce_start).",
    Connection.State.PAUSED: "Changes are kept and go when it is resumed.",
}
MOST_TURNS = 3
"""Turns of line items in one run: those of a record that changes its currency go, and come back after it."""
COURTESY_SECONDS = 2.0
"""How long an edit waits at most for a call of an audit that holds the lane."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run shall do. `patient` waits for the lane and for records postponed by seconds."""

    push: bool = True
    pull: bool = True
    audit: bool = False
    # With the audit: what is decided is put right, and sent.
    repair: bool = False
    patient: bool = False
    # Only single edits, from the part of the API calls that is kept for them.
    saving: bool = False
    door: str = "task"
    # A slice lasts about so long; without, everything is done.
    seconds: float | None = None

    @property
    def only_looks(self) -> bool:
        """Whether it only compares, writes on neither side and needs no lane."""
        return self.audit and not (self.repair or self.push or self.pull)


def sync(wish: Wish, pause: Callable[[float], None] | None = None) -> Report:
    """Do one run and return its report; `pause(seconds)` waits (default: sleeps).

    Raises `Refused` when the tenant is not connected. Trouble with Salesforce does not raise: it is
    in the report's message, and what was done before it is stored.
    """
    with transaction.atomic():
        connection = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    if connection is None:
        raise Refused(
            f"{current_tenant().name} is not connected to Salesforce. Use salesforce_connect.",
            code="not_connected",
        )
    pause = pause or time.sleep
    report = Report()
    if not connection.is_running:
        report.message = f"{connection.get_state_display()}. {connection.state_note or _IDLE.get(connection.state, '')}".strip()
        report.failed = True
        say_what_waits(report, patient=wish.patient)
        return report
    lane = Lane(connection)
    if wish.only_looks:
        lane.is_held = False
    elif not _take(lane, wish, pause):
        report.message = "Another sync of this tenant is running."
        report.failed = wish.patient
        return report
    return _Run(connection, lane, wish, report, pause).go()


def _take(lane: Lane, wish: Wish, pause: Callable[[float], None]) -> bool:
    waited = 0.0
    while not lane.take():
        if not wish.patient or waited >= LANE_PATIENCE:
            return False
        pause(0.5)
        waited += 0.5
    return True


class _Run:
    """The run itself, with the lane taken."""

    def __init__(
        self,
        connection: Connection,
        lane: Lane,
        wish: Wish,
        report: Report,
        pause: Callable[[float], None],
    ) -> None:
        self.connection = connection
        self.lane = lane
        self.wish = wish
        self.report = report
        self.pause = pause
        self.started = now()
        self.ends = None if wish.seconds is None else time.monotonic() + wish.seconds
        self.org: Org | None = None
        self.shapes: Shapes | None = None

    def go(self) -> Report:
        """Work with patience for passing trouble, then store how it went."""
        with transaction.atomic():
            waited = hours.backlog()
        try:
            self._tries()
            if not (self.wish.saving or self.wish.only_looks):
                self._note(failures=0)
        except pull.SliceOver:
            self.report.more = True
            self._note(failures=0)
        except LaneLost as error:
            self.report.message = error.message
            self.report.failed = True
        except errors.Misconfigured as error:
            self._sign_out(error)
        except errors.SalesforceError as error:
            self.report.failed, self.report.message = True, str(error)
            if not self.wish.only_looks:
                self._fail(error)
        finally:
            self.lane.leave()
        self.report.calls = self.lane.usage.calls
        say_what_waits(self.report, patient=self.wish.patient)
        self._store_run()
        hours.note(self.report, self.lane.usage, waited=waited)
        return self.report

    def _tries(self) -> None:
        for number in range(1, TRIES + 1):
            try:
                self._work()
            except errors.OutOfBudget as error:
                self._send_edits(error)
                raise
            except errors.Retryable as error:
                if number == TRIES or isinstance(error, LaneLost):
                    raise
                logger.warning("salesforce: %s; trying again", error)
                self.pause(min(error.after or 0.5 * 2**number, 8.0))
            else:
                return

    def _work(self) -> None:
        if self.org is None:
            self.org = Org(StoredTokens(), self.pause)
            self.lane.usage = self.org.usage
        self.lane.saving = self.wish.saving
        if self.wish.saving:
            self.pusher(self.org, self._known_shapes(self.org), edits=True).drain()
            return
        if self.wish.only_looks:
            self._audit(self.org, self._known_shapes(self.org))
            return
        if self.shapes is None:
            owners.keep_up(self.org, self.connection, self.lane.keep)
            self.shapes = self._look(self.org)
        undoing.carry_out(self.org, self.lane.keep)
        mappings = self.shapes.mappings()
        masses.Settling(self.org, self.report, self.lane.keep, self._ask, mappings).all()
        if self.wish.pull:
            self.pull(self.org, self.shapes)
        if self.wish.push:
            self._push(self.org, self.shapes)
        whose.name_people(self.org)
        if self.wish.audit:
            self._audit(self.org, self.shapes)

    def _audit(self, org: Org, shapes: Shapes) -> None:
        if not self.wish.repair:
            # Nothing is written any more: others need not wait for a comparison of everything.
            if self.lane.is_held:
                self.lane.leave()
            self.report.audit = audit.compare(org, self.lane.keep, shapes.mappings())
            self._compare_lines(org, shapes, self.lane.keep)
            return
        courtesy = _Courtesy(self, org, shapes)
        self.report.audit = audit.compare(org, courtesy.keep, shapes.mappings(), report=self.report)
        self._compare_lines(org, shapes, courtesy.keep)
        self._push(org, shapes)

    def _compare_lines(self, org: Org, shapes: Shapes, keep: Callable[[], None]) -> None:
        """Compare what records consist of, where that goes there."""
        for key, one in shapes.mappings().items():
            if one.has_lines:
                found = compare_lines(org, keep, one, repairs=self.wish.repair)
                self.report.audit[f"{key}.products"] = found

    def _known_shapes(self, org: Org) -> Shapes:
        """Return what is known of the organisation's objects, without a call."""
        is_set_up = self.connection.set_up_at is not None
        return Shapes(
            org,
            self.lane.keep,
            lambda back: returning.take_back(back, org.query),
            is_set_up=is_set_up,
            is_idle=store.is_idle,
        )

    def _look(self, org: Org) -> Shapes:
        """Look at what the organisation shows us, as far as that is due; a person is answered by a look at once."""
        shapes = self._known_shapes(org)
        shapes.look_again(at_once=self.wish.door != "task")
        return shapes

    def _send_edits(self, error: errors.OutOfBudget) -> None:
        """Send single edits from the part that is kept for them, when the ordinary part is used."""
        if self.org is None or self.lane.saving or error.code:
            return  # Salesforce itself says that there is nothing left
        self.lane.saving = True
        if self.wish.push:
            self.pusher(self.org, self.shapes or self._known_shapes(self.org), edits=True).drain()

    def pusher(self, org: Org, shapes: Shapes, *, edits: bool = False) -> Pusher:
        """Return what drains the outbox in this run."""
        terms = Terms(
            self.connection.user_id, edits, masses.look_out, matches.doubts, _duplicate, undoing.note_written
        )
        return Pusher(org, self.report, self.lane.keep, shapes, self.pause, self._over, terms)

    def _ask(self, query: str) -> list[Record]:
        return list(self.org.query(query, deleted=True)) if self.org is not None else []

    def pull(self, org: Org, shapes: Shapes) -> None:
        """Read what changed there since the last reading."""
        watch = masses.Inbound().look
        # A slice comes again by itself; who asks for a sync is told of everything.
        in_turns = self.wish.seconds is not None
        pull.Puller(org, self.report, self.lane.keep, shapes, self._over, watch, in_turns=in_turns).read()
        with transaction.atomic():
            SyncState.objects.update(pulled_at=now())

    def _push(self, org: Org, shapes: Shapes) -> None:
        pusher = self.pusher(org, shapes)
        pusher.drain()
        self._send_lines(org, shapes, pusher)
        while self.wish.patient and (seconds := self._short_wait()) is not None:
            self.pause(seconds)
            pusher.drain()
        with transaction.atomic():
            SyncState.objects.update(pushed_at=now())
            self.report.more = self._over() and (queue.has_work() or linesets.has_work())

    def _send_lines(self, org: Org, shapes: Shapes, pusher: Pusher) -> None:
        """Send what records consist of; where its line items are gone, a record goes once more, and they after it."""
        for one in shapes.mappings().values():
            for _turn in range(MOST_TURNS if one.has_lines else 0):
                with transaction.atomic():
                    if not linesets.has_work():
                        break
                LineSender(org, self.report, self.lane.keep, one, self._over).drain()
                pusher.drain()

    def _over(self) -> bool:
        return self.ends is not None and time.monotonic() >= self.ends

    def _short_wait(self) -> float | None:
        """Seconds until a postponed record is due, if that is soon enough to wait for."""
        with transaction.atomic():
            due = queue.next_ready()
        if due is None or due - now() > SHORT_WAIT:
            return None
        return max((due - now()).total_seconds(), 0.05)

    # --- how it ended -------------------------------------------------------------------------

    def _note(self, *, failures: int, until: timedelta | None = None) -> None:
        moment = now()
        not_before = moment + until if until else None
        with transaction.atomic():
            SyncState.objects.update(failures=failures, not_before=not_before, message=self.report.message)
            SyncSchedule.objects.update(not_before=not_before, saving_until=None)

    def _fail(self, error: errors.SalesforceError) -> None:
        with transaction.atomic():
            failures = SyncState.objects.get().failures + 1
        pause = store.backoff(failures + 1)
        if isinstance(error, errors.OutOfBudget):
            pause = timedelta(minutes=15)
            if not error.code and not self.lane.used_up:
                self._save(pause)
                return
        elif isinstance(error, errors.Permanent):
            pause = timedelta(minutes=5)
        self._note(failures=failures, until=pause)

    def _save(self, pause: timedelta) -> None:
        """Let only single edits go for a while: what is kept for them is not used yet."""
        with transaction.atomic():
            SyncState.objects.update(message=self.report.message, not_before=now() + pause)
            SyncSchedule.objects.update(saving_until=now() + pause, not_before=None)

    def _sign_out(self, error: errors.Misconfigured) -> None:
        """Stop until a person acts: nothing more is sent, and everything stays queued."""
        self.report.failed = True
        self.report.message = str(error)
        with transaction.atomic():
            Connection.objects.filter(pk=self.connection.pk).update(
                state=Connection.State.SIGNED_OUT, state_note=str(error)
            )
            SyncSchedule.objects.update(is_active=False)

    def _store_run(self) -> None:
        if not self.report.did_something:
            return
        state = SyncRun.State.DONE
        if self.report.failed:
            state = SyncRun.State.FAILED
        elif self.report.waiting:
            state = SyncRun.State.WAITS
        with transaction.atomic():
            SyncRun.objects.create(
                door=self.wish.door,
                state=state,
                started_at=self.started,
                finished_at=now(),
                calls=self.report.calls,
                counts=self.report.as_json(),
                lag_median=percentile(self.report.lags, 0.5),
                lag_p95=percentile(self.report.lags, 0.95),
                message=self.report.message,
            )
            old = SyncRun.objects.order_by("-started_at").values_list("pk", flat=True)[KEPT_RUNS:]
            SyncRun.objects.filter(pk__in=list(old)).delete()


def _duplicate(mapping: Mapping, record_id: UUID, title: str, error: errors.RowError) -> bool:
    return mapping.adopt is not None and duplicates.note(mapping.key, record_id, title, error)


class _Courtesy:
    """Lets others' changes go while an audit of everything holds the lane, every few seconds between two calls."""

    def __init__(self, run: _Run, org: Org, shapes: Shapes) -> None:
        self.run, self.org, self.shapes = run, org, shapes
        self._turn = self._read = time.monotonic()

    def keep(self) -> None:
        """Renew the lane, and exchange what is due. Called without an open transaction."""
        self.run.lane.keep()
        moment = time.monotonic()
        if moment - self._turn < COURTESY_SECONDS:
            return
        if moment - self._read >= self.run.connection.poll_seconds:
            self.run.pull(self.org, self.shapes)
            self._read = time.monotonic()
        with transaction.atomic():
            waits = queue.has_work()
        if waits:
            self.run.pusher(self.org, self.shapes).drain()
        self._turn = time.monotonic()
