"""What became of the records of one call: new agreed values, a problem, or another try.

Everything here runs inside the caller's transaction or opens one; none is open during a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Mapping, Winner
from prm.salesforce.engine import pull, queue, store
from prm.salesforce.engine.decide import Clash
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.plan import Sending
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.wire.client import RowResult
from prm.salesforce.wire.errors import Reaction, RowError

MOST_RESENDS = 2
"""Times a row is read back before its error is believed."""


class Results:
    """Stores what Salesforce answered about records of one mapping, and counts it in the report."""

    def __init__(self, mapping: Mapping, report: Report) -> None:
        self.mapping = mapping
        self.report = report

    def store(
        self, batch: Sequence[Sending], results: Sequence[RowResult]
    ) -> tuple[list[Sending], list[Claimed]]:
        """Store every row's result in one transaction.

        Returns the rows that a smaller call may cure, and the claims that others had locked, which
        must be let go later.
        """
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
                    self.failed(sending, result.error)
            self._landed(landed, versions)
        kept = {sending.claimed.id for sending in again}
        locked = [
            one.claimed for one in batch if one.claimed.id not in versions and one.claimed.id not in kept
        ]
        return again, locked

    def _landed(
        self,
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
            links.append(self._link(sending, result.id, base | sending.diff))
            self.report.push(self.mapping.key, "created" if result.created else "updated")
            self.report.lags.append((moment - sending.claimed.since).total_seconds())
        store.save_links(links)
        ids = [sending.claimed.record_id for sending, _ in landed]
        store.clear_problems(self.mapping, ids)
        self._complete([sending for sending, _ in landed], versions)
        store.release_waiting(self.mapping, ids)
        for sending in revived:
            self._revived(sending)

    def _complete(self, landed: Sequence[Sending], versions: dict[UUID, int]) -> None:
        """Take what went through out of the queue, or let it wait for its optional parent."""
        mine = [sending for sending in landed if sending.claimed.id in versions]
        queue.finish((one.claimed for one in mine if one.awaited is None), versions)
        awaiting = [one for one in mine if one.awaited is not None]
        queue.let_go(one.claimed for one in awaiting)
        for one in awaiting:
            if one.awaited is not None:
                queue.wait_for(one.claimed, *one.awaited)

    def _link(self, sending: Sending, sf_id: str, agreed: dict[str, object]) -> RecordLink:
        link = sending.link or RecordLink(
            mapping=self.mapping.key, record_id=sending.claimed.record_id, sf_id=sf_id
        )
        link.sf_id = sf_id or link.sf_id
        link.agreed = agreed
        link.state = RecordLink.State.LINKED
        return link

    def _revived(self, sending: Sending) -> None:
        """Revive what was deleted there while it was changed here: the change wins, and that is recorded."""
        clash = Clash(self.mapping.external_id, "", "changed", "deleted", Winner.HERE)
        store.note_clash(self.mapping, sending.claimed.record_id, sending.title, clash)
        self.report.conflicts += 1
        # Only the changed fields were sent; the others must follow.
        store.enqueue(self.mapping, [sending.claimed.record_id])

    def failed(self, sending: Sending, error: RowError) -> None:
        """Decide about one refused row."""
        row, reaction = sending.claimed, error.reaction
        # An update that lacks required fields met no record: it may have been deleted there.
        vanished = error.code == "REQUIRED_FIELD_MISSING" and sending.link is not None
        if (reaction is Reaction.READ_BACK or vanished) and row.attempts < MOST_RESENDS:
            queue.postpone(row, now(), keep_sent=True)
        elif reaction is Reaction.GONE and sending.link is not None:
            pull.mark_deleted(self.mapping, sending.link, self.report, title=sending.title)
            store.save_links([sending.link])
            queue.finish([row])
        elif reaction in (Reaction.RETRY, Reaction.ALONG):
            self._note(sending, error, SyncProblem.Kind.LATER)
            queue.postpone(row)
        elif reaction is Reaction.PARENT:
            self.hold(sending, error, timedelta(minutes=15))
        else:
            self.hold(sending, error, timedelta(hours=store.HELD_HOURS))
        self.report.push(self.mapping.key, "failed")

    def hold(self, sending: Sending, error: RowError, pause: timedelta) -> None:
        """Keep a record back for a while, with the reason where people see it."""
        self._note(sending, error, SyncProblem.Kind.REFUSED_THERE)
        queue.postpone(sending.claimed, now() + pause)

    def _note(self, sending: Sending, error: RowError, kind: str) -> None:
        store.note_problem(
            self.mapping,
            sending.claimed.record_id,
            kind=kind,
            code=error.code,
            message=error.message,
            title=sending.title,
            fields=error.fields,
        )

    def removed(self, row: Claimed, link: RecordLink, result: RowResult) -> None:
        """Store that a record was taken out of Salesforce, or was not there any more."""
        gone = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
        if result.error is not None and result.error.code not in gone:
            self.failed(Sending(row, "", {}, link), result.error)
            return
        link.delete()
        store.clear_problems(self.mapping, [row.record_id])
        queue.finish([row])
        self.report.push(self.mapping.key, "deleted")
