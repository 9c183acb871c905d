"""Finds mass changes before they go, in either direction, and carries out what people decided about them.

One cause is a transaction here, or a user there, or a person here with many small changes within ten minutes. What is held is a field of a record like a
conflict that waits; everything else of the record goes on. A decision is carried out by the next run, in portions,
each of which may be repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Held
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from prm.core.clock import now
from prm.mapping import Mapping, Normal, Removed, decide
from prm.mapping.beside import theirs_of
from prm.salesforce.engine import pull, store, twins
from prm.salesforce.engine.apply import ACTOR, Ask, Row
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.present import present
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.engine.writing import Applying
from prm.salesforce.guards import rules
from prm.salesforce.guards.models import BY, GuardRules, HeldChange, MassChange, rules_of_tenant
from prm.salesforce.mapping import registry
from prm.salesforce.matches import queries as matches
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import BATCH, Org
from prm.tenancy.context import acting_as

LOOKED_AT = timedelta(minutes=10)
"""For so long a cause that is no mass is not looked at again, and small changes of one person or user are counted together."""

CHUNK = 500

_COUNT = """
    SELECT o.cause, count(*)
    FROM salesforce_outbox o
    JOIN salesforce_recordlink l USING (tenant_id, mapping, record_id)
    WHERE l.state = 'linked' AND o.mapping = %s AND o.cause = ANY(%s) AND o.waits_id IS NULL
    GROUP BY o.cause
    HAVING count(*) > %s
"""
_RECORDS = """
    SELECT record_id FROM salesforce_outbox
    WHERE mapping = %s AND cause = %s AND record_id > %s ORDER BY record_id LIMIT %s
"""


@dataclass(slots=True)
class _Found:
    """What one cause does to records of one mapping, by kind: (record, field) with title, before and after."""

    changes: dict[str, dict[tuple[UUID, str], tuple[str, Normal, Normal]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def add(self, record_id: UUID, name: str, title: str, before: Normal, after: Normal) -> None:
        """Count a field that is cleared or changed; what had no value before is neither."""
        if before is not None:
            kind = MassChange.Kind.CLEARED if after is None else MassChange.Kind.CHANGED
            self.changes[kind][(record_id, name)] = (title, before, after)

    def ids(self, kind: str) -> set[UUID]:
        """Return which records it is, however many fields of each."""
        return {record_id for record_id, _ in self.changes[kind]}


def _limits(found: GuardRules, kind: str) -> tuple[int, int]:
    return getattr(found, f"{kind}_records"), getattr(found, f"{kind}_percent")


def _lately(mapping: Mapping, direction: str, kind: str, cause: str) -> set[UUID]:
    """Return the records that one cause has changed within the window, and that were not held."""
    rows = MassChange.objects.filter(
        state=MassChange.State.PASSED, mapping=mapping.key, direction=direction, kind=kind, cause=cause,
        since__gte=now() - LOOKED_AT,
    )  # fmt: skip
    return {UUID(one) for seen in rows.values_list("seen", flat=True) for one in seen}


def _let_pass(
    mapping: Mapping, direction: MassChange.Direction, kind: str, cause: str, new: AbstractSet[UUID]
) -> None:
    """Remember records that are not many, so that the next ones of the cause are counted with them."""
    MassChange.objects.filter(state=MassChange.State.PASSED, since__lt=now() - LOOKED_AT).delete()
    if new:
        MassChange.objects.create(
            mapping=mapping.key, direction=direction, kind=kind, cause=cause, records=len(new),
            state=MassChange.State.PASSED, seen=sorted(str(one) for one in new),
        )  # fmt: skip


def _hold(mapping: Mapping, direction: MassChange.Direction, cause: str, found: _Found) -> None:
    """Keep what is a mass for a person, counted with what the cause did a while before.

    What belongs to one that waits already joins it.
    """
    thresholds = rules_of_tenant()
    total = RecordLink.objects.filter(mapping=mapping.key, state=RecordLink.State.LINKED).count()
    for kind, changes in found.changes.items():
        waiting = MassChange.objects.filter(
            mapping=mapping.key, direction=direction, kind=kind, cause=cause, state=MassChange.State.WAITING
        ).first()
        most, percent = _limits(thresholds, kind)
        if waiting is None and not rules.is_mass(total, total, most=most, percent=percent):
            continue  # so many records there are not
        if waiting is None:
            before = _lately(mapping, direction, kind, cause)
            ids = found.ids(kind)
            if not rules.is_mass(len(before | ids), total, most=most, percent=percent):
                _let_pass(mapping, direction, kind, cause, ids - before)
                continue
        mass = waiting or MassChange.objects.create(
            mapping=mapping.key, direction=direction, kind=kind, cause=cause, total=total
        )
        HeldChange.objects.bulk_create(
            [
                HeldChange(
                    mass=mass, mapping=mapping.key, record_id=record_id, field=name, title=title[:255],
                    before=before, after=after,
                )
                for (record_id, name), (title, before, after) in changes.items()
            ],
            batch_size=1000,
            ignore_conflicts=True,
        )  # fmt: skip
        mass.records = mass.changes.values("record_id").distinct().count()
        mass.save(update_fields=["records"])


# --- from here to Salesforce ----------------------------------------------------------------------


def look_out(mapping: Mapping, rows: Sequence[Claimed]) -> None:
    """Hold what is a mass change of what made these records dirty, before the first record of it is sent.

    All of a transaction is seen at once, so whoever has claimed one of its records sees them all. Small changes of one
    person are counted together for a while. What the engine itself made dirty is nobody's change.
    """
    wanted = sorted({row.cause for row in rows if row.cause > 0})
    if not wanted:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [mapping.key, wanted, _least(rules_of_tenant())])
            groups: list[tuple[int, int]] = cursor.fetchall()
        passed = _passed(mapping, wanted) if groups else {}
    for cause, count in groups:
        if passed.get(cause, 0) < count:
            _look_at(mapping, cause, count)
    large = {cause for cause, _ in groups}
    _look_at_small(mapping, [row for row in rows if row.cause > 0 and row.cause not in large])


def _look_at_small(mapping: Mapping, rows: Sequence[Claimed]) -> None:
    """Look at small changes by who made them: a program may clear a thousand records one by one."""
    by_person: dict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        by_person[row.made_by].append(row.record_id)
    for made_by, ids in by_person.items():
        found = _Found()
        with transaction.atomic():
            _compare(mapping, ids, found)
            _hold(mapping, MassChange.Direction.PUSH, f"{BY}{made_by or 'somebody'}"[:40], found)


def _least(found: GuardRules) -> int:
    """Return the number of records up to which nothing is a mass change."""
    return min(rules.LEAST, found.changed_records, found.cleared_records, found.deleted_records)


def _passed(mapping: Mapping, causes: Sequence[int]) -> dict[int, int]:
    """Return by cause how many records of it were looked at lately and were no mass."""
    seen = MassChange.objects.filter(state=MassChange.State.PASSED)
    seen.filter(since__lt=now() - LOOKED_AT).delete()
    rows = seen.filter(mapping=mapping.key, cause__in=[str(cause) for cause in causes])
    return {
        int(cause): records for cause, records in rows.order_by("records").values_list("cause", "records")
    }


def _look_at(mapping: Mapping, cause: int, count: int) -> None:
    found, last = _Found(), UUID(int=0)
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_RECORDS, [mapping.key, cause, last, CHUNK])
                ids: list[UUID] = [row[0] for row in cursor.fetchall()]
            if not ids:
                break
            _compare(mapping, ids, found)
        last = ids[-1]
    with transaction.atomic():
        _hold(mapping, MassChange.Direction.PUSH, str(cause), found)
        MassChange.objects.create(
            mapping=mapping.key, direction=MassChange.Direction.PUSH, kind=MassChange.Kind.CHANGED,
            cause=str(cause), records=count, state=MassChange.State.PASSED,
        )  # fmt: skip


def _compare(mapping: Mapping, ids: Sequence[UUID], found: _Found) -> None:
    ours = present(mapping, ids)
    two_way = [one.there for one in mapping.written if one.pulls]
    adopted = matches.adopted(mapping.key, ids) if mapping.removed is Removed.DELETE else set()
    for record_id, link in store.links_of(mapping, ids).items():
        if link.state != RecordLink.State.LINKED:
            continue
        mine = ours.get(record_id)
        if mine is None:
            if mapping.removed is Removed.DELETE and record_id not in adopted:
                title = store.title_of(mapping, link.agreed)
                found.changes[MassChange.Kind.DELETED][(record_id, "")] = (title, None, None)
            continue
        for name in two_way:
            before = link.apart.get(name, link.agreed.get(name))
            if name in mine.normals and name in link.agreed and mine.normals[name] != before:
                found.add(record_id, name, mine.title, before, mine.normals[name])


# --- from Salesforce to here ----------------------------------------------------------------------


class Inbound:
    """Watches one reading: holds what one user there does to many records, before it is merged."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Found] = defaultdict(_Found)

    def look(self, group: Sequence[Mapping], rows: Sequence[Row]) -> None:
        """Look at a page of living rows; opens its own transaction."""
        for first in range(0, len(rows), CHUNK):
            with transaction.atomic():
                for mapping, pairs in pull.routed(group, rows[first : first + CHUNK], Report()):
                    self._compare(mapping, pairs)
        if not self._found:
            return
        with transaction.atomic():
            for (key, user), found in self._found.items():
                _hold(registry.mapping(key), MassChange.Direction.PULL, user, found)

    def _compare(self, mapping: Mapping, pairs: dict[UUID, Row]) -> None:
        """Decide about the records that are not as agreed: echoes of our own writes are none of them."""
        moved: dict[UUID, tuple[RecordLink, dict[str, Normal]]] = {}
        for record_id, link in store.links_of(mapping, pairs).items():
            theirs, _ = theirs_of(mapping.columns, pairs[record_id])
            if link.state == RecordLink.State.LINKED and any(
                one.pulls and one.there in theirs and theirs[one.there] != link.agreed.get(one.there)
                for one in mapping.columns
            ):
                moved[record_id] = (link, theirs)
        ours = present(mapping, list(moved)) if moved else {}
        sent = store.unanswered(mapping, moved) if moved else {}
        for record_id, mine in ours.items():
            link, theirs = moved[record_id]
            decision = decide.decide(
                mapping.columns, agreed=link.agreed, apart=link.apart, ours=mine.normals, theirs=theirs,
                sent=sent.get(record_id),
            )  # fmt: skip
            user = str(pairs[record_id].get("LastModifiedById") or "")[:15]
            for name, value in decision.apply.items():
                before = mine.normals.get(name)
                self._found[(mapping.key, user)].add(record_id, name, mine.title, before, value)


# --- what people decided --------------------------------------------------------------------------


class Settling:
    """Carries out decisions about mass changes; what rests in Salesforce at present waits until it is there again."""

    def __init__(
        self, org: Org, report: Report, keep: Callable[[], None], ask: Ask, mappings: dict[str, Mapping]
    ) -> None:
        self.mappings = mappings
        self.org = org
        self.report = report
        self.keep = keep
        self.ask = ask

    def all(self) -> None:
        """Carry out what is decided and not done yet."""
        with transaction.atomic():
            decided = list(
                MassChange.objects.filter(
                    state__in=(MassChange.State.APPROVED, MassChange.State.REFUSED), settled_at__isnull=True
                )
            )
        for mass in decided:
            if mass.mapping in registry.mappings() and mass.mapping not in self.mappings:
                continue
            while self._portion(mass):
                self.keep()
            mass.settled_at = now()
            with transaction.atomic():
                mass.save(update_fields=["settled_at"])

    def _portion(self, mass: MassChange) -> bool:
        with transaction.atomic():
            changes = list(mass.changes.order_by("record_id", "field")[:BATCH])
        mapping = self.mappings.get(mass.mapping)
        if changes and mapping is not None:
            is_push = mass.direction == MassChange.Direction.PUSH
            if mass.state == MassChange.State.APPROVED:
                (self._send if is_push else self._read)(mapping, changes)
            else:
                (self._take_back if is_push else self._insist)(mapping, changes)
        with transaction.atomic():
            mass.changes.filter(pk__in=[one.pk for one in changes]).delete()
        return bool(changes)

    def _send(self, mapping: Mapping, changes: Sequence[HeldChange]) -> None:
        with transaction.atomic():
            store.enqueue(mapping, {one.record_id for one in changes}, cause=store.APPROVED)

    def _read(self, mapping: Mapping, changes: Sequence[HeldChange]) -> None:
        ids = sorted({one.record_id for one in changes})
        self.keep()
        (rows,) = self.org.read([twins.query(mapping, ids)])
        if isinstance(rows, errors.SalesforceError):
            raise rows
        twins.meet(mapping, ids, rows, self.report, self.ask, requeue=True)

    def _take_back(self, mapping: Mapping, changes: Sequence[HeldChange]) -> None:
        """Bring the values here back that Salesforce holds; what was deleted here stays there, untied.

        A field that somebody has changed again since is his.
        """
        by_record: dict[UUID, list[HeldChange]] = defaultdict(list)
        for one in changes:
            by_record[one.record_id].append(one)
        for record_id, some in by_record.items():
            with acting_as(ACTOR), transaction.atomic():
                store.lock_record(mapping, record_id)
                mine = present(mapping, [record_id]).get(record_id)
                if any(not one.field for one in some) and mine is None:
                    RecordLink.objects.filter(mapping=mapping.key, record_id=record_id).update(
                        state=RecordLink.State.GONE_HERE
                    )
                    store.enqueue(mapping, [record_id], cause=store.APPROVED)
                elif mine is not None:
                    values = {
                        one.field: one.before
                        for one in some
                        if one.field and mine.normals.get(one.field) == one.after
                    }
                    self._write(mapping, record_id, values)

    def _insist(self, mapping: Mapping, changes: Sequence[HeldChange]) -> None:
        """Have our values written over those of Salesforce: theirs count as the last ones of both sides.

        What had been taken over here before it was known that there are so many is taken back first.
        """
        by_record: dict[UUID, list[HeldChange]] = defaultdict(list)
        for one in changes:
            by_record[one.record_id].append(one)
        with acting_as(ACTOR):
            with transaction.atomic():
                free = store.lock_free(mapping, by_record)
                self._write_over(mapping, {record_id: by_record[record_id] for record_id in free})
            # What somebody is just changing is waited for while nothing else is held.
            for record_id in sorted(by_record.keys() - free):
                with transaction.atomic():
                    store.lock_record(mapping, record_id)
                    self._write_over(mapping, {record_id: by_record[record_id]})

    def _write_over(self, mapping: Mapping, by_record: Held[UUID, Sequence[HeldChange]]) -> None:
        ours, links = present(mapping, list(by_record)), store.links_of(mapping, by_record)
        for record_id, changes in by_record.items():
            for one in changes:
                mine = ours.get(record_id)
                if mine is not None and mine.normals.get(one.field) == one.after != one.before:
                    self._write(mapping, record_id, {one.field: one.before})
                if record_id in links:
                    store.set_base(links[record_id], one.field, one.after, one.after)
        store.save_links(links.values())
        store.enqueue(mapping, links, cause=store.APPROVED)

    def _write(self, mapping: Mapping, record_id: UUID, values: dict[str, Normal]) -> None:
        """Write values here through the app's service; what it refuses is a problem of its field."""
        for name, words in Applying(mapping, record_id).apply(values).items():
            store.note_problem(
                mapping,
                record_id,
                kind=SyncProblem.Kind.REFUSED_HERE,
                message=words,
                field=name,
                fields=[name],
            )
