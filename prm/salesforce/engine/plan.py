"""What to send for a batch of dirty records: reads the present values, compares, sorts by parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from prm.mapping import BadValue, Mapping, Normal, Removed, Values
from prm.salesforce.engine import queue, store
from prm.salesforce.engine.decide import changed
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.mapping import registry
from prm.salesforce.wire.client import Record


@dataclass(slots=True)
class Sending:
    """One record about to be sent. `diff` holds normal values by field name in Salesforce."""

    claimed: Claimed
    title: str
    diff: dict[str, Normal]
    link: RecordLink | None
    parents: dict[str, str] = field(default_factory=dict)
    awaited: tuple[str, UUID] | None = None

    def record(self, mapping: Mapping) -> Record:
        """Return the record as Salesforce takes it: changed fields and the key."""
        wire: Record = {mapping.external_id: str(self.claimed.record_id)}
        for one in mapping.fields:
            if one.there in self.diff:
                wire[one.there] = one.wire(self.diff[one.there])
        for parent in mapping.parents:
            if parent.there in self.diff:
                wire[parent.there] = self.parents.get(parent.there)
        return wire

    @property
    def group(self) -> tuple[str, str]:
        """Siblings lie together, so that one parent is locked by one call only."""
        return (next(iter(self.parents.values()), ""), str(self.claimed.record_id))


@dataclass(slots=True)
class Batch:
    """What became of the claimed records before any call."""

    sending: list[Sending] = field(default_factory=list)
    removing: list[tuple[Claimed, RecordLink]] = field(default_factory=list)
    done: list[Claimed] = field(default_factory=list)


class Planner:
    """Plans one batch of one mapping. Call inside a transaction."""

    def __init__(self, mapping: Mapping, claimed: Sequence[Claimed], report: Report) -> None:
        """Read everything the batch needs with a constant number of queries."""
        ids = [row.record_id for row in claimed]
        self.mapping = mapping
        self.claimed = claimed
        self.report = report
        self.values = mapping.read(ids)
        self.links = store.links_of(mapping, ids)
        self.held = store.held_fields(mapping, ids)
        self.parents = self._parent_links()
        self.batch = Batch()

    def plan(self) -> Batch:
        """Sort the batch into sending, removing, done; the rest waits or is held."""
        for row in self.claimed:
            values = self.values.get(row.record_id)
            link = self.links.get(row.record_id)
            if values is None:
                self._leave(row, link)
            elif link is not None and link.state == RecordLink.State.DELETED_THERE:
                # Its problem is shown; creating it again is a person's decision.
                self.batch.done.append(row)
                self.report.push(self.mapping.key, "held")
            else:
                self._compare(row, link, values)
        self.batch.sending.sort(key=lambda sending: sending.group)
        return self.batch

    def _parent_links(self) -> dict[tuple[str, UUID], RecordLink]:
        links: dict[tuple[str, UUID], RecordLink] = {}
        for key in {parent.mapping for parent in self.mapping.parents}:
            heres = [p.here for p in self.mapping.parents if p.mapping == key]
            wanted = {values.get(here) for values in self.values.values() for here in heres}
            ids = [one for one in wanted if isinstance(one, UUID)]
            found = store.links_of(registry.mapping(key), ids)
            links |= {(key, record_id): link for record_id, link in found.items()}
        return links

    def _leave(self, row: Claimed, link: RecordLink | None) -> None:
        """Plan for a record that is gone here, or not kept in step any more."""
        if link is None or link.state != RecordLink.State.LINKED:
            store.clear_problems(self.mapping, [row.record_id])
            self.batch.done.append(row)
        elif self.mapping.removed is Removed.DELETE:
            self.batch.removing.append((row, link))
        else:
            link.state = RecordLink.State.GONE_HERE
            store.save_links([link])
            store.clear_problems(self.mapping, [row.record_id])
            self.batch.done.append(row)

    def _compare(self, row: Claimed, link: RecordLink | None, values: Values) -> None:
        try:
            normals = self.mapping.normals(values)
        except BadValue as error:
            self._refuse(row, str(error))
            return
        sending = Sending(row, store.title_of(self.mapping, normals), {}, link)
        skipped = self._parents_of(sending, normals)
        if skipped is None:
            return
        names = [one.there for one in self.mapping.pushed]
        names += [p.there for p in self.mapping.parents if p.there not in skipped]
        sending.diff = changed(
            names,
            agreed=link.agreed if link else {},
            ours=normals,
            held=self.held.get(row.record_id, frozenset()),
        )
        if sending.diff or link is None:
            self.batch.sending.append(sending)
        elif sending.awaited is not None:
            queue.wait_for(row, *sending.awaited)
        else:
            self._unchanged(row, link)

    def _unchanged(self, row: Claimed, link: RecordLink) -> None:
        if link.state == RecordLink.State.GONE_HERE:
            link.state = RecordLink.State.LINKED
            store.save_links([link])
        self.batch.done.append(row)
        self.report.push(self.mapping.key, "unchanged")

    def _parents_of(self, sending: Sending, normals: dict[str, Normal]) -> set[str] | None:
        """Fill in the parents' Salesforce ids; return what to leave out, or `None` if it waits."""
        skipped: set[str] = set()
        for parent in self.mapping.parents:
            value = normals[parent.there]
            if not isinstance(value, str):
                continue
            key = (parent.mapping, UUID(value))
            link = self.parents.get(key)
            if link is not None and link.state != RecordLink.State.DELETED_THERE:
                sending.parents[parent.there] = link.sf_id
            elif parent.required:
                queue.wait_for(sending.claimed, *key)
                self.report.push(self.mapping.key, "waiting")
                return None
            else:
                skipped.add(parent.there)
                sending.awaited = key
        return skipped

    def _refuse(self, row: Claimed, message: str) -> None:
        store.note_problem(self.mapping, row.record_id, kind=SyncProblem.Kind.REFUSED_HERE, message=message)
        queue.postpone(row, store.held_until())
        self.report.push(self.mapping.key, "failed")
