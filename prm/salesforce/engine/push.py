"""Here → Salesforce: sends what differs from the last agreed values, 200 records per call.

One batch is three steps, and no transaction is open during the call:

1. claim dirty records, with the very records there as the last call has shown them; merge what people changed
   there, compare, write down what will be sent; commit
2. one call: read the records, upsert them by their id here (the external id), sorted by parent, read them again,
   and read those of the next batch
3. store each row's result: what is there now becomes the new base, a problem, or "unknown"; commit

What the first reading of the call shows and step 1 did not know was changed in that moment: our write lies over
it, and it is recorded as a conflict. What the second one shows and we did not send is Salesforce's own doing.

A worker may die after any step. What it sent without storing the answer is found by `sent` and is
read back from Salesforce before anything is decided; upserts carry absolute values under a unique
key, so the worst case is one read too many, never a second record.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Mapping
from prm.salesforce.engine import queue, resting, store, twins
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.engine.plan import RESTING, Doubts, Planner, Sending
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.engine.results import Answered, Results, Wrote
from prm.salesforce.engine.twins import Row
from prm.salesforce.shapes.looking import SUSPICIOUS, Shapes
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import BATCH, Org, RowResult
from prm.salesforce.wire.errors import RowError

STOPPED = timedelta(minutes=15)
"""How long the records of a mapping wait that Salesforce refuses as a whole."""

TURN = 25
"""Batches of one mapping before the others have their turn: a backfill must not block an edit."""

# Refusals of a whole call that every other call of the mapping would meet as well.
_MAPPING_WIDE = SUSPICIOUS | {"METHOD_NOT_ALLOWED"}


@dataclass(frozen=True, slots=True)
class Terms:
    """As whom, what and under whose eyes is sent.

    `user_id` is the Salesforce user whom we work as; "" when that is not known. With `edits` only what single edits made
    dirty is sent. `guard(mapping, claimed)` is called between claiming and planning: it may hold fields for a person.
    `doubts(mapping, ids)` says which of these may be there already, and `duplicate(mapping, id, title, error)` takes what
    a duplicate rule stopped, if the rule names a record. `wrote` is told what was written over what.
    """

    user_id: str = ""
    edits: bool = False
    guard: Callable[[Mapping, Sequence[Claimed]], None] = lambda _mapping, _claimed: None
    doubts: Callable[[Mapping, Sequence[UUID]], Doubts] = lambda _mapping, _ids: Doubts()
    duplicate: Callable[[Mapping, UUID, str, RowError], bool] = lambda _mapping, _id, _title, _error: False
    wrote: Wrote = lambda _mapping, _sf_ids, _written: None


class Pusher:
    """Drains the outbox of the tenant in scope over one signed-in organisation.

    `keep()` is called before every call to Salesforce: it renews the lane and checks the budget,
    and raises to end the run. `over()` says that others wait for their turn. `pause(seconds)` waits before a
    split batch is sent again.
    """

    def __init__(
        self,
        org: Org,
        report: Report,
        keep: Callable[[], None],
        shapes: Shapes,
        pause: Callable[[float], None] = time.sleep,
        over: Callable[[], bool] = lambda: False,
        terms: Terms = Terms(),
    ) -> None:
        self.org = org
        self.over = over
        self.report = report
        self.keep = keep
        self.shapes = shapes
        self.pause = pause
        self.terms = terms
        self._stopped = Stopped(shapes)
        self._later = queue.Later()

    def drain(self) -> None:
        """Send until nothing is ready or the slice is over. Raises what ends the run; everything sent is stored."""
        try:
            worked = True
            while worked:
                worked = self._round() and not self.over()
                self._later.let_go()
        finally:
            self._later.let_go()

    def _round(self) -> bool:
        """Give every mapping that has work its turn, parents first; `False` when none got on."""
        self._stopped.next_round()
        with transaction.atomic():
            queue.rest(self.shapes.resting(), now() + RESTING)
            store.release_waiting()
            ready = queue.work()
        worked = False
        for key, mapping in self.shapes.mappings().items():
            if key in ready and mapping.pushed:
                worked = self._turn(mapping, unknown=ready[key]) or worked
        return worked

    def _turn(self, mapping: Mapping, *, unknown: bool) -> bool:
        worked = unknown and self._resolve(mapping)
        if mapping.key in self._stopped:
            return worked
        claimed, rows = self._first(mapping)
        for number in range(TURN):
            if not claimed:
                break
            # Each mapping has one batch at least: a backlog must not block an edit of another kind.
            last = number + 1 == TURN or self.over()
            claimed, rows = self._push(mapping, claimed, rows, ahead=not last)
            worked = True
            if mapping.key in self._stopped:
                with transaction.atomic():
                    queue.let_go(claimed)
                break
        return worked

    def _claim(self, mapping: Mapping, *, unknown: bool = False) -> list[Claimed]:
        with transaction.atomic():
            return resting.claim(mapping, BATCH, self.report, unknown=unknown, edits=self.terms.edits)

    def _first(self, mapping: Mapping) -> tuple[list[Claimed], list[Row]]:
        claimed = self._claim(mapping)
        return claimed, self._read(mapping, claimed)

    def _read(self, mapping: Mapping, claimed: Sequence[Claimed], *, keep_sent: bool = False) -> list[Row]:
        """Read the records there that belong to these; lets the claims go when that fails."""
        if not claimed:
            return []
        try:
            self.keep()
            return self._ask(twins.query(mapping, [row.record_id for row in claimed]))
        except errors.Permanent as error:
            self._stop(mapping, claimed, error, keep_sent=keep_sent)
            return []
        except errors.SalesforceError:
            with transaction.atomic():
                queue.let_go(claimed, keep_sent=keep_sent)
            raise

    def _ask(self, query: str) -> list[Row]:
        (found,) = self.org.read([query])
        if isinstance(found, errors.SalesforceError):
            raise found
        return found

    def _push(
        self, mapping: Mapping, claimed: list[Claimed], rows: Sequence[Row], *, ahead: bool
    ) -> tuple[list[Claimed], list[Row]]:
        """Bring a batch to Salesforce, whose records there are known; return the next one with its records."""
        if mapping.key in self._stopped:
            return [], []
        self.terms.guard(mapping, claimed)
        unkeyed = twins.meet(mapping, [row.record_id for row in claimed], rows, self.report, self._ask)
        with transaction.atomic():
            claimed, busy = queue.renewed(claimed)
            doubts = self.terms.doubts(mapping, [row.record_id for row in claimed])
            batch = Planner(mapping, claimed, self.report, unkeyed, doubts).plan()
            queue.finish(batch.done)
            queue.mark_sent((sending.claimed, sending.diff) for sending in batch.sending)
        self._later.rows += busy
        following = self._claim(mapping) if ahead else []
        try:
            found = self._send(mapping, batch.sending, following)
            if batch.removing:
                self._remove(mapping, batch.removing)
        except BaseException:
            with transaction.atomic():
                queue.let_go(following)
            raise
        if found is None:
            found = self._read(mapping, following)
        return ([], []) if mapping.key in self._stopped else (following, found)

    # --- unknown outcomes ---------------------------------------------------------------------

    def _resolve(self, mapping: Mapping) -> bool:
        """Read back what earlier calls may have written, and merge it like any reading.

        `False` when there was nothing, or others hold the rows.
        """
        unknown = self._claim(mapping, unknown=True)
        if not unknown:
            return False
        rows = self._read(mapping, unknown, keep_sent=True)
        if mapping.key in self._stopped:
            return False
        twins.meet(mapping, [row.record_id for row in unknown], rows, self.report, self._ask, requeue=True)
        with transaction.atomic():
            queue.let_go(unknown)
        return True

    # --- sending ------------------------------------------------------------------------------

    def _send(
        self, mapping: Mapping, batch: list[Sending], following: Sequence[Claimed] = ()
    ) -> list[Row] | None:
        """Send a batch and store what became of it; return the records of the following one, if they were read."""
        found: list[Row] | None = None
        for some in _alike(batch):
            found = self._call(mapping, some, [] if found is not None else following)
        return found

    def _call(self, mapping: Mapping, batch: list[Sending], following: Sequence[Claimed]) -> list[Row] | None:
        rows = [sending.claimed for sending in batch]
        reading = twins.query(mapping, [row.record_id for row in rows])
        after = [reading]
        if following:
            after.append(twins.query(mapping, [row.record_id for row in following]))
        key = "" if batch[0].by_id else mapping.external_id
        try:
            self.keep()
            written = self.org.write(
                mapping.sobject,
                key,
                [one.record(mapping) for one in batch],
                before=reading,
                after=after,
                told_apart=batch[0].told_apart,
            )
        except errors.UnknownOutcome:
            with transaction.atomic():
                queue.let_go(rows, keep_sent=True)
            raise
        except errors.Permanent as error:
            self._refused_call(mapping, batch, error)
            return None
        except errors.SalesforceError as error:
            if error.code == "UNABLE_TO_LOCK_ROW" and len(batch) > 1:
                self._split(mapping, batch)
                return None
            with transaction.atomic():
                queue.let_go(rows)
            raise
        answered = Answered(written.results, written.before or [], written.after[0], self.terms.user_id)
        results = Results(mapping, self.report, self.terms.duplicate, self.terms.wrote)
        again, locked = results.store(batch, answered)
        results.restore()
        self._stopped.see(mapping, batch, written.results)
        self._later.rows += locked
        if again:
            self._split(mapping, again)
        return written.after[1] if following else None

    def _split(self, mapping: Mapping, batch: list[Sending]) -> None:
        """Send two halves one after the other, a moment later."""
        self.pause(random.uniform(0.1, 0.5))  # noqa: S311 # nosec B311 # jitter
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            if half:
                self._send(mapping, half)

    def _refused_call(self, mapping: Mapping, batch: list[Sending], error: errors.Permanent) -> None:
        """Find the guilty record of a call that was refused as a whole, or stop this mapping only."""
        if error.code not in _MAPPING_WIDE and len(batch) > 1:
            self._split(mapping, batch)
            return
        if self._stopped.stop(mapping, error.code):
            with transaction.atomic():
                queue.let_go(sending.claimed for sending in batch)
            return
        reason = RowError(error.code, error.message)
        with transaction.atomic():
            held = self._later.lock([sending.claimed for sending in batch])
            for sending in (one for one in batch if one.claimed.id in held):
                Results(mapping, self.report).hold(sending, reason, STOPPED)

    def _stop(
        self, mapping: Mapping, claimed: Sequence[Claimed], error: errors.Permanent, *, keep_sent: bool
    ) -> None:
        """Stop a mapping whose records cannot be read: nothing is overwritten unseen."""
        if self._stopped.stop(mapping, error.code):
            with transaction.atomic():
                queue.let_go(claimed, keep_sent=keep_sent)
            return
        with transaction.atomic():
            held = self._later.lock(claimed)
            for row in (one for one in claimed if one.id in held):
                Results(mapping, self.report).note(row, RowError(error.code, error.message))
                queue.postpone(row, now() + STOPPED, keep_sent=keep_sent)

    # --- removing -----------------------------------------------------------------------------

    def _remove(self, mapping: Mapping, removing: Sequence[tuple[Claimed, RecordLink]]) -> None:
        """Take records out of Salesforce that left the mapping here; repeatable by nature."""
        self.keep()
        try:
            results = self.org.delete([link.sf_id for _, link in removing])
        except errors.SalesforceError:
            with transaction.atomic():
                queue.let_go(row for row, _ in removing)
            raise
        # What is not stored is taken out once more: what is gone there already is no fault.
        with transaction.atomic():
            held = self._later.lock([row for row, _ in removing])
            for (row, link), result in zip(removing, results, strict=True):
                if row.id in held:
                    Results(mapping, self.report).removed(row, link, result)


def _alike(batch: Sequence[Sending]) -> Iterator[list[Sending]]:
    """Yield the records that one call can write: by our key or by their id there, told apart or not."""
    for by_id in (False, True):
        for apart in (False, True):
            if some := [one for one in batch if (one.by_id, one.told_apart) == (by_id, apart)]:
                yield some


class Stopped:
    """The keys of stopped mappings; what is refused for its object is looked at, and planned anew where that helps."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._keys: set[str] = set()
        self._reshaped: set[str] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def next_round(self) -> None:
        """Let those go on whose object is another: they are planned with what is left of it."""
        self._keys -= self._reshaped
        self._reshaped.clear()

    def stop(self, mapping: Mapping, code: str) -> bool:
        """Stop a mapping that was refused with a code; whether its object is another than it was."""
        self._keys.add(mapping.key)
        if code not in SUSPICIOUS or not self.shapes.suspect(mapping.sobject):
            return False
        self._reshaped.add(mapping.key)
        return True

    def see(self, mapping: Mapping, batch: Sequence[Sending], results: Sequence[RowResult]) -> None:
        """Look at the object when rows were refused for it, and let those rows go without what rests now."""
        refused = [
            sending.claimed.record_id
            for sending, result in zip(batch, results, strict=True)
            if result.error is not None and result.error.code and result.error.code in SUSPICIOUS
        ]
        if refused and self.shapes.suspect(mapping.sobject):
            self._keys.add(mapping.key)
            self._reshaped.add(mapping.key)
            with transaction.atomic():
                store.clear_problems(mapping, refused)
                store.enqueue(mapping, refused)
