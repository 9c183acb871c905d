"""Compares every record on both sides, says why they differ, and, when asked, repairs what is decided.

Catches what no polling can: hard deletes, rows that became visible very late, values that
Salesforce accepts and ignores, and records that carry our id but are not ours any more.

Decided, and repaired: what was read too late (the records are read again and merged like any), values and parents that
only go there and were changed there (ours are sent anew), records that nobody has sent yet. What is a person's to
decide stays a problem or a conflict: records that are gone there, values that one side refuses.

It takes long, and the lane with it: `keep` may exchange what others wait for between two calls. What was exchanged since
the records there were read is compared by the next audit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from prm.core.clock import now
from prm.mapping import Mapping, names_read
from prm.mapping.beside import beside, theirs_of
from prm.mapping.persons import IS_PERSON
from prm.salesforce.engine import resting, store, twins
from prm.salesforce.engine.models import Conflict, Outbox, RecordLink, SyncProblem
from prm.salesforce.engine.present import NOT_THERE, Present, present
from prm.salesforce.engine.report import Comparison, Difference, FieldDifference, Report
from prm.salesforce.guards import models as guards
from prm.salesforce.matches import queries as matches
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import BATCH, PAGE, Org, Record

SHOWN = 100
"""Differences listed per mapping; all are counted."""

CHUNK = 500


def compare(
    org: Org, keep: Callable[[], None], mappings: dict[str, Mapping], *, report: Report | None = None
) -> dict[str, Comparison]:
    """Return, per mapping as it can be kept in step at present, counts and the differences, each with its reason.

    With a `report` what is decided is repaired, and counted there; the caller sends what became dirty by it.
    """
    with transaction.atomic():
        # Months go by: what has left the scope with them rests from now on.
        resting.refresh()
    return {
        key: _Audit(org, mapping, keep, report).run() for key, mapping in mappings.items() if mapping.pushed
    }


class _Audit:
    """The comparison of one mapping."""

    def __init__(self, org: Org, mapping: Mapping, keep: Callable[[], None], report: Report | None) -> None:
        self.org = org
        self.report = report
        self.mapping = mapping
        self.keep = keep
        self.began = now()
        self.same = 0
        self.at_rest = 0
        self.missing_there = 0
        self.different = 0
        self.shown: list[Difference] = []
        # What differs without anybody's decision being waited for: record → fields, none for a missing one.
        self._broken: dict[UUID, list[FieldDifference]] = {}

    def run(self) -> Comparison:
        theirs = self._theirs()
        here = 0
        for ids in self._ids():
            with transaction.atomic():
                here += self._compare(ids, theirs)
            if self.report is not None and self._broken:
                self._repair(self.report)
        # Two mappings may share an object: what the other one knows is not foreign.
        with transaction.atomic():
            others = RecordLink.objects.exclude(mapping=self.mapping.key).filter(record_id__in=list(theirs))
            for record_id in others.values_list("record_id", flat=True):
                theirs.pop(record_id, None)
            self._show_foreign(theirs)
        if self.report is not None and self._broken:
            self._repair(self.report)
        return {
            "here": here,
            "at_rest": self.at_rest,
            "same": self.same,
            "different": self.different,
            "missing_there": self.missing_there,
            "only_there": len(theirs),
            "differences": self.shown,
        }

    def _ids(self) -> Iterator[list[UUID]]:
        last = UUID(int=0)
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT id FROM "{self.mapping.table}" WHERE id > %s ORDER BY id LIMIT %s',  # nosec B608 # names are our own, values are parameters
                    [last, CHUNK],
                )
                ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return
            yield ids
            last = ids[-1]

    def _theirs(self) -> dict[UUID, Record]:
        """All records there that carry our id, read by Id because nothing else is stable."""
        key = self.mapping.external_id
        pushed = [one for one in self.mapping.columns if one.pushes]
        names = ["Id", key, *names_read(pushed), *self.mapping.marks]
        found: dict[UUID, Record] = {}
        last_id = ""
        while True:
            self.keep()
            where = [f"{key} != null"] + ([f"Id > {soql.text(last_id)}"] if last_id else [])
            query = soql.select(self.mapping.sobject, names, where, order_by=["Id"], limit=PAGE)
            rows = list(self.org.query(query))
            for row in rows:
                try:
                    found[UUID(str(row[key]))] = row
                except ValueError:
                    continue
            if len(rows) < PAGE:
                return found
            last_id = str(rows[-1]["Id"])

    def _compare(self, ids: list[UUID], theirs: dict[UUID, Record]) -> int:
        values = present(self.mapping, ids)
        for record_id in resting.resting(self.mapping, values):
            # Outside the scope: what of it is there is neither compared nor foreign.
            del values[record_id]
            theirs.pop(record_id, None)
            self.at_rest += 1
        reasons = _Reasons(self.mapping, ids, self.began)
        for record_id, ours in values.items():
            row = theirs.pop(record_id, None)
            if row is None:
                self.missing_there += 1
                self._show(record_id, ours.title, [], reasons.why(record_id, []))
                if not reasons.is_known(record_id):
                    self._broken[record_id] = []
                continue
            fields = self._fields(ours, row)
            if record_id in reasons.returned:
                self.different += 1
                self._show(record_id, ours.title, fields, _RETURNED)
                self._broken[record_id] = fields
            elif fields:
                self.different += 1
                self._show(record_id, ours.title, fields, reasons.why(record_id, fields))
                if broken := reasons.unexplained(record_id, fields):
                    self._broken[record_id] = broken
            else:
                self.same += 1
        return len(values)

    def _repair(self, report: Report) -> None:
        """Read the records again and merge them; what only goes there and differs is sent anew."""
        broken, self._broken = self._broken, {}
        only_there = {one.there for one in self.mapping.columns if not one.pulls}
        ids = sorted(broken)
        for first in range(0, len(ids), BATCH):
            some = ids[first : first + BATCH]
            self.keep()
            (rows,) = self.org.read([twins.query(self.mapping, some)])
            if isinstance(rows, errors.SalesforceError):
                raise rows
            with transaction.atomic():
                links = store.links_of(self.mapping, some)
                for record_id, link in links.items():
                    for each in broken[record_id]:
                        if each["field"] in only_there:
                            store.set_base(link, each["field"], each["there"], each["there"])
                store.save_links(links.values())
                store.enqueue(self.mapping, some, anew=False)
            twins.meet(self.mapping, some, rows, report, self._ask, requeue=True)
        report.pull(self.mapping.key, "repaired", len(ids))

    def _ask(self, query: str) -> list[Record]:
        return list(self.org.query(query, deleted=True))

    def _show_foreign(self, theirs: dict[UUID, Record]) -> None:
        """List what carries our id there and is not kept in step here, with what is known of it."""
        links = store.links_of(self.mapping, theirs)
        for record_id, row in sorted(theirs.items()):
            link = links.get(record_id)
            reason = _FOREIGN
            if link is not None:
                kept = link.state == RecordLink.State.GONE_HERE
                reason = _LEFT if kept else _LEAVES
                if not kept:
                    self._broken[record_id] = []
            self._show(record_id, str(row.get(self.mapping.title) or row["Id"]), [], reason)

    def _fields(self, ours: Present, row: Record) -> list[FieldDifference]:
        if self.mapping.marks and (row.get(IS_PERSON) is True) is not ours.person:
            return [{"field": IS_PERSON, "here": ours.person, "there": row.get(IS_PERSON) is True}]
        found: list[FieldDifference] = []
        there, unread = theirs_of(self.mapping.columns, row)
        normals = beside(self.mapping, ours.normals, there)
        for one in self.mapping.columns:
            if not one.pushes or one.once or not self.mapping.compares(one, ours.person, normals, ours.unfit):
                continue
            theirs = str(row.get(one.there)) if one.there in unread else there.get(one.there)
            mine = normals.get(one.there)
            if one.fixed and None in (mine, theirs):
                continue  # made as another kind of member than it would be now
            if theirs != mine or one.there in ours.unfit:
                found.append({"field": one.there, "here": mine, "there": theirs})
        return found

    def _show(self, record_id: UUID, title: str, fields: list[FieldDifference], reason: str) -> None:
        if len(self.shown) < SHOWN:
            self.shown.append({"id": str(record_id), "title": title, "fields": fields, "reason": reason})


class _Reasons:
    """Why records of a chunk differ, as a whole or field by field, from what the engine knows about them."""

    def __init__(self, mapping: Mapping, ids: list[UUID], began: datetime) -> None:
        known = {"mapping": mapping.key, "record_id__in": ids}
        self.whole: dict[UUID, str] = {}
        self.fields: dict[tuple[UUID, str], str] = {}
        # What has its turn: of a field that has a reason of its own, that one is told.
        self.turns: dict[UUID, str] = {}
        # Other than they were when the records there were read.
        recent = RecordLink.objects.filter(**known, updated_at__gte=began).values_list("record_id", flat=True)
        self.turns |= dict.fromkeys(recent, "It was exchanged while it was being compared.")
        queued = Outbox.objects.filter(**known).values_list("record_id", flat=True)
        self.turns |= dict.fromkeys(queued, "Waits to be sent.")
        if mapping.adopt is not None:
            unread = matches.awaits_reading(mapping)
            known_there = RecordLink.objects.filter(**known).values_list("record_id", flat=True)
            undecided = set(ids) - set(known_there) if unread else matches.undecided(mapping.key, ids)
            self.whole |= dict.fromkeys(undecided, _UNDECIDED)
        # Counted as gone, or as to be made again, by now.
        self.returned: set[UUID] = set()
        states = RecordLink.objects.filter(**known).values_list("record_id", "apart", "state")
        for record_id, apart, state in states:
            if state in NOT_THERE and record_id not in self.turns:
                self.returned.add(record_id)
            for name in apart:
                self._say(record_id, name, "Each side keeps its own spelling of the same value.")
        for record_id, names in guards.held(mapping.key, ids).items():
            for name in names:
                self._say(record_id, name, "Part of a mass change that waits for a person.")
        waiting = Conflict.objects.filter(**known, state=Conflict.State.OPEN)
        for record_id, name in waiting.values_list("record_id", "there"):
            self._say(record_id, name, "Both sides changed it; somebody must choose.")
        for each in SyncProblem.objects.filter(**known):
            words = f"{each.code}: {each.message}" if each.code else each.message
            self._say(each.record_id, each.field, words)

    def _say(self, record_id: UUID, name: str, words: str) -> None:
        """Give a reason for one field, or for the whole record (""); what is said later is the better reason."""
        if name:
            self.fields[record_id, name] = words
        else:
            self.whole[record_id] = words

    def is_known(self, record_id: UUID) -> bool:
        """Whether the whole record waits for a person or for its turn."""
        return record_id in self.whole or record_id in self.turns

    def unexplained(self, record_id: UUID, fields: Sequence[FieldDifference]) -> list[FieldDifference]:
        """Return the fields that differ and for which nobody and nothing is waited."""
        if self.is_known(record_id):
            return []
        return [one for one in fields if (record_id, one["field"]) not in self.fields]

    def why(self, record_id: UUID, fields: Sequence[FieldDifference]) -> str:
        """Return why a record differs in these fields; without fields, why it is not there."""
        if record_id in self.whole:
            return self.whole[record_id]
        turn = self.turns.get(record_id, "")
        if not fields:
            return turn or "It is not in Salesforce (deleted there without a trace, or not visible to us)."
        reasons = [self.fields.get((record_id, one["field"]), turn or _UNREAD) for one in fields]
        return " ".join(dict.fromkeys(reasons))


_UNDECIDED = "It may be in Salesforce already; somebody decides under Adopt accounts."
_LEFT = "It is not kept in step here any more; what was sent of it stays in Salesforce."
_LEAVES = (
    "It is not kept in step here any more; the next push takes it out of Salesforce, or leaves it there."
)
_FOREIGN = (
    "It carries an id of ours, and no record here has it: deleted here and brought back there, or made by another "
    "installation of PRM."
)
_RETURNED = "It was deleted in Salesforce and is there again."
_UNREAD = "Changed in Salesforce in a field that only goes there, or not read yet."
