"""Statements over the tables of events, all kinds at once. Names of tables and columns are our own, values parameters.

Each kind gives at most as many rows as the page needs, by an index (tenant and time, person, door, object, or what it is
about; see `prm.tenancy.audit`), so that a page costs the same however long the trail is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prm.audit.trail.events import EventKind, kinds
from prm.audit.trail.states import Door

Value = bool | int | str | datetime | UUID | list[int] | list[str] | None
Parameters = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Place:
    """A line's place in the trail: by time, then kind, then number."""

    at: datetime
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines are asked for; None and "" ask for all. `about`: ids of rows, or of what rows are about."""

    since: datetime | None = None
    until: datetime | None = None
    user_id: int | None = None
    door: str = ""
    kind: str = ""
    act: str = ""
    about: tuple[UUID, ...] | None = None


def select_lines(
    asked: Asked, tenant_id: UUID, *, most: int, after: Place | None, newer: bool
) -> tuple[str, Parameters]:
    """Return the statement for the lines after a place, the newest first; with `newer` those before it, oldest first.

    Columns: kind, pgh_id, at, act, obj, context, row (both JSON).
    """
    values = _values(asked, tenant_id) | {"most": most}
    turn = "" if newer else " DESC"
    parts = []
    for place, kind in enumerate(_asked_kinds(asked)):
        values[f"kind_{place}"] = kind.key
        for where in _wheres(kind, asked):
            beyond = _beyond(kind, after, newer, values) if after else ""
            parts.append(
                f'(SELECT %(kind_{place})s::text COLLATE "C" AS kind, e.pgh_id, e.pgh_created_at AS at,'  # nosec B608 # names are our own, values are parameters
                " e.pgh_label AS act, e.pgh_obj_id AS obj, e.pgh_context AS context, to_jsonb(e) AS row"
                f" FROM {kind.table} e WHERE {where}{beyond}"
                f" ORDER BY e.pgh_created_at{turn}, e.pgh_id{turn} LIMIT %(most)s)"
            )
    order = f"ORDER BY at{turn}, kind{turn}, pgh_id{turn} LIMIT %(most)s"
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS lines {order}", values  # nosec B608 # names are our own, values are parameters


def count_lines(asked: Asked, tenant_id: UUID, *, most: int) -> tuple[str, Parameters]:
    """Return the statement that counts the lines asked for, to one more than `most`."""
    parts = [
        f"SELECT 1 FROM {kind.table} e WHERE {where}"  # nosec B608 # names are our own, values are parameters
        for kind in _asked_kinds(asked)
        for where in _wheres(kind, asked)
    ]
    values = _values(asked, tenant_id) | {"most": most + 1}
    return (
        f"SELECT count(*) FROM (SELECT 1 FROM ({' UNION ALL '.join(parts)}) AS a LIMIT %(most)s) AS b",  # nosec B608 # names are our own, values are parameters
        values,
    )


def select_before(wanted: dict[str, Sequence[tuple[int, UUID]]], tenant_id: UUID) -> tuple[str, Parameters]:
    """Return the statement for each event's row as the event before it left it: kind, pgh_id, row."""
    values: Parameters = {"tenant": tenant_id}
    parts = []
    for place, (key, pairs) in enumerate(wanted.items()):
        table = kinds()[key].table
        values |= {
            f"kind_{place}": key,
            f"ids_{place}": [number for number, _ in pairs],
            f"rows_{place}": [str(row) for _, row in pairs],
        }
        parts.append(
            f"SELECT %(kind_{place})s::text AS kind, w.number,"  # nosec B608 # names are our own, values are parameters
            f" (SELECT to_jsonb(p) FROM {table} p WHERE p.tenant_id = %(tenant)s AND p.pgh_obj_id = w.obj"
            " AND p.pgh_id < w.number ORDER BY p.pgh_id DESC LIMIT 1)"
            f" FROM unnest(%(ids_{place})s::bigint[], %(rows_{place})s::uuid[]) AS w (number, obj)"
        )
    return " UNION ALL ".join(parts), values


def forget(table: str) -> str:
    """Return the statement that removes some of a table's events whose years are over; it answers how many."""
    return f"SELECT audit_forget('{table}'::regclass, %s)"  # nosec B608 # names are our own, values are parameters


def _asked_kinds(asked: Asked) -> list[EventKind]:
    found = kinds()
    if asked.kind:
        return [found[asked.kind]]
    return list(found.values())


def _values(asked: Asked, tenant_id: UUID) -> Parameters:
    return {
        "tenant": tenant_id,
        "since": asked.since,
        "until": asked.until,
        "person": asked.user_id,
        "door": asked.door,
        "act": asked.act,
        "about": [str(one) for one in asked.about or ()],
    }


def _wheres(kind: EventKind, asked: Asked) -> list[str]:
    """Return the conditions under which a kind's lines are asked for; one each that has an index of its own."""
    common = ["e.tenant_id = %(tenant)s"]
    if asked.since:
        common.append("e.pgh_created_at >= %(since)s")
    if asked.until:
        common.append("e.pgh_created_at < %(until)s")
    if asked.user_id is not None:
        common.append("e.pgh_person = %(person)s")
    if asked.door == Door.IMPORT:
        # Most lines: said so that the planner expects many, and reads by time instead of sorting all.
        common.append(
            f"e.pgh_door NOT IN ({', '.join(repr(one) for one in Door.values if one != Door.IMPORT)})"
        )
    elif asked.door:
        common.append("e.pgh_door = %(door)s AND e.pgh_door <> 'import'")
    if asked.act:
        common.append("e.pgh_label = %(act)s")
    if asked.about is None:
        return [" AND ".join(common)]
    found: list[str] = []
    before: list[str] = []
    for column in ("pgh_obj_id", *kind.about):
        # What a branch before has found, the next leaves out.
        others = [f"(e.{one} IS NULL OR NOT e.{one} = ANY(%(about)s::uuid[]))" for one in before]
        found.append(" AND ".join([*common, f"e.{column} = ANY(%(about)s::uuid[])", *others]))
        before.append(column)
    return found


def _beyond(kind: EventKind, after: Place, newer: bool, values: Parameters) -> str:
    """Return the condition that a kind's line stands after the place (`newer`: before it)."""
    values |= {"at": after.at, "number": after.number}
    sign = ">" if newer else "<"
    if kind.key == after.kind:
        return f" AND (e.pgh_created_at, e.pgh_id) {sign} (%(at)s, %(number)s)"
    comes_later = kind.key > after.kind if newer else kind.key < after.kind
    return f" AND e.pgh_created_at {sign}{'=' if comes_later else ''} %(at)s"
