"""Merges records of one mapping as Salesforce shows them into what we have.

What changes nothing here is stored set-wise. What does is applied through the app's own service, some records in
one short transaction with the records locked, and is decided again under the lock: a person may be
saving at this very moment. A field that cannot be taken is named as a problem and holds back no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.db import OperationalError, transaction

from prm.core.clock import now
from prm.mapping import Mapping, Normal, Winner, amounts, decide, parse_moment
from prm.mapping.beside import beside, completed, theirs_of
from prm.mapping.decide import Decision
from prm.salesforce.engine import store, whose
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.present import Present, differs, note_there, present
from prm.salesforce.engine.report import Report
from prm.salesforce.engine.writing import Applying, SomeRefused, apply_together
from prm.salesforce.guards import rules
from prm.salesforce.guards.models import GuardRules, rules_of_tenant
from prm.salesforce.mapping import registry
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import Record as SalesforceRecord
from prm.tenancy.context import Actor

Row = SalesforceRecord
Ask = Callable[[str], Sequence[Row]]
"""Runs one query that shows deleted rows too."""
Normals = Record[str, Normal]

DEADLOCK_TRIES = 3

TOGETHER = 100
"""Records applied in one transaction: few enough that nobody waits for them, enough to share the reading."""

FEW = 10
"""Records applied in one transaction after one of many was refused."""

_KNOWN_THERE = frozenset({RecordLink.State.LINKED, RecordLink.State.GONE_HERE})

ACTOR = Actor(kind="salesforce", door="salesforce", label="Salesforce")


@dataclass(slots=True)
class Meeting:
    """A record here and its twin as it was read.

    `returned` says that the twin is new to us: never linked, undeleted there, or created anew; `left` is the
    Salesforce id to which its children belonged until now, "" when nothing changes for them. `unread` are fields whose value there is none.
    """

    link: RecordLink
    ours: Present
    theirs: dict[str, Normal]
    unread: dict[str, str]
    returned: bool
    left: str
    row: Row
    unmerged: bool = False


@dataclass(slots=True)
class _Taken:
    """One record whose values from there were applied; `waits` are fields that are left alone."""

    meeting: Meeting
    wanted: dict[str, Normal]
    waits: frozenset[str]
    dirty: bool
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def record_id(self) -> UUID:
        """The record here."""
        return self.meeting.link.record_id

    def changes(self, mapping: Mapping) -> dict[str, Normal]:
        """Return what is written here: all that is one value here, where a part of it changed there."""
        return completed(mapping, self.wanted, self.meeting.ours.normals)


class Merger:
    """Merges any number of records of one mapping; opens its own transactions.

    `ask` runs a query that shows deleted rows too. `requeue=False`: the caller sends what is left to send himself.
    """

    def __init__(self, mapping: Mapping, report: Report, ask: Ask, *, requeue: bool = True) -> None:
        self.mapping = mapping
        self.report = report
        self.ask = ask
        self.requeue = requeue
        self._lost_parents: set[str] = set()
        # Records that somebody was just changing: each is applied by itself, so that nothing is held while it is waited for.
        self._busy: set[UUID] = set()
        self.sent: dict[UUID, dict[str, Normal]] = {}

    def merge(self, pairs: dict[UUID, Row]) -> None:
        """Merge records given by their ids here."""
        differing: dict[UUID, Row] = {}
        links: list[RecordLink] = []
        cleared: set[str] = set()
        with transaction.atomic():
            known = store.links_of(self.mapping, pairs)
            pairs = _exchanged(pairs, known)
            ours = present(self.mapping, list(pairs))
            held = store.held_fields(self.mapping, pairs)
            self.sent = store.unanswered(self.mapping, pairs)
            dirty: list[UUID] = []
            still_open: dict[UUID, set[str]] = {}
            for record_id, mine in ours.items():
                stays = held.get(record_id, frozenset())
                before = _snapshot(known.get(record_id))
                meeting = _meet(self.mapping, record_id, known.get(record_id), mine, pairs[record_id])
                if differs(self.mapping, record_id, mine, meeting.link):
                    self._keep(meeting, before, links)
                    continue
                if stays:
                    row = pairs[record_id]
                    stays = store.follow_open(self.mapping, record_id, mine.normals, meeting.theirs, row)
                decision = self._decide(meeting, stays)
                if decision.apply or decision.clashes or meeting.unread:
                    differing[record_id] = pairs[record_id]
                    cleared |= _cleared(self.mapping, meeting, decision)
                    continue
                self._settle(meeting, decision, pairs[record_id])
                still_open[record_id] = _open(meeting, stays)
                if meeting.returned or _to_send(self.mapping, decision):
                    dirty.append(record_id)
                self._keep(meeting, before, links)
            store.save_links(links)
            store.heal(self.mapping, still_open, set(still_open) - set(dirty))
            self._queue(dirty, anew=False)
            left = {one: pairs[one] for one in pairs if one not in ours}
            _take_up_left(self.mapping, self.report, left, known)
        self._lost_parents |= _deleted_parents(self.mapping, self.ask, cleared)
        ids = list(differing)
        for first in range(0, len(ids), TOGETHER):
            self._apply_some({record_id: differing[record_id] for record_id in ids[first : first + TOGETHER]})
        busy, self._busy = self._busy, set()
        for record_id in sorted(busy):
            self._apply_some({record_id: differing[record_id]})

    def _keep(self, meeting: Meeting, before: object, links: list[RecordLink]) -> None:
        """Take a link among those to be saved, if anything of it is another than before."""
        if before != _snapshot(meeting.link):
            links.append(meeting.link)
        else:
            self.report.pull(self.mapping.key, "unchanged")

    def _queue(self, dirty: list[UUID], *, anew: bool) -> None:
        if self.requeue:
            store.enqueue(self.mapping, dirty, anew=anew)

    def _decide(self, meeting: Meeting, held: frozenset[str]) -> Decision:
        return decide.decide(
            self.mapping.columns,
            agreed=meeting.link.agreed,
            apart=meeting.link.apart,
            ours=meeting.ours.normals,
            theirs=meeting.theirs,
            sent=self.sent.get(meeting.link.record_id),
            held=held,
            newest=lambda one: whose.newest(self.mapping, meeting.link.record_id, one, meeting.row),
        )

    def _settle(self, meeting: Meeting, decision: Decision, row: Row) -> None:
        """Store the new base, and what follows from a record that is new to us."""
        link = meeting.link
        for name, value in decision.agreed.items():
            store.set_base(link, name, value, value)
        link.modstamp = parse_moment(str(row["SystemModstamp"]))
        if meeting.returned:
            store.clear_problems(self.mapping, [link.record_id])
            store.enqueue_children(self.mapping, link.record_id, meeting.left, forget=not meeting.unmerged)
            self.report.pull(self.mapping.key, "linked")

    def _apply_some(self, pairs: dict[UUID, Row]) -> None:
        """Apply some records in one transaction; a deadlock with somebody's bulk work is retried."""
        for number in range(1, DEADLOCK_TRIES + 1):
            try:
                self._apply_once(pairs)
            except OperationalError:
                if number == DEADLOCK_TRIES:
                    raise
            else:
                return

    def _apply_once(self, pairs: dict[UUID, Row]) -> None:
        """Apply them all as if nothing were refused; where something is, a few at a time, and those each value with care."""
        if self._applied(pairs, careful=False):
            return
        ids = list(pairs)
        for first in range(0, len(ids), FEW):
            few = {record_id: pairs[record_id] for record_id in ids[first : first + FEW]}
            if len(few) == len(pairs) or not self._applied(few, careful=False):
                self._applied(few, careful=True)

    def _applied(self, pairs: dict[UUID, Row], *, careful: bool) -> bool:
        """Apply records in a transaction of their own; whether nothing was refused (with care nothing ever is)."""
        report, self.report = self.report, Report()
        try:
            with transaction.atomic():
                self._apply_locked(pairs, careful=careful)
        except SomeRefused:
            return False
        else:
            report.add(self.report)
            return True
        finally:
            self.report = report

    def _apply_locked(self, pairs: dict[UUID, Row], *, careful: bool) -> None:
        """Decide again under the lock and apply, with a number of queries of our own that does not grow with the records."""
        if len(pairs) == 1:
            store.lock_record(self.mapping, *pairs)
        else:
            free = store.lock_free(self.mapping, pairs)
            self._busy |= pairs.keys() - free
            pairs = {record_id: pairs[record_id] for record_id in pairs if record_id in free}
        ours = present(self.mapping, list(pairs))
        held = store.held_fields(self.mapping, ours)
        links = store.links_of(self.mapping, ours)
        taken: list[_Taken] = []
        for record_id, mine in ours.items():
            meeting = _meet(self.mapping, record_id, links.get(record_id), mine, pairs[record_id])
            if differs(self.mapping, record_id, mine, meeting.link):
                continue
            stays = held.get(record_id, frozenset())
            taken.append(self._take(meeting, stays, pairs[record_id]))
        self._write([one for one in taken if one.wanted], careful=careful)
        applied = [one.record_id for one in taken if one.wanted]
        self._settle_taken(taken, present(self.mapping, applied) if applied else {})
        store.save_links(one.meeting.link for one in taken)
        store.heal(self.mapping, {one.record_id: _open(one.meeting, one.waits) for one in taken})
        self._queue([one.record_id for one in taken if one.dirty], anew=True)

    def _take(self, meeting: Meeting, held: frozenset[str], row: Row) -> _Taken:
        """Decide what is to be written here, and keep what both sides changed."""
        record_id, title = meeting.link.record_id, meeting.ours.title
        decision = self._decide(meeting, held | _orphaned(self.mapping, meeting, self._lost_parents))
        for clash in decision.clashes:
            store.note_clash(self.mapping, record_id, title, clash, row)
            self.report.conflicts += 1
        asking = {clash.there for clash in decision.clashes if clash.winner is Winner.ASK}
        asking |= self._stop_loops(meeting, decision, row)
        self._settle(meeting, decision, row)
        dirty = meeting.returned or _to_send(self.mapping, decision)
        return _Taken(meeting, decision.apply, held | asking, dirty)

    def _write(self, taken: Sequence[_Taken], *, careful: bool) -> None:
        """Write what changed there through the app's service."""
        changes = {one.record_id: one.changes(self.mapping) for one in taken}
        if careful:
            for one in taken:
                refused = Applying(self.mapping, one.record_id).apply(changes[one.record_id])
                one.refused = {name: words for name, words in refused.items() if name in one.wanted}
        elif taken:
            apply_together(self.mapping, changes)
        for one in taken:
            if len(one.refused) < len(one.wanted):
                self.report.pull(self.mapping.key, "applied")
                if one.meeting.link.modstamp is not None:
                    lag = (now() - one.meeting.link.modstamp).total_seconds()
                    self.report.lags_back.append(max(0.0, lag))

    def _settle_taken(self, taken: Sequence[_Taken], fresh: Record[UUID, Present]) -> None:
        """Remember what each side holds now, and why some values were refused."""
        ids = [one.record_id for one in taken]
        troubled = set(
            SyncProblem.objects.filter(mapping=self.mapping.key, record_id__in=ids).values_list(
                "record_id", flat=True
            )
        )
        for one in taken:
            link = one.meeting.link
            before, one.meeting.ours = one.meeting.ours, fresh.get(link.record_id, one.meeting.ours)
            if one.wanted:
                one.meeting.ours.normals = beside(self.mapping, one.meeting.ours.normals, one.meeting.theirs)
            for name, value in one.wanted.items():
                store.set_base(
                    link, name, value, one.meeting.ours.normals.get(name, before.normals.get(name))
                )
            if link.record_id in troubled:
                cured = sorted(set(one.wanted) - set(one.refused))
                SyncProblem.objects.filter(
                    mapping=self.mapping.key, record_id=link.record_id, field__in=cured
                ).delete()
            _refused(
                self.mapping, self.report, link.record_id, {**one.meeting.unread, **one.refused}, before.title
            )

    @cached_property
    def _thresholds(self) -> GuardRules:
        return rules_of_tenant()

    def _stop_loops(self, meeting: Meeting, decision: Decision, row: Row) -> set[str]:
        """Leave fields alone that another system there rewrites again and again; a person chooses."""
        link, thresholds = meeting.link, self._thresholds
        stopped: set[str] = set()
        for name in list(decision.apply):
            turns = store.note_turn(link, name, "there", thresholds.loop_minutes)
            if not rules.is_loop(turns, times=thresholds.loop_times):
                continue
            link.turns.pop(name)
            stopped.add(name)
            theirs, ours = decision.apply.pop(name), meeting.ours.normals.get(name)
            clash = decide.Clash(name, link.agreed.get(name), ours, theirs, Winner.ASK)
            store.note_clash(self.mapping, link.record_id, meeting.ours.title, clash, row)
            store.note_loop(self.mapping, link.record_id, meeting.ours.title, clash, thresholds.loop_minutes)
            self.report.conflicts += 1
        return stopped


def _exchanged(pairs: dict[UUID, Row], known: Record[UUID, RecordLink]) -> dict[UUID, Row]:
    """Return the records without those whose link is being taken back: of these nothing is exchanged."""
    undone = {one for one, link in known.items() if link.state == RecordLink.State.UNDOING}
    return {one: row for one, row in pairs.items() if one not in undone}


def _meet(mapping: Mapping, record_id: UUID, link: RecordLink | None, ours: Present, row: Row) -> Meeting:
    sf_id, left, returned, unmerged = str(row["Id"]), "", link is None, False
    link = link or RecordLink(mapping=mapping.key, record_id=record_id, sf_id=sf_id)
    if link.sf_id != sf_id or link.state == RecordLink.State.AGAIN:
        # Of a record that had been merged away the children lie with the survivor.
        left, returned, unmerged = link.merged_into or link.sf_id, True, bool(link.merged_into)
        store.forget_base(link, sf_id)
    elif link.state in (RecordLink.State.DELETED_THERE, RecordLink.State.MERGED_THERE):
        # Its children were moved, or deleted with it and are back with it.
        left, returned, unmerged = link.merged_into or sf_id, True, bool(link.merged_into)
        link.merged_into = ""
    if link.state != RecordLink.State.GONE_HERE:
        link.state = RecordLink.State.LINKED
    note_there(mapping, link, row)
    theirs, unread = theirs_of(mapping.columns, row)
    ours.normals = beside(mapping, ours.normals, theirs, link.agreed)
    amounts.keep_apart(mapping, ours.normals, theirs, unread)
    return Meeting(link, ours, theirs, unread, returned, left, row, unmerged)


def _deleted_parents(mapping: Mapping, ask: Ask, ids: set[str]) -> set[str]:
    """Return which of these parents are deleted: Salesforce cleared the references to them, not a person."""
    lost: set[str] = set()
    for parent in mapping.parents if ids else ():
        sobject = registry.mapping(parent.mapping).sobject
        for first in range(0, len(ids), soql.MOST_IDS):
            some = sorted(ids)[first : first + soql.MOST_IDS]
            rows = ask(soql.select(sobject, ["Id", "IsDeleted"], [soql.one_of("Id", some)]))
            lost |= set(some) - {str(row["Id"]) for row in rows if not row["IsDeleted"]}
    return lost


def _take_up_left(
    mapping: Mapping, report: Report, pairs: Record[UUID, Row], known: Record[UUID, RecordLink]
) -> None:
    """Link records again that live there while here they are gone, or not kept in step any more.

    Undeleted, or made by a call whose answer was lost: nothing else would tell. The next push takes them out, or
    leaves them, as it does with everything that left the mapping.
    """
    for record_id, row in pairs.items():
        link = known.get(record_id)
        if link is not None and link.state in _KNOWN_THERE and link.sf_id == str(row["Id"]):
            continue
        was = link and (link.merged_into or link.sf_id)
        link = link or RecordLink(mapping=mapping.key, record_id=record_id)
        store.forget_base(link, str(row["Id"]))
        link.modstamp, link.state = parse_moment(str(row["SystemModstamp"])), RecordLink.State.LINKED
        store.clear_problems(mapping, [record_id])
        store.save_links([link])
        store.enqueue_children(mapping, record_id, was or "", forget=False)
        # What the caller has claimed stays claimed; he plans it after this.
        store.enqueue(mapping, [record_id], anew=False)
        report.pull(mapping.key, "linked")


def _to_send(mapping: Mapping, decision: Decision) -> bool:
    """Whether something is left to be written that may be written at present."""
    return any(one.there in decision.send for one in mapping.written)


def _orphaned(mapping: Mapping, meeting: Meeting, lost_parents: set[str]) -> frozenset[str]:
    """Return references that Salesforce cleared itself: they stay as they are here."""
    return frozenset(
        parent.there
        for parent in mapping.parents
        if meeting.theirs.get(parent.there) is None and meeting.link.agreed.get(parent.there) in lost_parents
    )


def _refused(
    mapping: Mapping, report: Report, record_id: UUID, reasons: Record[str, str], title: str
) -> None:
    for name, message in reasons.items():
        store.note_problem(
            mapping,
            record_id,
            kind=SyncProblem.Kind.REFUSED_HERE,
            message=message,
            title=title,
            field=name,
            fields=[name],
        )
        report.pull(mapping.key, "refused")


def _snapshot(link: RecordLink | None) -> object:
    return link and (link.sf_id, link.agreed, link.apart, link.modstamp, link.state, link.merged_into)


def _open(meeting: Meeting, held: frozenset[str]) -> set[str]:
    """Return the fields in which both sides are not equal yet, for whatever reason."""
    link, ours = meeting.link, meeting.ours
    differing = {name for name, value in ours.normals.items() if value != link.agreed.get(name)}
    return differing | set(ours.unfit) | set(link.apart) | set(meeting.unread) | held


def _cleared(mapping: Mapping, meeting: Meeting, decision: Decision) -> set[str]:
    """Return the parents there to whom the record belonged, when it belongs to nobody there now."""
    names = {parent.there for parent in mapping.parents}
    bases = (meeting.link.agreed.get(name) for name in names & decision.apply.keys())
    gone = any(decision.apply[name] is None for name in names & decision.apply.keys())
    return {base for base in bases if isinstance(base, str)} if gone else set()
