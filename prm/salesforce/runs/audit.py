"""Compares every record on both sides and says why they differ. Reads only.

Catches what no polling can: hard deletes, rows that became visible very late, values that
Salesforce accepts and ignores, and records that carry our id but are not ours any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from django.db import connection, transaction

from prm.mapping import BadValue, Mapping
from prm.salesforce.engine.models import Conflict, Outbox, RecordLink, SyncProblem
from prm.salesforce.engine.present import Present, present
from prm.salesforce.engine.report import Comparison, Difference, FieldDifference
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import PAGE, Org, Record

SHOWN = 100
"""Differences listed per mapping; all are counted."""

CHUNK = 500


def compare(org: Org, keep: Callable[[], None], mappings: dict[str, Mapping]) -> dict[str, Comparison]:
    """Return, per mapping as it can be kept in step at present, counts and the differences, each with its reason."""
    return {key: _Audit(org, mapping, keep).run() for key, mapping in mappings.items() if mapping.pushed}


class _Audit:
    """The comparison of one mapping."""

    def __init__(self, org: Org, mapping: Mapping, keep: Callable[[], None]) -> None:
        self.org = org
        self.mapping = mapping
        self.keep = keep
        self.same = 0
        self.missing_there = 0
        self.different = 0
        self.shown: list[Difference] = []

    def run(self) -> Comparison:
        theirs = self._theirs()
        here = 0
        for ids in self._ids():
            with transaction.atomic():
                here += self._compare(ids, theirs)
        # Two mappings may share an object: what the other one knows is not foreign.
        foreign = sorted(theirs)
        with transaction.atomic():
            others = set(
                RecordLink.objects.exclude(mapping=self.mapping.key)
                .filter(record_id__in=foreign)
                .values_list("record_id", flat=True)
            )
        return {
            "here": here,
            "same": self.same,
            "different": self.different,
            "missing_there": self.missing_there,
            "only_there": len(set(foreign) - others),
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
        names = ["Id", key, *(one.there for one in self.mapping.columns if one.pushes)]
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
        reasons = _Reasons(self.mapping, ids)
        for record_id, ours in values.items():
            row = theirs.pop(record_id, None)
            if row is None:
                self.missing_there += 1
                self._show(record_id, ours.title, [], reasons.why(record_id, "missing"))
                continue
            fields = self._fields(ours, row)
            if fields:
                self.different += 1
                self._show(record_id, ours.title, fields, reasons.why(record_id, "different", fields))
            else:
                self.same += 1
        return len(values)

    def _fields(self, ours: Present, row: Record) -> list[FieldDifference]:
        found: list[FieldDifference] = []
        for one in self.mapping.columns:
            if not one.pushes:
                continue
            try:
                theirs = one.normal(row.get(one.there))
            except BadValue:
                theirs = str(row.get(one.there))
            mine = ours.normals.get(one.there)
            if theirs != mine or one.there in ours.unfit:
                found.append({"field": one.there, "here": mine, "there": theirs})
        return found

    def _show(self, record_id: UUID, title: str, fields: list[FieldDifference], reason: str) -> None:
        if len(self.shown) < SHOWN:
            self.shown.append({"id": str(record_id), "title": title, "fields": fields, "reason": reason})


class _Reasons:
    """Why records of a chunk differ, from what the engine knows about them."""

    def __init__(self, mapping: Mapping, ids: list[UUID]) -> None:
        known = {"mapping": mapping.key, "record_id__in": ids}
        self.problems: dict[UUID, SyncProblem] = {}
        # The record's own problem before those of its fields.
        for problem in SyncProblem.objects.filter(**known).order_by("-field"):
            self.problems[problem.record_id] = problem
        apart = RecordLink.objects.filter(**known).exclude(apart={})
        self.apart = dict(apart.values_list("record_id", "apart"))
        self.queued = set(Outbox.objects.filter(**known).values_list("record_id", flat=True))
        self.open = set(
            Conflict.objects.filter(**known, state=Conflict.State.OPEN).values_list("record_id", flat=True)
        )

    def why(self, record_id: UUID, what: str, fields: Sequence[FieldDifference] = ()) -> str:
        problem = self.problems.get(record_id)
        if problem is not None:
            return f"{problem.code}: {problem.message}" if problem.code else problem.message
        if record_id in self.open:
            return "Both sides changed it; somebody must choose."
        if record_id in self.queued:
            return "Waits to be sent."
        if fields and {one["field"] for one in fields} <= self.apart.get(record_id, {}).keys():
            return "Each side keeps its own spelling of the same value."
        if what == "missing":
            return "It is not in Salesforce (deleted there without a trace, or not visible to us)."
        return "Changed in Salesforce in a field that only goes there, or not read yet."
