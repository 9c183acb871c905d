"""Finds mass changes before they go, in either direction, and carries out what people decided about them.

One cause is a transaction here, or a user there within one reading. What is held is a field of a record like a
conflict that waits; everything else of the record goes on. A decision is carried out by the next run, in portions,
each of which may be repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from prm.core.clock import now
from prm.mapping import Mapping, Normal, Removed
from prm.salesforce.engine import decide, pull, store, twins
from prm.salesforce.engine.apply import ACTOR, Applying, Ask, Merger, Row
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.present import Present, present
from prm.salesforce.engine.report import Report
from prm.salesforce.guards import rules
from prm.salesforce.guards.models import GuardRules, HeldChange, MassChange, rules_of_tenant
from prm.salesforce.mapping import registry
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import BATCH, Org
from prm.tenancy.context import acting_as

LOOKED_AT = timedelta(minutes=10)
"""For so long a cause that is no mass is not looked at again."""

CHUNK = 500

_GROUPS = """
    SELECT o.mapping, o.cause, count(*)
    FROM salesforce_outbox o
    JOIN salesforce_recordlink l USING (tenant_id, mapping, record_id)
    WHERE l.state = 'linked' AND o.cause >= 0 AND o.waits_id IS NULL
    GROUP BY o.mapping, o.cause
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

    def records(self, kind: str) -> int:
        """Return how many records it is, however many fields of each."""
        return len({record_id for record_id, _ in self.changes[kind]})


def _limits(found: GuardRules, kind: str) -> tuple[int, int]:
    return getattr(found, f"{kind}_records"), getattr(found, f"{kind}_percent")


def _hold(mapping: Mapping, direction: MassChange.Direction, cause: str, found: _Found) -> bool:
    """Keep what is a mass for a person; whether anything is. What belongs to one that waits already joins it."""
    thresholds = rules_of_tenant()
    total = RecordLink.objects.filter(mapping=mapping.key, state=RecordLink.State.LINKED).count()
    any_held = False
    for kind, changes in found.changes.items():
        waiting = MassChange.objects.filter(
            mapping=mapping.key, direction=direction, kind=kind, cause=cause, state=MassChange.State.WAITING
        ).first()
        most, percent = _limits(thresholds, kind)
        if waiting is None and not rules.is_mass(found.records(kind), total, most=most, percent=percent):
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
        any_held = True
    return any_held


# --- from here to Salesforce ----------------------------------------------------------------------


def look_out(mappings: dict[str, Mapping]) -> None:
    """Hold mass changes among the dirty records of the tenant in scope, before they are sent.

    `mappings` are those that can be kept in step at present.
    """
    with transaction.atomic():
        MassChange.objects.filter(state=MassChange.State.PASSED, since__lt=now() - LOOKED_AT).delete()
        with connection.cursor() as cursor:
            cursor.execute(_GROUPS, [rules.LEAST])
            groups: list[tuple[str, int, int]] = cursor.fetchall()
        seen = set(
            MassChange.objects.filter(state=MassChange.State.PASSED).values_list(
                "mapping", "cause", "records"
            )
        )
    for key, cause, count in groups:
        passed = any(one[:2] == (key, str(cause)) and one[2] >= count for one in seen)
        if key in mappings and not passed:
            _look_at(mappings[key], cause, count)


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
        if not _hold(mapping, MassChange.Direction.PUSH, str(cause), found):
            MassChange.objects.create(
                mapping=mapping.key, direction=MassChange.Direction.PUSH, kind=MassChange.Kind.CHANGED,
                cause=str(cause), records=count, state=MassChange.State.PASSED,
            )  # fmt: skip


def _compare(mapping: Mapping, ids: Sequence[UUID], found: _Found) -> None:
    ours = present(mapping, ids)
    two_way = [one.there for one in mapping.written if one.pulls]
    for record_id, link in store.links_of(mapping, ids).items():
        if link.state != RecordLink.State.LINKED:
            continue
        mine = ours.get(record_id)
        if mine is None:
            if mapping.removed is Removed.DELETE:
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

    def look(self, group: Sequence[Mapping], rows: Sequence[Row], report: Report, ask: Ask) -> None:
        """Look at a page of living rows; opens its own transaction."""
        for first in range(0, len(rows), CHUNK):
            with transaction.atomic():
                for mapping, pairs in pull.routed(group, rows[first : first + CHUNK], Report()):
                    self._compare(mapping, pairs, Merger(mapping, report, ask))
        with transaction.atomic():
            for (key, user), found in self._found.items():
                _hold(registry.mapping(key), MassChange.Direction.PULL, user, found)

    def _compare(self, mapping: Mapping, pairs: dict[UUID, Row], merger: Merger) -> None:
        links = store.links_of(mapping, pairs)
        ours = present(mapping, list(links))
        for record_id, link in links.items():
            if link.state != RecordLink.State.LINKED or record_id not in ours:
                continue
            row = pairs[record_id]
            for name, value in self._taken(mapping, merger, link, ours[record_id], row).items():
                user = str(row.get("LastModifiedById") or "")[:15]
                before = ours[record_id].normals.get(name)
                self._found[(mapping.key, user)].add(record_id, name, ours[record_id].title, before, value)

    def _taken(
        self, mapping: Mapping, merger: Merger, link: RecordLink, ours: Present, row: Row
    ) -> dict[str, Normal]:
        theirs, _ = merger.theirs(row)
        decision = decide.decide(
            mapping.columns, agreed=link.agreed, apart=link.apart, ours=ours.normals, theirs=theirs
        )
        return decision.apply


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
                pass
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
        """Bring the values here back that Salesforce holds; what was deleted here stays there, untied."""
        by_record: dict[UUID, dict[str, Normal]] = defaultdict(dict)
        for one in changes:
            by_record[one.record_id][one.field] = one.before
        for record_id, values in by_record.items():
            with acting_as(ACTOR), transaction.atomic():
                store.lock_records(mapping, [record_id])
                if "" in values:
                    RecordLink.objects.filter(mapping=mapping.key, record_id=record_id).update(
                        state=RecordLink.State.GONE_HERE
                    )
                    store.enqueue(mapping, [record_id], cause=store.APPROVED)
                    continue
                for name, words in Applying(mapping, record_id).apply(values).items():
                    store.note_problem(
                        mapping,
                        record_id,
                        kind=SyncProblem.Kind.REFUSED_HERE,
                        message=words,
                        field=name,
                        fields=[name],
                    )

    def _insist(self, mapping: Mapping, changes: Sequence[HeldChange]) -> None:
        """Have our values written over those of Salesforce: theirs count as the last ones of both sides."""
        with transaction.atomic():
            links = store.links_of(mapping, {one.record_id for one in changes})
            for one in changes:
                if one.record_id in links:
                    store.set_base(links[one.record_id], one.field, one.after, one.after)
            store.save_links(links.values())
            store.enqueue(mapping, links, cause=store.APPROVED)
