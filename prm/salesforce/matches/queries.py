"""What the engine asks: which records wait for a decision, and which may pass a duplicate rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from prm.mapping import Mapping, Removed
from prm.salesforce.engine.models import Connection
from prm.salesforce.engine.plan import Doubts
from prm.salesforce.mapping import capture
from prm.salesforce.matches.models import RULE, UNDECIDED, Match


def undecided(mapping: str, ids: Iterable[UUID] | None = None) -> set[UUID]:
    """Return the records here of which a person has not decided yet whether they are there already."""
    wanted = None if ids is None else set(ids)
    rows = Match.objects.filter(mapping=mapping, state__in=UNDECIDED).values_list(
        "record_id", "candidates", "state"
    )
    found: set[UUID] = set()
    for record_id, candidates, state in rows.iterator():
        if record_id is not None:
            found.add(record_id)
        if state in (Match.State.OPEN, Match.State.LATER):
            found |= {UUID(each["id"]) for each in candidates}
    return found if wanted is None else found & wanted


def is_unread(mapping: str) -> bool:
    """Whether nobody has looked yet which records of a kind are there already."""
    read = Connection.objects.values_list("objects_read", flat=True).first()
    return read is not None and mapping not in read


def awaits_reading(one: Mapping) -> bool:
    """Whether new records of a kind wait here until somebody has looked which are there already."""
    return one.adopt is not None and one.adopt.waits and is_unread(one.key)


def adopted(mapping: str, ids: Iterable[UUID]) -> set[UUID]:
    """Return the records here whose twin there was there before us: it is not ours to delete."""
    rows = Match.objects.filter(
        mapping=mapping, record_id__in=list(ids), state=Match.State.LINKED, made_here=False
    )
    return set(rows.values_list("record_id", flat=True))


def doubts(mapping: Mapping, ids: Sequence[UUID]) -> Doubts:
    """Return what the planner has to know of records that may be, or are, ones there before us."""
    if mapping.adopt is None:
        return Doubts()
    theirs = adopted(mapping.key, ids) if mapping.removed is Removed.DELETE else frozenset[UUID]()
    if awaits_reading(mapping):
        return Doubts(undecided=frozenset(ids), adopted=theirs)
    return Doubts(undecided(mapping.key, ids), told_apart(mapping.key, ids), theirs)


def in_doubt_since(mapping: str, record_id: UUID) -> datetime | None:
    """Return when a record here was first seen to be like one there that nobody has decided about."""
    rows = Match.objects.filter(mapping=mapping, state__in=UNDECIDED)
    ours = rows.filter(Q(record_id=record_id) | Q(candidates__contains=[{"id": str(record_id)}]))
    return ours.order_by("read_at").values_list("read_at", flat=True).first()


def told_apart(mapping: str, ids: Iterable[UUID]) -> set[UUID]:
    """Return the records of which a person has said that they are not the ones a duplicate rule named."""
    rows = Match.objects.filter(
        mapping=mapping, record_id__in=list(ids), state=Match.State.APART, doubt=RULE
    ).values_list("record_id", flat=True)
    return set(rows)


_NEW_HERE = """
FROM ({records}) d
WHERE NOT EXISTS (
    SELECT 1 FROM salesforce_match m WHERE m.record_id = d.record_id AND m.mapping = %s AND m.state <> 'apart'
) AND NOT EXISTS (
    SELECT 1 FROM salesforce_recordlink l WHERE l.record_id = d.record_id AND l.mapping = %s
)
"""


def count_new_here(one: Mapping) -> int:
    """Return how many records here nothing there is like."""
    sql = _NEW_HERE.format(records=capture.records_sql(one))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {sql}", [one.key, one.key])  # nosec B608 # names are our own, values are parameters
        return int(cursor.fetchone()[0])


def new_here(one: Mapping, *, first: int, most: int) -> list[UUID]:
    """Return some records here that nothing there is like, in the order of their ids."""
    sql = _NEW_HERE.format(records=capture.records_sql(one))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.record_id {sql} ORDER BY d.record_id LIMIT %s OFFSET %s",  # nosec B608 # names are our own, values are parameters
            [one.key, one.key, most, first],
        )
        return [row[0] for row in cursor]


def counts(mapping: str) -> dict[str, int]:
    """Return how many there are of each state."""
    rows = Match.objects.filter(mapping=mapping).values("state").annotate(count=Count("pk")).order_by()
    return {row["state"]: row["count"] for row in rows}
