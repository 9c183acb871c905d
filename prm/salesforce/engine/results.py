"""What became of the records of one call: new agreed values, a problem, or another try.

Everything here runs inside the caller's transaction or opens one; none is open during a call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Kind, Mapping, Normal, Winner, amounts
from prm.mapping.decide import Clash
from prm.salesforce.engine import queue, store
from prm.salesforce.engine.gone import mark_deleted
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.plan import Sending
from prm.salesforce.engine.present import NOT_THERE, note_there
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.engine.twins import Row, Window, normal_of
from prm.salesforce.guards.models import rules_of_tenant
from prm.salesforce.people.service import note_inactive
from prm.salesforce.wire.client import RowResult
from prm.salesforce.wire.codes import Reaction
from prm.salesforce.wire.errors import RowError

MOST_RESENDS = 2
"""Times a row is read back before its error is believed."""

OWNER_GONE = frozenset({"INACTIVE_OWNER_OR_USER", "NO_SUCH_USER_EXISTS"})
OWNER_REFUSED = OWNER_GONE | {
    "INVALID_OWNER", "INVALID_ASSIGNEE_TYPE", "TRANSFER_REQUIRES_READ", "SHARE_NEEDED_FOR_CHILD_OWNER",
}  # fmt: skip
"""Refusals of an owner, which name no field; of the first two the user can own nothing at all any more."""


Duplicate = Callable[[Mapping, UUID, str, RowError], bool]
"""Takes a mapping, a record here with its title, and what a duplicate rule said; whether a person decides it."""

Wrote = Callable[[Mapping, dict[UUID, str], dict[UUID, dict[str, tuple[Normal, Normal]]]], None]
"""Takes by record its id there, and by field what was there before and what was written."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one call answered: a result per record, and the records as they were just before and after it.

    `after` is `None` when it could not be read. `user_id` is the user whom we work as.
    """

    results: Sequence[RowResult]
    before: Sequence[Row] = ()
    after: Sequence[Row] | None = None
    user_id: str = ""


class Results:
    """Stores what Salesforce answered about records of one mapping, and counts it in the report."""

    def __init__(
        self,
        mapping: Mapping,
        report: Report,
        duplicate: Duplicate = lambda *_: False,
        wrote: Wrote = lambda *_: None,
    ) -> None:
        """`duplicate` takes what a duplicate rule stopped, `wrote` what is written into records that were there."""
        self.mapping = mapping
        self.report = report
        self._duplicate = duplicate
        self._wrote = wrote
        self._two_way = {one.there for one in mapping.columns if one.pushes and one.pulls}
        self._window = Window(mapping, report)
        self._kept: list[tuple[Sending, str, Normal, Normal]] = []

    def store(self, batch: Sequence[Sending], answered: Answered) -> tuple[list[Sending], list[Claimed]]:
        """Store every row's result in one transaction.

        Returns the rows that a smaller call may cure, and the claims that others had locked, which
        must be let go later.
        """
        again: list[Sending] = []
        landed: list[tuple[Sending, RowResult]] = []
        with transaction.atomic():
            versions = queue.lock(sending.claimed for sending in batch)
            for sending, result in zip(batch, answered.results, strict=True):
                if result.error is None:
                    landed.append((sending, result))
                elif (result.error.reaction is Reaction.SPLIT and len(batch) > 1) or self._go_without(
                    sending, result.error
                ):
                    again.append(sending)
                elif sending.claimed.id in versions:
                    self.failed(sending, result.error)
            self._landed(landed, versions, answered)
        kept = {sending.claimed.id for sending in again}
        locked = [
            one.claimed for one in batch if one.claimed.id not in versions and one.claimed.id not in kept
        ]
        return again, locked

    def _landed(
        self,
        landed: Sequence[tuple[Sending, RowResult]],
        versions: dict[UUID, int],
        answered: Answered,
    ) -> None:
        before = {str(row["Id"]): row for row in answered.before}
        after = {str(row["Id"]): row for row in answered.after or ()}
        moment, minutes = store.database_time(), rules_of_tenant().loop_minutes
        links, revived = [], []
        moved: list[tuple[UUID, str]] = []
        _tell_written(self.mapping, landed, self._wrote)
        for sending, result in landed:
            link, old = sending.link, sending.link.sf_id if sending.link else ""
            if link is not None and result.created and link.state not in NOT_THERE:
                revived.append(sending)
            if old and old != result.id:
                moved.append((sending.claimed.record_id, old))
            if not result.created:
                self._window.see(sending, before.get(result.id))
            links.append(self._link(sending, result, minutes))
            self._see_kept(sending, links[-1], after.get(result.id), answered.user_id)
            self.report.push(self.mapping.key, "created" if result.created else "updated")
            self.report.lags.append((moment - sending.claimed.since).total_seconds())
        store.save_links(links)
        store.clear_sent(
            self.mapping, {one.claimed.record_id: one.diff.keys() - one.unfit for one, _ in landed}
        )
        self._say_kept()
        self._complete([sending for sending, _ in landed], versions)
        for record_id, old in moved:
            store.enqueue_children(self.mapping, record_id, old)
        for sending in revived:
            self._revived(sending)

    def _go_without(self, sending: Sending, error: RowError) -> bool:
        """Take the fields out that the error names, so that the rest of the record can go; whether any were."""
        if error.reaction is not Reaction.HOLD:
            return False
        if error.code in OWNER_REFUSED and _go_to_fallback(self.mapping, sending, error):
            return True
        creates = sending.link is None or sending.link.state in NOT_THERE
        named = {one.there for one in self.mapping.fields} & set(error.fields)
        if error.code in OWNER_REFUSED:
            named |= {one.there for one in self.mapping.owners}
        along = amounts.refused_with(self.mapping, named)
        if along and creates:
            return False
        names = (named | along) & sending.diff.keys()
        if not names or (creates and self.mapping.title in names):
            return False
        if not creates and not sending.diff.keys() - names:
            return False
        for name in names:
            sending.refused[name] = error
            del sending.diff[name]
        return True

    def _complete(self, landed: Sequence[Sending], versions: dict[UUID, int]) -> None:
        """Take what went through out of the queue, or let it wait for its optional parent."""
        mine = [sending for sending in landed if sending.claimed.id in versions]
        partly = [one for one in mine if one.refused]
        for one in partly:
            for name, error in one.refused.items():
                self._note(one, error, SyncProblem.Kind.REFUSED_THERE, field=name)
            queue.postpone(one.claimed, store.held_until())
        mine = [one for one in mine if not one.refused]
        queue.finish((one.claimed for one in mine if one.awaited is None), versions)
        awaiting = [one for one in mine if one.awaited is not None]
        queue.let_go(one.claimed for one in awaiting)
        for one in awaiting:
            if one.awaited is not None:
                queue.wait_for(one.claimed, *one.awaited)

    def _link(self, sending: Sending, result: RowResult, minutes: int) -> RecordLink:
        link = sending.link or RecordLink(
            mapping=self.mapping.key, record_id=sending.claimed.record_id, sf_id=result.id
        )
        # Of another record than the one that was known nothing was agreed on.
        if result.created or (result.id and link.sf_id != result.id):
            store.forget_base(link, result.id or link.sf_id)
        for name, value in sending.diff.items():
            if name in link.agreed and name in self._two_way:
                store.note_turn(link, name, "here", minutes)
            store.set_base(link, name, value, value)
        link.state = RecordLink.State.LINKED
        return link

    def restore(self) -> None:
        """Take the values here that won and that our write lies over; the next push brings them back there."""
        self._window.restore()

    def _see_kept(self, sending: Sending, link: RecordLink, row: Row | None, user_id: str) -> None:
        """Believe what is there now, not what was sent. What Salesforce holds otherwise is its own doing."""
        if row is None:
            return
        note_there(self.mapping, link, row)
        by = str(row.get("LastModifiedById") or "")
        if user_id and by and by[:15] != user_id[:15]:
            return  # somebody has changed it since: the next reading decides that
        for one in self.mapping.columns:
            if one.there in sending.diff and one.there in row:
                theirs, ours = normal_of(one, row), sending.diff[one.there]
                if theirs != ours:
                    store.set_base(link, one.there, theirs, ours)
                    self._kept.append((sending, one.there, ours, theirs))

    def _say_kept(self) -> None:
        words = {one.there: one.words for one in self.mapping.columns}
        for sending, name, ours, theirs in self._kept:
            store.note_problem(
                self.mapping,
                sending.claimed.record_id,
                kind=SyncProblem.Kind.KEPT_THERE,
                code="VALUE_NOT_KEPT",
                message=f"{words[name]}: Salesforce took {_quoted(ours)} and holds {_quoted(theirs)}.",
                title=sending.title,
                field=name,
                fields=[name],
            )

    def _revived(self, sending: Sending) -> None:
        """Revive what was deleted there while it was changed here: the change wins, and that is recorded."""
        clash = Clash(self.mapping.external_id, "", "changed", "deleted", Winner.HERE)
        store.note_clash(self.mapping, sending.claimed.record_id, sending.title, clash)
        self.report.conflicts += 1
        # Only the changed fields were sent; the others must follow.
        store.enqueue(self.mapping, [sending.claimed.record_id])

    def failed(self, sending: Sending, error: RowError) -> None:
        """Decide about one refused row."""
        row = sending.claimed
        if error.code == "REQUIRED_FIELD_MISSING" and sending.refused:
            # It cannot be without the field that was refused.
            error = next(iter(sending.refused.values()))
        reaction = error.reaction
        # An update that lacks required fields met no record: it may have been deleted there.
        vanished = error.code == "REQUIRED_FIELD_MISSING" and sending.link is not None
        if (reaction is Reaction.READ_BACK or vanished) and row.attempts < MOST_RESENDS:
            queue.postpone(row, now(), keep_sent=True)
        elif reaction is Reaction.GONE and sending.link is not None:
            mark_deleted(self.mapping, sending.link, self.report, title=sending.title)
            store.save_links([sending.link])
            queue.finish([row])
        elif error.code == "DUPLICATES_DETECTED" and self._duplicate(
            self.mapping, row.record_id, sending.title, error
        ):
            store.clear_problems(self.mapping, [row.record_id])
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

    def _note(self, sending: Sending, error: RowError, kind: str, field: str = "") -> None:
        self.note(sending.claimed, error, kind, field=field, title=sending.title)

    def note(
        self,
        row: Claimed,
        error: RowError,
        kind: str = SyncProblem.Kind.REFUSED_THERE,
        *,
        field: str = "",
        title: str = "",
    ) -> None:
        """Keep in Salesforce's words why a record, or a field of it, is held."""
        store.note_problem(
            self.mapping,
            row.record_id,
            kind=kind,
            code=error.code,
            message=error.message,
            title=title,
            fields=error.fields,
            field=field,
        )

    def removed(self, row: Claimed, link: RecordLink, result: RowResult) -> None:
        """Store that a record was taken out of Salesforce, or was not there any more.

        What somebody there had deleted before us they may bring back, as with its account: it is known by its link
        then, and taken out.
        """
        gone = {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}
        if result.error is None:
            link.delete()
        elif result.error.code in gone:
            link.state = RecordLink.State.DELETED_THERE
            store.save_links([link])
        else:
            self.failed(Sending(row, "", {}, link), result.error)
            return
        store.clear_problems(self.mapping, [row.record_id])
        queue.finish([row])
        self.report.push(self.mapping.key, "deleted")


def _tell_written(mapping: Mapping, landed: Sequence[tuple[Sending, RowResult]], wrote: Wrote) -> None:
    """Say what is written into records that were there, before it becomes what both sides agree on."""
    written = {
        one.claimed.record_id: {name: (one.link.agreed.get(name), value) for name, value in one.diff.items()}
        for one, result in landed
        if one.link is not None and one.diff and not result.created
    }
    if written and mapping.adopt is not None:
        wrote(mapping, {one.claimed.record_id: result.id for one, result in landed}, written)


def _go_to_fallback(mapping: Mapping, sending: Sending, error: RowError) -> bool:
    """Give a record whose owner is refused to the fallback owner; whether there is another one to give it to."""
    owners = {
        one: owner
        for one in mapping.fields
        if one.kind is Kind.OWNER and isinstance(owner := sending.diff.get(one.there), str)
    }
    named = {one: owner for one, owner in owners.items() if owner[:15] in error.message}
    meant = named or (owners if len(owners) == 1 else {})
    taken = False
    for one, owner in meant.items():
        if error.code in OWNER_GONE:
            note_inactive(owner)
        if one.default and one.default != owner:
            sending.refused[one.there] = error
            sending.diff[one.there] = one.default
            taken = True
    return taken


def _quoted(value: Normal) -> str:
    return "nothing" if value is None else f"“{value}”"
