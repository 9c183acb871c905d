"""Reads the very records that are about to be written, and brings both sides of each together.

What a person changes there between that reading and the write is seen in the write's own answer (`Window`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from prm.mapping import BadValue, Field, Mapping, Normal, Winner, names_read, value_there
from prm.mapping.decide import Clash
from prm.salesforce.engine import store
from prm.salesforce.engine.apply import ACTOR, Ask, Merger
from prm.salesforce.engine.gone import fields_of_the_gone, mark_deleted, note_gone
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.plan import Sending
from prm.salesforce.engine.present import present
from prm.salesforce.engine.report import Report
from prm.salesforce.engine.writing import Applying
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import Record
from prm.tenancy.context import acting_as

Row = Record
"""A record as Salesforce shows it."""


def columns(mapping: Mapping) -> list[str]:
    """Return what is read of a record to compare it."""
    names = ["Id", "SystemModstamp", "LastModifiedById", mapping.external_id]
    return [*names, *fields_of_the_gone(mapping.sobject), *names_read(mapping.columns), *mapping.marks]


def query(mapping: Mapping, ids: Iterable[UUID]) -> str:
    """Return the SOQL for up to 200 records: linked ones by their Salesforce id, others by our key.

    By the Salesforce id a record is found whose key somebody took away there.
    """
    with transaction.atomic():
        known = store.links_of(mapping, ids)
    links = {rid: link for rid, link in known.items() if link.state != RecordLink.State.AGAIN}
    by_key = [str(record_id) for record_id in ids if record_id not in links]
    either = [soql.one_of("Id", [link.sf_id for link in links.values()])] if links else []
    either += [soql.one_of(mapping.external_id, by_key)] if by_key else []
    where = either[0] if len(either) == 1 else f"({' OR '.join(either)})"
    return soql.select(mapping.sobject, columns(mapping), [where])


def meet(
    mapping: Mapping,
    ids: Sequence[UUID],
    rows: Sequence[Row],
    report: Report,
    ask: Ask,
    *,
    requeue: bool = False,
) -> set[UUID]:
    """Merge what was read of these records; return those of them whose record there lacks our key.

    What is gone there is noted. With `requeue` records in which something is left to send become dirty.
    """
    with transaction.atomic():
        links = store.links_of(mapping, ids)
    alive, gone, unkeyed = _sorted(mapping, ids, links, rows)
    if gone:
        note_gone([mapping], gone, report, ask)
    lost = [
        link
        for record_id, link in links.items()
        if link.state == RecordLink.State.LINKED
        and record_id not in alive
        and link.sf_id not in {str(row["Id"]) for row in gone}
    ]
    if lost:
        with transaction.atomic():
            for link in lost:
                mark_deleted(mapping, link, report, seen=False)
            store.save_links(lost)
    _look_at_children(mapping, [link for record_id, link in links.items() if record_id in unkeyed])
    with acting_as(ACTOR):
        Merger(mapping, report, ask, requeue=requeue).merge(alive)
    return unkeyed


def _look_at_children(mapping: Mapping, links: Sequence[RecordLink]) -> None:
    """Look anew at the children of records that were in step and have lost our key there.

    A merge takes the key away and moves the children; when it was undone before anybody read of it, nothing else tells.
    """
    lost = [link for link in links if link.state == RecordLink.State.LINKED and link.agreed]
    if lost:
        with transaction.atomic():
            for link in lost:
                store.enqueue_children(mapping, link.record_id, link.sf_id)


def _sorted(
    mapping: Mapping, ids: Sequence[UUID], links: dict[UUID, RecordLink], rows: Sequence[Row]
) -> tuple[dict[UUID, Row], list[Row], set[UUID]]:
    """Return living rows by our ids, deleted ones, and the ids whose living row has no key of ours."""
    linked = {link.sf_id: record_id for record_id, link in links.items()}
    keys = {str(record_id): record_id for record_id in ids}
    alive: dict[UUID, Row] = {}
    gone: list[Row] = []
    unkeyed: set[UUID] = set()
    for row in rows:
        key = str(row.get(mapping.external_id) or "").lower()
        record_id = linked.get(str(row["Id"])) or keys.get(key)
        if record_id is None:
            continue
        if row.get("IsDeleted"):
            gone.append(row)
        elif record_id not in alive or key in keys:
            alive[record_id] = row
            unkeyed.discard(record_id)
            if not key:
                unkeyed.add(record_id)
    return alive, gone, unkeyed


class Window:
    """Records what people changed there under our writes as conflicts, and brings back the values that win."""

    def __init__(self, mapping: Mapping, report: Report) -> None:
        self.mapping = mapping
        self.report = report
        # By record and field: our value that lies over it, and the one that won.
        self._overwritten: list[tuple[UUID, dict[str, tuple[Normal, Normal]]]] = []

    def see(self, sending: Sending, row: Row | None) -> None:
        """Record what a person changed there in the moment between our reading and our write."""
        link = sending.link
        if link is None or row is None or row.get("IsDeleted"):
            return
        taken: dict[str, tuple[Normal, Normal]] = {}
        for one in self.mapping.columns:
            name = one.there
            if not one.pulls or name not in sending.diff or name not in row or name not in link.agreed:
                continue
            theirs, ours = normal_of(one, row), sending.diff[name]
            if theirs in (link.agreed[name], ours):
                continue
            # Our write lies there already: a field that asks cannot keep both values apart any more.
            # What was changed there after our reading is the newest.
            winner = {Winner.ASK: Winner.HERE, Winner.NEWEST: Winner.SALESFORCE}.get(one.winner, one.winner)
            clash = Clash(name, link.agreed[name], ours, theirs, winner)
            store.note_clash(self.mapping, sending.claimed.record_id, sending.title, clash, row)
            self.report.conflicts += 1
            if winner is Winner.SALESFORCE:
                taken[name] = (ours, theirs)
        if taken:
            self._overwritten.append((sending.claimed.record_id, taken))

    def restore(self) -> None:
        """Take the values here that won and that our write lies over; the next push brings them back there.

        Where somebody here has changed the field again since we sent it, his value stays: it is the later one.
        """
        for record_id, taken in self._overwritten:
            with acting_as(ACTOR), transaction.atomic():
                store.lock_record(self.mapping, record_id)
                mine = present(self.mapping, [record_id]).get(record_id)
                if mine is None:
                    continue
                values = {
                    name: theirs for name, (ours, theirs) in taken.items() if mine.normals.get(name) == ours
                }
                for name, words in Applying(self.mapping, record_id).apply(values).items():
                    store.note_problem(
                        self.mapping, record_id, kind=SyncProblem.Kind.REFUSED_HERE, message=words, field=name
                    )
                store.enqueue(self.mapping, [record_id])


def normal_of(one: Field, row: Row) -> Normal:
    """Return the value of a field as Salesforce shows it in normal form; one that has none as text."""
    try:
        return value_there(one, row)
    except BadValue:
        return str(row.get(one.there))
