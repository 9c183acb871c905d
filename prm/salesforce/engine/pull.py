"""Salesforce → here: reads what changed and merges it field by field.

Reading goes by (SystemModstamp, Id), with Salesforce's own clock. Stamps are made during a
transaction and not at its commit, so a row can become visible with a stamp that lies behind what
was read already. Three nets catch it: every reading starts a few seconds early, every few minutes
the last quarter of an hour is read again, and the audit compares everything. Reading again costs
nothing here, since a record in which nothing differs is left alone. For the same reason our own
writes need no marking when they come back.

The cursor moves only after a page is stored. Only records that carry our external id are read, what was
deleted, and of objects that only go there what had been deleted and is back. Deletions by cascade move the children's stamps, merges those of the losers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import Mapping, names_read, parse_moment
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.engine import resting
from prm.salesforce.engine.apply import ACTOR, Ask, Merger, Row
from prm.salesforce.engine.gone import fields_of_the_gone, note_gone
from prm.salesforce.engine.models import PullCursor, RecordLink
from prm.salesforce.engine.report import Report
from prm.salesforce.shapes.looking import SUSPICIOUS, Shapes
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import PAGE, Org, Record
from prm.tenancy.context import acting_as

logger = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=5)
SWEEP_EVERY = timedelta(minutes=5)
SWEEP_OVERLAP = timedelta(minutes=15)
"""Longer than the 10 minutes that a synchronous transaction may take in Salesforce."""

MOST_QUERIES = 5
"""Queries that one call takes."""

MOST_LOST = 100
"""Records that only go there and were deleted there, of which each reading asks whether they are back."""

CHUNK = 200
"""Records merged per transaction: rows here stay locked for a moment only."""


Watch = Callable[[Sequence[Mapping], Sequence[Row]], None]
"""Looks at a page of living rows before they are merged."""

Place = tuple[datetime | None, str]
"""Where a reading begins: after this row by (SystemModstamp, Id); without an id, from the stamp on."""


def is_pulled(group: Sequence[Mapping]) -> bool:
    """Whether values come back from an object; of others only deletions are read."""
    return any(field.pulls for one in group for field in one.columns)


def is_optional(group: Sequence[Mapping]) -> bool:
    """Whether an organisation may lack an object."""
    return all(one.optional for one in group)


class SliceOver(Exception):
    """The slice ended within a long reading; what was read is stored, and the cursor says where to go on."""


@dataclass(slots=True)
class _Reading:
    """How far the present reading of one object is; `start` is where its next page begins."""

    sobject: str
    group: list[Mapping]
    cursor: PullCursor
    start: Place
    at_end: bool = False
    # A second reading of what lies before the cursor has no place to go on from.
    whole: bool = False


class Puller:
    """Reads the changes of the tenant in scope. `keep()` as in `push.Pusher`; `watch` sees rows before they are merged."""

    def __init__(
        self,
        org: Org,
        report: Report,
        keep: Callable[[], None],
        shapes: Shapes,
        over: Callable[[], bool] = lambda: False,
        watch: Watch | None = None,
        *,
        in_turns: bool = False,
    ) -> None:
        """With `in_turns` objects that only go there are asked one after the other, so that a poll stays one call."""
        self.org = org
        self.shapes = shapes
        self.in_turns = in_turns
        self.watch = watch
        self.over = over
        self.report = report
        self.keep = keep

    def read(self) -> None:
        """Read all objects from their cursors to the present, and sweep the overlaps when it is time.

        One call reads a page of up to five objects. An object that cannot be read stops no other. Raises
        `SliceOver` when the slice is over before the reading is.
        """
        objects = self.shapes.objects()
        cursors = self._cursors(objects)
        first, others = self._in_turn(
            [self._begin(sobject, group, cursors[sobject]) for sobject, group in objects.items()]
        )
        self._page_of_each(first)
        late = [one for one in others if self._is_late(one)]
        self._page_of_each(late)
        readings = first + late
        self._to_the_end(readings)
        self._to_the_end([again for one in readings if (again := self._sweep(one)) is not None])

    def _begin(self, sobject: str, group: list[Mapping], cursor: PullCursor) -> _Reading:
        if not is_pulled(group):
            read_to = cursor.deletions_to and min(cursor.deletions_to, now())
            start: Place = (read_to and read_to - SWEEP_OVERLAP, "")
        elif cursor.last_id:
            start = (cursor.stamp, cursor.last_id)
        else:
            start = (cursor.stamp and cursor.stamp - OVERLAP, "")
        return _Reading(sobject, group, cursor, start)

    def _in_turn(self, readings: list[_Reading]) -> tuple[list[_Reading], list[_Reading]]:
        """Return what this poll asks for, and what it asks for only when that is late.

        It asks for all that comes back, and of deletions of other objects for what fills its last call. Where nothing of
        a call is left for them, they are asked every few minutes. Nothing is missed by that: the reading begins where the
        last one of the object ended. Where more comes back than one call takes, what a tenant may do without (campaigns)
        has its turn with these.
        """
        if not self.in_turns or len(readings) <= MOST_QUERIES:
            return readings, []
        back = [one for one in readings if is_pulled(one.group)]
        if len(back) > MOST_QUERIES:
            back = [one for one in back if not is_optional(one.group)]
        others = sorted(
            (one for one in readings if one not in back),
            key=lambda one: one.cursor.deletions_to or datetime.min.replace(tzinfo=UTC),
        )
        free = -len(back) % MOST_QUERIES if back else MOST_QUERIES
        return back + others[:free], others[free:]

    def _is_late(self, reading: _Reading) -> bool:
        """By the clock its last reading was noted by; the first call of this poll has told theirs."""
        read_to = reading.cursor.deletions_to
        return read_to is None or read_to <= self._present() - SWEEP_EVERY

    def _sweep(self, reading: _Reading) -> _Reading | None:
        """Return a second reading of the last quarter of an hour, when it is time for one."""
        cursor, present = reading.cursor, self.org.now()
        if not is_pulled(reading.group) or not reading.at_end:
            return None
        if cursor.swept_at is not None and abs(present - cursor.swept_at) < SWEEP_EVERY:
            return None
        last = cursor.swept_at
        cursor.swept_at = present
        with transaction.atomic():
            cursor.save(update_fields=["swept_at"])
        if last is None:
            return None
        return _Reading(reading.sobject, reading.group, cursor, (last - SWEEP_OVERLAP, ""), whole=True)

    def _to_the_end(self, readings: Sequence[_Reading]) -> None:
        """Read page after page of what has more, while the slice lasts."""
        while left := [one for one in readings if not one.at_end]:
            if self.over() and any(not one.whole for one in left):
                raise SliceOver
            self._page_of_each(left)

    def _page_of_each(self, readings: Sequence[_Reading]) -> None:
        """Read a page of each, five to a call: every object has its first page before any has its second."""
        for first in range(0, len(readings), MOST_QUERIES):
            some = readings[first : first + MOST_QUERIES]
            self.keep()
            answers = self.org.read([self._query(one) for one in some])
            for one, answer in zip(some, answers, strict=True):
                self._store(one, answer)

    def _store(self, reading: _Reading, rows: list[Record] | errors.SalesforceError) -> None:
        """Merge a page, and only then move the cursor."""
        if isinstance(rows, errors.Retryable):
            raise rows
        if isinstance(rows, errors.SalesforceError) and self._reshaped(reading, rows):
            return
        if isinstance(rows, errors.SalesforceError):
            logger.warning("salesforce: %s cannot be read: %s", reading.sobject, rows)
            self.report.message = f"{reading.sobject} cannot be read: {rows.message}"
            reading.at_end = True
            return
        # What is gone first: references to it were cleared there by nobody.
        gone, alive = ([row for row in rows if bool(row["IsDeleted"]) is lost] for lost in (True, False))
        for first in range(0, len(gone), CHUNK):
            note_gone(reading.group, gone[first : first + CHUNK], self.report, self._ask)
        if self.watch is not None:
            self.watch(reading.group, alive)
        self._absorb(reading, alive)
        if rows:
            reading.start = (parse_moment(rows[-1]["SystemModstamp"]), str(rows[-1]["Id"]))
        reading.at_end = len(rows) < PAGE
        if not is_pulled(reading.group):
            self._deletions_read(reading)
        else:
            stamp, last_id = reading.start
            self._advance(reading, stamp or self._present(), "" if reading.at_end else last_id)
            if is_optional(reading.group):
                self._deletions_read(reading)

    def _absorb(self, reading: _Reading, alive: Sequence[Record]) -> None:
        """Merge living rows; a page may take longer than the lane is held, and than the slice lasts."""
        for first in range(0, len(alive), CHUNK):
            some = alive[first : first + CHUNK]
            if first:
                self.keep()
            absorb(reading.group, some, self.report, self._ask)
            if self.over() and not reading.whole and first + CHUNK < len(alive):
                # Rows come in the order of the cursor, and what is gone of the page was noted before.
                self._advance(reading, parse_moment(some[-1]["SystemModstamp"]), str(some[-1]["Id"]))
                raise SliceOver

    def _reshaped(self, reading: _Reading, error: errors.SalesforceError) -> bool:
        """Whether the object is another than it was: then what is left of it is read instead."""
        if error.code not in SUSPICIOUS or not self.shapes.suspect(reading.sobject):
            return False
        reading.group = self.shapes.objects().get(reading.sobject, [])
        reading.at_end = not reading.group
        return True

    def _deletions_read(self, reading: _Reading) -> None:
        if reading.at_end:
            reading.cursor.deletions_to = self._present()
            with transaction.atomic():
                reading.cursor.save(update_fields=["deletions_to"])

    def _present(self) -> datetime:
        """Return the moment by the slower of both clocks: what one that runs ahead has passed over is never read."""
        return min(self.org.now(), now())

    def _ask(self, query: str) -> list[Record]:
        return list(self.org.query(query, deleted=True))

    def _cursors(self, sobjects: Iterable[str]) -> dict[str, PullCursor]:
        """Return how far each object was read, in one question: a poll of a quiet organisation is mostly this."""
        with transaction.atomic():
            known = {cursor.sobject: cursor for cursor in PullCursor.objects.all()}
            for sobject in sobjects:
                if sobject not in known:
                    known[sobject] = PullCursor.objects.get_or_create(sobject=sobject)[0]
        return known

    def _advance(self, reading: _Reading, stamp: datetime, last_id: str) -> None:
        """Move the cursor on; back only to a place from which the same reading goes on.

        Where that lies in the overlap, before the moment to which all was read once: else each slice would read the
        same page of it again, and no other. A second reading leaves the cursor where it is.
        """
        cursor = reading.cursor
        if cursor.stamp is not None and stamp < cursor.stamp and (reading.whole or not last_id):
            return
        cursor.stamp, cursor.last_id = stamp, last_id
        with transaction.atomic():
            cursor.save(update_fields=["stamp", "last_id"])

    def _query(self, reading: _Reading) -> str:
        sobject, group = reading.sobject, reading.group
        key = group[0].external_id
        names = ["Id", "SystemModstamp", "LastModifiedById", key, *fields_of_the_gone(sobject)]
        pulled = [field for one in group for field in one.columns if field.pulls]
        names += [*names_read(pulled), *dict.fromkeys(mark for one in group for mark in one.marks)]
        if any(one.column(CURRENCY_THERE) for one in group):
            names.append(CURRENCY_THERE)  # which only goes there, and says what an amount there is
        # Of what was merged away there our key may be gone.
        either = ["IsDeleted = true"]
        if is_pulled(group):
            either.insert(0, f"{key} != null")
        elif lost := _lost(group):
            # Of what only goes there nothing alive is read, but for what may be undeleted by now.
            either.append(soql.one_of("Id", lost))
        where = [either[0] if len(either) == 1 else f"({' OR '.join(either)})"]
        stamp, last_id = reading.start
        if stamp is not None:
            where.append(soql.after(stamp, last_id))
        return soql.select(sobject, names, where, order_by=["SystemModstamp", "Id"], limit=PAGE)


def _lost(group: Sequence[Mapping]) -> list[str]:
    """Return what was deleted there last; older ones that come back are found by the audit."""
    with transaction.atomic():
        gone = RecordLink.objects.filter(
            mapping__in=[one.key for one in group], state=RecordLink.State.DELETED_THERE
        )
        return list(gone.order_by("-updated_at").values_list("sf_id", flat=True)[:MOST_LOST])


def absorb(
    group: Sequence[Mapping],
    rows: Sequence[Row],
    report: Report,
    ask: Ask,
) -> set[UUID]:
    """Merge records as Salesforce shows them; return the ids here of those that were recognised.

    A record belongs to the mapping that has its link, else to the one that knows its external id.
    """
    recognised: set[UUID] = set()
    with acting_as(ACTOR):
        with transaction.atomic():
            found = routed(group, rows, report)
            at_rest = {mapping.key: resting.resting(mapping, pairs) for mapping, pairs in found}
        for mapping, pairs in found:
            recognised |= set(pairs)
            rest = at_rest[mapping.key]
            Merger(mapping, report, ask).merge(
                {record_id: row for record_id, row in pairs.items() if record_id not in rest}
            )
    return recognised


def routed(
    group: Sequence[Mapping], rows: Sequence[Row], report: Report
) -> list[tuple[Mapping, dict[UUID, Row]]]:
    """Return rows by the records here to which they belong, those of each mapping together."""
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
    # What left its mapping here while it was gone there is still known by its link.
    left = RecordLink.objects.filter(mapping__in=keys, record_id__in=list(unknown)) if unknown else ()
    for link in left:
        routed[link.mapping][link.record_id] = unknown.pop(link.record_id)
    if unknown:
        report.pull(group[0].key, "not_ours", len(unknown))
    return [(keys[key], pairs) for key, pairs in routed.items() if pairs]


def _record_id(row: Row, external_id: str) -> UUID | None:
    try:
        return UUID(str(row.get(external_id) or ""))
    except ValueError:
        return None
