"""Records outside the scope of a tenant: they rest. What is there stays, its link stays, and nothing is exchanged.

`AtRest` remembers them, so that what comes back is found and becomes dirty with what belongs to it, and so that other
apps' SQL can tell (`prm_at_rest`). It is kept up by batch, as dirty records are looked at, and as a whole when the
scope changes, at the start and by every audit, since months go by. Call inside a transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from prm.core.clock import now
from prm.mapping import Mapping
from prm.salesforce.engine import queue, store
from prm.salesforce.engine.models import AtRest, SyncProblem
from prm.salesforce.engine.queue import Claimed
from prm.salesforce.engine.report import Report
from prm.salesforce.mapping import registry, scoping
from prm.salesforce.mapping.scoping import Moment, Value
from prm.tenancy.context import current_tenant

_LASTING = (SyncProblem.Kind.DELETED_THERE, SyncProblem.Kind.MERGED_THERE)


@dataclass(slots=True)
class Moved:
    """Records that have left the scope, and those that are in it again."""

    left: list[UUID] = field(default_factory=list)
    back: list[UUID] = field(default_factory=list)

    @property
    def all(self) -> list[UUID]:
        """Both."""
        return [*self.left, *self.back]


def moment() -> Moment:
    """Return when and where it is asked."""
    return Moment(now(), current_tenant())


def outside(mapping: Mapping, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return which of these records the scope in force (or the one that is tried) leaves out, and why."""
    known, wanted = registry.mappings(), list(ids)
    if not wanted or not scoping.leaves_out(mapping, known):
        return {}
    found = scoping.rows(mapping, known, moment(), "r.id = ANY(%s)")
    with connection.cursor() as cursor:
        cursor.execute(found.sql, [*found.values, wanted])
        return dict(cursor.fetchall())


def count_outside(mapping: Mapping, known: scoping.Known) -> int:
    """Return how many records the scopes of some mappings leave out of one."""
    if not scoping.leaves_out(mapping, known):
        return 0
    found = scoping.rows(mapping, known, moment())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({found.sql}) f", found.values)  # nosec B608 # names are our own, values are parameters
        return int(cursor.fetchone()[0])


def resting(mapping: Mapping, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these records were outside the scope when they were looked at last."""
    rows = AtRest.objects.filter(mapping=mapping.key, record_id__in=list(ids))
    return set(rows.values_list("record_id", flat=True))


def since(mapping: Mapping, record_id: UUID) -> datetime | None:
    """Return when a record was first seen to be outside the scope."""
    rows = AtRest.objects.filter(mapping=mapping.key, record_id=record_id)
    return rows.values_list("since", flat=True).first()


def claim(
    mapping: Mapping, most: int, report: Report, *, unknown: bool = False, edits: bool = False
) -> list[Claimed]:
    """Claim dirty records as `queue.claim` does, without those outside the scope, which are done with that."""
    while claimed := queue.claim(mapping, most, unknown=unknown, edits=edits):
        # What was sent without an answer is resolved, wherever it belongs by now.
        inside = claimed if unknown else leave(mapping, claimed)
        if outside := len(claimed) - len(inside):
            report.push(mapping.key, "resting", outside)
        if inside:
            return inside
    return []


def leave(mapping: Mapping, claimed: Sequence[Claimed]) -> list[Claimed]:
    """Let go what is outside the scope, whose rows are locked; return the others.

    What has come back or left is noted, and takes with it what belongs to it.
    """
    if not claimed or not scoping.leaves_out(mapping, registry.mappings()):
        return list(claimed)
    ids = [row.record_id for row in claimed]
    why = outside(mapping, ids)
    known = dict(
        AtRest.objects.filter(mapping=mapping.key, record_id__in=ids).values_list("record_id", "why")
    )
    moved = Moved(
        left=[record_id for record_id in why if record_id not in known],
        # What is gone here is not back: the planner sees that it rested.
        back=sorted(_present(mapping, known.keys() - why.keys())),
    )
    _note(mapping, {record_id: reason for record_id, reason in why.items() if known.get(record_id) != reason})
    AtRest.objects.filter(mapping=mapping.key, record_id__in=moved.back).delete()
    _forget_problems(mapping, moved.left)
    queue.finish(row for row in claimed if row.record_id in why)
    _follow(mapping, moved)
    return [row for row in claimed if row.record_id not in why]


def refresh(*, wake: bool = True) -> dict[str, Moved]:
    """Look at every record of every mapping, set-wise; what is in the scope again becomes dirty. Returns what moved.

    Without `wake` nothing becomes dirty: the caller compares everything anyway, or nothing is exchanged yet.
    """
    found = {}
    for key, mapping in registry.mappings().items():
        found[key] = _look(mapping)
        if wake:
            _wake(mapping, found[key])
    return found


def forget(mapping: Mapping, ids: Collection[UUID]) -> None:
    """Forget that records rested which are gone here."""
    AtRest.objects.filter(mapping=mapping.key, record_id__in=list(ids)).delete()


def _present(mapping: Mapping, ids: Collection[UUID]) -> set[UUID]:
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM "{mapping.table}" WHERE id = ANY(%s)', [list(ids)])  # nosec B608 # names are our own, values are parameters
        return {row[0] for row in cursor.fetchall()} & set(mapping.read(list(ids)))


def _note(mapping: Mapping, why: dict[UUID, str]) -> None:
    AtRest.objects.bulk_create(
        [
            AtRest(mapping=mapping.key, record_id=record_id, why=reason)
            for record_id, reason in sorted(why.items())
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tenant", "mapping", "record_id"],
        update_fields=["why"],
    )


def _follow(mapping: Mapping, moved: Moved) -> None:
    """Look at what belongs to records that have left or come back; what is back becomes dirty, itself is claimed."""
    if not moved.all:
        return
    for child in registry.mappings().values():
        for parent in child.parents:
            if parent.mapping != mapping.key or not parent.column:
                continue
            if parent.required:
                some = _look(child, f"{parent.column} = ANY(%s)", [moved.all])
                _wake(child, some)
                _follow(child, some)
            elif moved.back:
                store.enqueue(child, _having(child, parent.column, moved.back))


def _wake(mapping: Mapping, moved: Moved) -> None:
    store.enqueue(mapping, moved.back)


def _having(mapping: Mapping, column: str, ids: list[UUID]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT r.id FROM "{mapping.table}" r WHERE {column} = ANY(%s)', [ids])  # nosec B608 # names are our own, values are parameters
        return [row[0] for row in cursor.fetchall()]


# Reads the mapping's own table and what its scope rests on; writes who rests. One statement each for any number of records.
_LEFT = """
    INSERT INTO salesforce_atrest (id, tenant_id, mapping, record_id, why, since)
    SELECT gen_random_uuid(), current_setting('prm.tenant')::uuid, %s, f.record_id, f.why, clock_timestamp()
    FROM ({rows}) f
    LEFT JOIN salesforce_atrest a ON a.mapping = %s AND a.record_id = f.record_id
    WHERE a.why IS DISTINCT FROM f.why
    ORDER BY f.record_id
    ON CONFLICT (tenant_id, mapping, record_id) DO UPDATE SET why = EXCLUDED.why
    RETURNING record_id, xmax = 0
"""
# What is gone here stays until the planner has seen it: it rested, so nothing of it is taken out there.
_BACK = """
    DELETE FROM salesforce_atrest a USING "{table}" r
    WHERE a.mapping = %s AND a.record_id = r.id {also}
      AND NOT EXISTS (SELECT 1 FROM ({rows}) f WHERE f.record_id = a.record_id)
    RETURNING a.record_id
"""
# What waits for a record that rests would wait for ever: it is looked at, and rests with it.
_FREE = """
    UPDATE salesforce_outbox SET waits_mapping = '', waits_id = NULL, not_before = NULL
    WHERE id IN (SELECT id FROM salesforce_outbox WHERE mapping = %s AND record_id = ANY(%s) FOR UPDATE SKIP LOCKED)
"""


def _look(mapping: Mapping, where: str = "", values: Sequence[Value] = ()) -> Moved:
    """Note which records (all, or those of a condition on the row `r`) are outside; return what moved."""
    known = registry.mappings()
    if not scoping.leaves_out(mapping, known) and not AtRest.objects.filter(mapping=mapping.key).exists():
        return Moved()
    found = scoping.rows(mapping, known, moment(), where)
    also = f"AND ({where})" if where else ""
    moved = Moved()
    with connection.cursor() as cursor:
        cursor.execute(
            _LEFT.format(rows=found.sql),
            [mapping.key, *found.values, *values, mapping.key],
        )
        moved.left = [record_id for record_id, is_new in cursor.fetchall() if is_new]
        cursor.execute(
            _BACK.format(table=mapping.table, also=also, rows=found.sql),
            [mapping.key, *values, *found.values, *values],
        )
        moved.back = [row[0] for row in cursor.fetchall()]
        if moved.left:
            cursor.execute(_FREE, [mapping.key, moved.left])
    _forget_problems(mapping, moved.left)
    return moved


def _forget_problems(mapping: Mapping, ids: Collection[UUID]) -> None:
    """Forget why records were held that rest now; that one is gone there stays known."""
    if ids:
        known = SyncProblem.objects.filter(mapping=mapping.key, record_id__in=list(ids))
        known.exclude(kind__in=_LASTING).delete()
