"""Salesforce → here: reads what changed and merges it field by field.

Reading goes by (SystemModstamp, Id), with Salesforce's own clock. Stamps are made during a
transaction and not at its commit, so a row can become visible with a stamp that lies behind what
was read already. Three nets catch it: every reading starts a few seconds early, every few minutes
the last quarter of an hour is read again, and the audit compares everything. Reading again costs
nothing here, since a record in which nothing differs is left alone. For the same reason our own
writes need no marking when they come back.

The cursor moves only after a page is stored. Only records that carry our external id are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from prm.mapping import Mapping, parse_moment
from prm.salesforce.engine import store
from prm.salesforce.engine.apply import ACTOR, Merger, Row
from prm.salesforce.engine.models import PullCursor, RecordLink, SyncProblem
from prm.salesforce.engine.report import Report
from prm.salesforce.mapping import registry
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import PAGE, Org
from prm.tenancy.context import acting_as

OVERLAP = timedelta(seconds=5)
SWEEP_EVERY = timedelta(minutes=5)
SWEEP_OVERLAP = timedelta(minutes=15)
"""Longer than the 10 minutes that a synchronous transaction may take in Salesforce."""

LOOK_SECONDS = 10.0
"""How old our knowledge of an object may be when we write: a long backfill looks again now and then."""

CHUNK = 200
"""Records merged per transaction: rows here stay locked for a moment only."""


Place = tuple[datetime | None, str]
"""Where a reading begins: after this row by (SystemModstamp, Id); without an id, from the stamp on."""


def pulled_objects() -> dict[str, list[Mapping]]:
    """Return the Salesforce objects that are read, each with all mappings that use it."""
    objects: dict[str, list[Mapping]] = {}
    for one in registry.mappings().values():
        objects.setdefault(one.sobject, []).append(one)
    return {name: group for name, group in objects.items() if any(one.pulled for one in group)}


class SliceOver(Exception):
    """The slice ended within a long reading; what was read is stored, and the cursor says where to go on."""


class Puller:
    """Reads the changes of the tenant in scope. `keep()` as in `push.Pusher`.

    `user_id` is the Salesforce user whom we work as; "" when that is not known.
    """

    def __init__(
        self,
        org: Org,
        report: Report,
        keep: Callable[[], None],
        user_id: str = "",
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.org = org
        self.over = over
        self.report = report
        self.keep = keep
        self.user_id = user_id
        self._read_at: dict[str, float] = {}
        self._glanced_to: dict[str, Place] = {}

    def look(self, mapping: Mapping) -> None:
        """Read the object of a mapping unless that was done a moment ago."""
        if not mapping.pulled:
            return
        sobject, group = mapping.sobject, pulled_objects().get(mapping.sobject, [])
        last = self._read_at.get(sobject)
        if last is None or (time.monotonic() - last > LOOK_SECONDS and not self.user_id):
            self.read(sobject, group)
        elif time.monotonic() - last > LOOK_SECONDS:
            self._glance(sobject, group)

    def _glance(self, sobject: str, group: Sequence[Mapping]) -> None:
        """Read what others changed while we were writing; the cursor stays for the next reading.

        Thousands of our own writes would only be recognised as ours. One that lies over somebody's
        change hides it until that reading, which comes too late for this record anyway.
        """
        self._read_at[sobject] = time.monotonic()
        cursor = self._cursor(sobject)
        stamp, last_id = self._glanced_to.get(sobject, (cursor.stamp, ""))
        start = (stamp - OVERLAP if stamp and not last_id else stamp, last_id)
        others = f"LastModifiedById != {soql.text(self.user_id)}"
        for place in self._pages(sobject, group, start, others):
            self._glanced_to[sobject] = place

    def read(self, sobject: str, group: Sequence[Mapping]) -> None:
        """Read one object from its cursor to the present, and sweep the overlap when it is time."""
        self._read_at[sobject] = time.monotonic()
        cursor = self._cursor(sobject)
        if cursor.last_id:
            start: Place = (cursor.stamp, cursor.last_id)
        else:
            start = (cursor.stamp and cursor.stamp - OVERLAP, "")
        self._read_from(cursor, group, start)
        present = self.org.now()
        if cursor.swept_at is not None:
            if present - cursor.swept_at < SWEEP_EVERY:
                return
            self._read_from(cursor, group, (cursor.swept_at - SWEEP_OVERLAP, ""), whole=True)
        cursor.swept_at = present
        with transaction.atomic():
            cursor.save(update_fields=["swept_at"])

    def _read_from(
        self, cursor: PullCursor, group: Sequence[Mapping], start: Place, *, whole: bool = False
    ) -> None:
        """Read to the end from a place that may lie before the cursor; the cursor never goes back.

        Raises `SliceOver`, unless `whole`: what lies before the cursor has no place to go on from.
        """
        for stamp, last_id in self._pages(cursor.sobject, group, start):
            self._advance(cursor, stamp or self.org.now(), last_id)
            # Only after a whole page is anything gained: the next slice goes on from there.
            if last_id and not whole and self.over():
                raise SliceOver

    def _pages(self, sobject: str, group: Sequence[Mapping], place: Place, *where: str) -> Iterator[Place]:
        """Merge page after page; gives where the next reading begins after each is stored.

        At the end the id is "", since rows of that same second may still come.
        """
        at_end = False
        while not at_end:
            self.keep()
            rows = list(self.org.query(self._query(sobject, group, place, where)))
            for first in range(0, len(rows), CHUNK):
                absorb(group, rows[first : first + CHUNK], self.report)
            if rows:
                place = (parse_moment(rows[-1]["SystemModstamp"]), str(rows[-1]["Id"]))
            at_end = len(rows) < PAGE
            yield (place[0], "") if at_end else place

    def read_deletions(self, sobject: str, group: Sequence[Mapping]) -> None:
        """Note which linked records were put into the recycle bin since the last time."""
        cursor = self._cursor(sobject)
        self.keep()
        where = ["IsDeleted = true"]
        if cursor.deletions_to is not None:
            since = cursor.deletions_to - SWEEP_OVERLAP
            where.append(f"SystemModstamp >= {soql.moment(since)}")
        query = soql.select(sobject, ["Id"], where, order_by=["SystemModstamp", "Id"])
        ids = [str(row["Id"]) for row in self.org.query(query, deleted=True)]
        for start in range(0, len(ids), CHUNK):
            self._deleted(group, ids[start : start + CHUNK])
        cursor.deletions_to = self.org.now()
        with transaction.atomic():
            cursor.save(update_fields=["deletions_to"])

    def _deleted(self, group: Sequence[Mapping], ids: Sequence[str]) -> None:
        with transaction.atomic():
            for mapping in group:
                links = RecordLink.objects.filter(
                    mapping=mapping.key, sf_id__in=ids, state=RecordLink.State.LINKED
                )
                found = list(links)
                for link in found:
                    mark_deleted(mapping, link, self.report)
                store.save_links(found)

    def _cursor(self, sobject: str) -> PullCursor:
        with transaction.atomic():
            cursor: PullCursor = PullCursor.objects.get_or_create(sobject=sobject)[0]
        return cursor

    def _advance(self, cursor: PullCursor, stamp: datetime, last_id: str) -> None:
        if cursor.stamp is not None and stamp < cursor.stamp:
            return
        cursor.stamp, cursor.last_id = stamp, last_id
        with transaction.atomic():
            cursor.save(update_fields=["stamp", "last_id"])

    def _query(self, sobject: str, group: Sequence[Mapping], place: Place, more: Sequence[str]) -> str:
        fields = dict.fromkeys(field.there for one in group for field in one.columns if field.pulls)
        where = [f"{group[0].external_id} != null", *more]
        stamp, last_id = place
        if stamp is not None:
            where.append(soql.after(stamp, last_id))
        return soql.select(
            sobject,
            ["Id", "SystemModstamp", group[0].external_id, *fields],
            where,
            order_by=["SystemModstamp", "Id"],
            limit=PAGE,
        )


def mark_deleted(mapping: Mapping, link: RecordLink, report: Report, *, title: str = "") -> None:
    """Note that a linked record is gone there; it is not created again by itself."""
    link.state = RecordLink.State.DELETED_THERE
    report.pull(mapping.key, "deleted")
    store.note_problem(
        mapping,
        link.record_id,
        kind=SyncProblem.Kind.DELETED_THERE,
        code="ENTITY_IS_DELETED",
        message="The record was deleted in Salesforce.",
        title=title or store.title_of(mapping, link.agreed),
    )


def absorb(
    group: Sequence[Mapping],
    rows: Sequence[Row],
    report: Report,
) -> set[UUID]:
    """Merge records as Salesforce shows them; return the ids here of those that were recognised.

    A record belongs to the mapping that has its link, else to the one that knows its external id.
    """
    recognised: set[UUID] = set()
    with acting_as(ACTOR):
        with transaction.atomic():
            routed = _routed(group, rows, report)
        for mapping, pairs in routed:
            recognised |= set(pairs)
            Merger(mapping, report).merge(pairs)
    return recognised


def _routed(
    group: Sequence[Mapping], rows: Sequence[Row], report: Report
) -> list[tuple[Mapping, dict[UUID, Row]]]:
    keys = {one.key: one for one in group}
    links = RecordLink.objects.filter(mapping__in=keys, sf_id__in=[str(row["Id"]) for row in rows])
    linked = {link.sf_id: (link.mapping, link.record_id) for link in links}
    routed: dict[str, dict[UUID, Row]] = {key: {} for key in keys}
    unknown: dict[UUID, Row] = {}
    for row in rows:
        if str(row["Id"]) in linked:
            key, record_id = linked[str(row["Id"])]
            routed[key][record_id] = row
        elif (found := _record_id(row, group[0].external_id)) is not None:
            unknown[found] = row
    for one in group:
        for record_id in one.read(list(unknown)) if unknown else ():
            routed[one.key][record_id] = unknown.pop(record_id)
    if unknown:
        report.pull(group[0].key, "not_ours", len(unknown))
    return [(keys[key], pairs) for key, pairs in routed.items() if pairs]


def _record_id(row: Row, external_id: str) -> UUID | None:
    try:
        return UUID(str(row.get(external_id) or ""))
    except ValueError:
        return None
