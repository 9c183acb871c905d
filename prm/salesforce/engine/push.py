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

from prm.mapping import Mapping
from prm.salesforce.engine import pull, queue, store
from prm.salesforce.engine.models import RecordLink
from prm.salesforce.engine.plan import Batch, Planner, Sending
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.engine.results import Results
from prm.salesforce.mapping import registry
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import BATCH, Org
from prm.salesforce.wire.errors import RowError

TURN = 25
"""Batches of one mapping before the others have their turn: a backfill must not block an edit."""

# Refusals of a whole call that every other call of the mapping would meet as well.
_MAPPING_WIDE = frozenset({"", "INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "METHOD_NOT_ALLOWED"})


class Pusher:
    """Drains the outbox of the tenant in scope over one signed-in organisation.

    `keep()` is called before every call to Salesforce: it renews the lane and checks the budget,
    and raises to end the run. `over()` says that others wait for their turn. `look(mapping)` reads what changed there before we write, since
    Salesforce cannot compare and set. `pause(seconds)` waits before a split batch is sent again.
    """

    def __init__(
        self,
        org: Org,
        report: Report,
        keep: Callable[[], None],
        look: Callable[[Mapping], None],
        pause: Callable[[float], None] = time.sleep,
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.org = org
        self.over = over
        self.report = report
        self.keep = keep
        self.look = look
        self.pause = pause
        self._stopped: set[str] = set()
        self._later: list[Claimed] = []

    def drain(self) -> None:
        """Send until nothing is ready or the slice is over. Raises what ends the run; everything sent is stored."""
        try:
            worked = True
            while worked:
                worked = self._round() and not self.over()
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
            if self.over():
                break  # each mapping has one batch at least: a backlog must not block an edit of another kind
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
        names = ["Id", "SystemModstamp", mapping.external_id, *(one.there for one in mapping.columns)]
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
        again, locked = Results(mapping, self.report).store(batch, results)
        self._later += locked
        if again:
            self._split(mapping, again)

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
        self._stopped.add(mapping.key)
        reason = RowError(error.code, error.message)
        with transaction.atomic():
            for sending in batch:
                Results(mapping, self.report).hold(sending, reason, timedelta(minutes=15))

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
                Results(mapping, self.report).removed(row, link, result)
