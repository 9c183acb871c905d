"""Here → Salesforce: sends what differs from the last agreed values, 200 records per call.

One batch is three steps, and no transaction is open during the call:

1. claim dirty records, read their present values, write down what will be sent; commit
2. one collections upsert, keyed by the record's id here (the external id), sorted by parent
3. store each row's result: new agreed values, a problem, or "unknown"; commit

A worker may die after any step. What it sent without storing the answer is found by `sent` and is
read back from Salesforce before anything is decided; upserts carry absolute values under a unique
key, so the worst case is one read too many, never a second record.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Mapping, Winner
from prm.salesforce.engine import pull, queue, store
from prm.salesforce.engine.decide import Clash
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.plan import Batch, Planner, Sending
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.mapping import registry
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import BATCH, Org, RowResult
from prm.salesforce.wire.errors import Reaction, RowError

TURN = 25
"""Batches of one mapping before the others have their turn: a backfill must not block an edit."""

MOST_RESENDS = 2
"""Times a row is read back before its error is believed."""

# Refusals of a whole call that every other call of the mapping would meet as well.
_MAPPING_WIDE = frozenset({"", "INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "METHOD_NOT_ALLOWED"})


class Pusher:
    """Drains the outbox of the tenant in scope over one signed-in organisation.

    `keep()` is called before every call to Salesforce: it renews the lane and checks the budget,
    and raises to end the run. `look(mapping)` reads what changed there before we write, since
    Salesforce cannot compare and set. `pause(seconds)` waits before a split batch is sent again.
    """

    def __init__(
        self,
        org: Org,
        report: Report,
        keep: Callable[[], None],
        look: Callable[[Mapping], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.org = org
        self.report = report
        self.keep = keep
        self.look = look
        self.pause = pause
        self._stopped: set[str] = set()
        self._later: list[Claimed] = []

    def drain(self) -> None:
        """Send until nothing is ready. Raises what ends the run; everything sent is stored."""
        try:
            worked = True
            while worked:
                worked = self._round()
                self._let_go_later()
        finally:
            self._let_go_later()

    def _round(self) -> bool:
        """Give every mapping that has work its turn, parents first; `False` when none got on."""
        with transaction.atomic():
            ready = queue.work()
        worked = False
        for key, mapping in registry.mappings().items():
            if key in ready and mapping.pushed:
                worked = self._turn(mapping, unknown=ready[key]) or worked
        return worked

    def _turn(self, mapping: Mapping, *, unknown: bool) -> bool:
        worked = unknown and self._resolve(mapping)
        for _ in range(TURN):
            if mapping.key in self._stopped:
                break
            self.look(mapping)
            if not self.push_next(mapping):
                break
            worked = True
        return worked

    def push_next(self, mapping: Mapping) -> bool:
        """Bring the next batch to Salesforce; `False` when nothing was ready."""
        with transaction.atomic():
            claimed = queue.claim(mapping, BATCH)
            batch = Planner(mapping, claimed, self.report).plan() if claimed else Batch()
            queue.finish(batch.done)
            queue.mark_sent((sending.claimed, sending.diff) for sending in batch.sending)
        if batch.sending:
            self._send(mapping, batch.sending)
        if batch.removing:
            self._remove(mapping, batch.removing)
        return bool(claimed)

    def _let_go_later(self) -> None:
        """Free claims whose rows were locked by others when their results were stored."""
        if not self._later:
            return
        with transaction.atomic():
            held = queue.lock(self._later)
            queue.let_go(row for row in self._later if row.id in held)
        self._later = [row for row in self._later if row.id not in held]

    # --- unknown outcomes ---------------------------------------------------------------------

    def _resolve(self, mapping: Mapping) -> bool:
        """Read back what earlier calls may have written, and merge it like any reading.

        `False` when there was nothing, or others hold the rows.
        """
        with transaction.atomic():
            unknown = queue.claim(mapping, soql.MOST_IDS, unknown=True)
        if not unknown:
            return False
        try:
            self._read_back(mapping, {row.record_id for row in unknown})
        except errors.SalesforceError:
            with transaction.atomic():
                queue.let_go(unknown, keep_sent=True)
            raise
        with transaction.atomic():
            queue.let_go(unknown)
        return True

    def _read_back(self, mapping: Mapping, ids: set[UUID]) -> None:
        self.keep()
        names = ["Id", "SystemModstamp", mapping.external_id, *(f.there for f in mapping.fields)]
        where = [soql.one_of(mapping.external_id, map(str, sorted(ids)))]
        rows = list(self.org.query(soql.select(mapping.sobject, names, where)))
        found = pull.absorb([mapping], rows, self.report)
        with transaction.atomic():
            links = store.links_of(mapping, ids - found)
            for link in links.values():
                pull.mark_deleted(mapping, link, self.report)
            store.save_links(links.values())

    # --- sending ------------------------------------------------------------------------------

    def _send(self, mapping: Mapping, batch: list[Sending]) -> None:
        self.keep()
        rows = [sending.claimed for sending in batch]
        try:
            results = self.org.upsert(
                mapping.sobject, mapping.external_id, [one.record(mapping) for one in batch]
            )
        except errors.UnknownOutcome:
            with transaction.atomic():
                queue.let_go(rows, keep_sent=True)
            raise
        except errors.Permanent as error:
            self._refused_call(mapping, batch, error)
            return
        except errors.SalesforceError as error:
            if error.code == "UNABLE_TO_LOCK_ROW" and len(batch) > 1:
                self._split(mapping, batch)
                return
            with transaction.atomic():
                queue.let_go(rows)
            raise
        again = self._store(mapping, batch, results)
        if again:
            self._split(mapping, again)

    def _split(self, mapping: Mapping, batch: list[Sending]) -> None:
        """Send two halves one after the other, a moment later."""
        self.pause(random.uniform(0.1, 0.5))  # noqa: S311  (jitter)
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            if half:
                self._send(mapping, half)

    def _refused_call(self, mapping: Mapping, batch: list[Sending], error: errors.Permanent) -> None:
        """Find the guilty record of a call that was refused as a whole, or stop this mapping only."""
        if error.code not in _MAPPING_WIDE and len(batch) > 1:
            self._split(mapping, batch)
            return
        self._stopped.add(mapping.key)
        reason = RowError(error.code, error.message)
        with transaction.atomic():
            for sending in batch:
                self._hold(mapping, sending, reason, timedelta(minutes=15))

    # --- results ------------------------------------------------------------------------------

    def _store(
        self, mapping: Mapping, batch: Sequence[Sending], results: Sequence[RowResult]
    ) -> list[Sending]:
        """Store every row's result; return the rows that a smaller call may cure."""
        again: list[Sending] = []
        landed: list[tuple[Sending, RowResult]] = []
        with transaction.atomic():
            versions = queue.lock(sending.claimed for sending in batch)
            for sending, result in zip(batch, results, strict=True):
                if result.error is None:
                    landed.append((sending, result))
                elif result.error.reaction is Reaction.SPLIT and len(batch) > 1:
                    again.append(sending)
                elif sending.claimed.id in versions:
                    self._failed(mapping, sending, result.error)
            self._landed(mapping, landed, versions)
        kept = {sending.claimed.id for sending in again}
        self._later += [
            one.claimed for one in batch if one.claimed.id not in versions and one.claimed.id not in kept
        ]
        return again

    def _landed(
        self,
        mapping: Mapping,
        landed: Sequence[tuple[Sending, RowResult]],
        versions: dict[UUID, int],
    ) -> None:
        moment = store.database_time()
        links, revived = [], []
        for sending, result in landed:
            fresh = sending.link is None or result.created
            if sending.link is not None and result.created:
                revived.append(sending)
            base = {} if fresh or sending.link is None else sending.link.agreed
            links.append(self._link(mapping, sending, result.id, base | sending.diff))
            self.report.push(mapping.key, "created" if result.created else "updated")
            self.report.lags.append((moment - sending.claimed.since).total_seconds())
        store.save_links(links)
        ids = [sending.claimed.record_id for sending, _ in landed]
        store.clear_problems(mapping, ids)
        self._complete([sending for sending, _ in landed], versions)
        store.release_waiting(mapping, ids)
        for sending in revived:
            self._revived(mapping, sending)

    def _complete(self, landed: Sequence[Sending], versions: dict[UUID, int]) -> None:
        """Take what went through out of the queue, or let it wait for its optional parent."""
        mine = [sending for sending in landed if sending.claimed.id in versions]
        queue.finish((one.claimed for one in mine if one.awaited is None), versions)
        awaiting = [one for one in mine if one.awaited is not None]
        queue.let_go(one.claimed for one in awaiting)
        for one in awaiting:
            if one.awaited is not None:
                queue.wait_for(one.claimed, *one.awaited)

    def _link(self, mapping: Mapping, sending: Sending, sf_id: str, agreed: dict[str, object]) -> RecordLink:
        link = sending.link or RecordLink(
            mapping=mapping.key, record_id=sending.claimed.record_id, sf_id=sf_id
        )
        link.sf_id = sf_id or link.sf_id
        link.agreed = agreed
        link.state = RecordLink.State.LINKED
        return link

    def _revived(self, mapping: Mapping, sending: Sending) -> None:
        """Revive what was deleted there while it was changed here: the change wins, and that is recorded."""
        clash = Clash(mapping.external_id, "", "changed", "deleted", Winner.HERE)
        store.note_clash(mapping, sending.claimed.record_id, sending.title, clash)
        self.report.conflicts += 1
        # Only the changed fields were sent; the others must follow.
        store.enqueue(mapping, [sending.claimed.record_id])

    def _failed(self, mapping: Mapping, sending: Sending, error: RowError) -> None:
        """Decide about one refused row."""
        row, reaction = sending.claimed, error.reaction
        # An update that lacks required fields met no record: it may have been deleted there.
        vanished = error.code == "REQUIRED_FIELD_MISSING" and sending.link is not None
        if (reaction is Reaction.READ_BACK or vanished) and row.attempts < MOST_RESENDS:
            queue.postpone(row, now(), keep_sent=True)
        elif reaction is Reaction.GONE and sending.link is not None:
            pull.mark_deleted(mapping, sending.link, self.report, title=sending.title)
            store.save_links([sending.link])
            queue.finish([row])
        elif reaction in (Reaction.RETRY, Reaction.ALONG):
            self._note(mapping, sending, error, SyncProblem.Kind.LATER)
            queue.postpone(row)
        elif reaction is Reaction.PARENT:
            self._hold(mapping, sending, error, timedelta(minutes=15))
        else:
            self._hold(mapping, sending, error, timedelta(hours=store.HELD_HOURS))
        self.report.push(mapping.key, "failed")

    def _hold(self, mapping: Mapping, sending: Sending, error: RowError, pause: timedelta) -> None:
        self._note(mapping, sending, error, SyncProblem.Kind.REFUSED_THERE)
        queue.postpone(sending.claimed, now() + pause)

    def _note(self, mapping: Mapping, sending: Sending, error: RowError, kind: str) -> None:
        store.note_problem(
            mapping,
            sending.claimed.record_id,
            kind=kind,
            code=error.code,
            message=error.message,
            title=sending.title,
            fields=error.fields,
        )

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
        with transaction.atomic():
            for (row, link), result in zip(removing, results, strict=True):
                self._removed(mapping, row, link, result)

    def _removed(self, mapping: Mapping, row: Claimed, link: RecordLink, result: RowResult) -> None:
        gone = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
        if result.error is not None and result.error.code not in gone:
            self._failed(mapping, Sending(row, "", {}, link), result.error)
            return
        link.delete()
        store.clear_problems(mapping, [row.record_id])
        queue.finish([row])
        self.report.push(mapping.key, "deleted")
