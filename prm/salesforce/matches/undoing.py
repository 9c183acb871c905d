"""Links that adoption made and somebody takes back: our key and what we wrote leave the record there.

A person's word only marks them (`RecordLink.State.UNDOING`: from then on nothing of the record is exchanged); the next
run carries it out, first of all. A kill at any moment leaves the mark, and doing it again changes nothing more. Then
the record is to decide again, and waits for that: nothing is created in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from prm.core.clock import now
from prm.mapping import BadValue, Field, Mapping, Normal, names_read
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Conflict, RecordLink, SyncProblem
from prm.salesforce.engine.twins import normal_of
from prm.salesforce.mapping import registry
from prm.salesforce.matches.models import TAKEN_BACK, Match
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import BATCH, Org
from prm.salesforce.wire.client import Record as Row

Written = Record[UUID, Record[str, tuple[Normal, Normal]]]
"""By record and field: what was there before we wrote, and what we wrote."""


@dataclass(frozen=True, slots=True)
class Restored:
    """One field that we wrote: what is there because of us, and what comes back."""

    label: str
    written: str
    before: str


@dataclass(frozen=True, slots=True)
class Look:
    """What taking a link back does: fields that get back what they had, and how many records lie with it there."""

    match: Match
    fields: tuple[Restored, ...] = ()
    children: int = 0
    is_sent: bool = False


def note_written(mapping: Mapping, sf_ids: Record[UUID, str], written: Written) -> None:
    """Remember what we wrote into records that were there before us. In a transaction, with every call's results."""
    rows = Match.objects.filter(mapping=mapping.key, state=Match.State.LINKED, record_id__in=list(written))
    changed = []
    for row in rows.select_for_update().order_by("pk"):
        if row.record_id is None or row.sf_id != sf_ids[row.record_id]:
            continue
        for name, (before, after) in written[row.record_id].items():
            first = row.written[name]["before"] if name in row.written else before
            row.written[name] = {"before": first, "after": after}
        changed.append(row)
    Match.objects.bulk_update(changed, ["written"], batch_size=500)


def look(rows: Iterable[Match]) -> list[Look]:
    """Return what taking back these links would do, as far as it is known here."""
    return [_look(row) for row in rows]


def _look(row: Match) -> Look:
    one = registry.mapping(row.mapping)
    link = RecordLink.objects.filter(mapping=row.mapping, record_id=row.record_id, sf_id=row.sf_id).first()
    fields = tuple(
        Restored(column.words, _said(after), _said(before))
        for name, (before, after) in _written(one, row, link).items()
        if (column := one.column(name)) is not None and after != before
    )
    children = 0
    for child in registry.mappings().values():
        for parent in child.parents:
            if parent.mapping == row.mapping:
                children += store.holding(child, parent.there, [row.sf_id]).count()
    return Look(row, fields, children, is_sent=link is not None and bool(link.agreed))


def _written(one: Mapping, row: Match, link: RecordLink | None) -> dict[str, tuple[Normal, Normal]]:
    """Return by field what was there before us and what we wrote last.

    A write whose answer was lost is not in `written`: of what only goes there, what it held when it was read tells.
    """
    found = {name: (each["before"], each["after"]) for name, each in row.written.items()}
    agreed = link.agreed if link is not None else {}
    for column in one.fields:
        name = column.there
        if name not in found and name in row.values and name in agreed and not column.pulls:
            try:
                found[name] = (column.normal(row.values[name]), agreed[name])
            except BadValue:
                continue
    return found


def _said(value: Normal) -> str:
    return "" if value is None else str(value)


def mark(rows: Iterable[Match]) -> None:
    """Mark links as being taken back: nothing of their records is exchanged any more. In a transaction."""
    for row in rows:
        RecordLink.objects.filter(mapping=row.mapping, record_id=row.record_id, sf_id=row.sf_id).update(
            state=RecordLink.State.UNDOING
        )
        if row.record_id is not None:
            store.enqueue(registry.mapping(row.mapping), [row.record_id])


def unmark(rows: Iterable[Match]) -> None:
    """Keep links that were marked and not yet taken back. In a transaction."""
    for row in rows:
        RecordLink.objects.filter(
            mapping=row.mapping, record_id=row.record_id, sf_id=row.sf_id, state=RecordLink.State.UNDOING
        ).update(state=RecordLink.State.LINKED)
        if row.record_id is not None:
            store.enqueue(registry.mapping(row.mapping), [row.record_id])


# --- carried out by a run ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Portion:
    """Some records of one mapping while their links are taken back."""

    mapping: Mapping
    rows: list[Match]
    written: dict[UUID, dict[str, tuple[Normal, Normal]]]
    there: dict[str, Row] = field(default_factory=dict)
    refused: dict[str, errors.RowError] = field(default_factory=dict)


def carry_out(org: Org, keep: Callable[[], None]) -> int:
    """Take back all that is marked; return how many. Opens its own transactions. Raises `SalesforceError`."""
    done, known = 0, registry.mappings()
    with transaction.atomic():
        marked = Match.objects.filter(state=Match.State.UNDOING).order_by("pk")
        rows = [row for row in marked if row.mapping in known]
    for key in dict.fromkeys(row.mapping for row in rows):
        mine = [row for row in rows if row.mapping == key]
        for first in range(0, len(mine), BATCH):
            portion = _portion(known[key], mine[first : first + BATCH])
            try:
                _write_back(org, keep, portion)
            except errors.Permanent:
                break  # the object rests: it stays marked, and nothing of it is exchanged
            with transaction.atomic():
                done += _settle(portion)
    return done


@transaction.atomic
def _portion(mapping: Mapping, rows: list[Match]) -> _Portion:
    links = store.links_of(mapping, [row.record_id for row in rows if row.record_id is not None])
    written = {
        row.pk: _written(mapping, row, links.get(row.record_id) if row.record_id else None) for row in rows
    }
    return _Portion(mapping, rows, written)


def _write_back(org: Org, keep: Callable[[], None], portion: _Portion) -> None:
    one, ids = portion.mapping, [row.sf_id for row in portion.rows]
    written = {name for some in portion.written.values() for name in some}
    names = ["Id", one.external_id, *names_read(each for each in one.columns if each.there in written)]
    keep()
    for first in range(0, len(ids), soql.MOST_IDS):
        some = ids[first : first + soql.MOST_IDS]
        for row in org.query(soql.select(one.sobject, names, [soql.one_of("Id", some)])):
            portion.there[str(row["Id"])] = row
    records = [record for row in portion.rows if (record := _record(portion, row))]
    _send(org, keep, portion, records)
    # A field that is refused holds back nothing else: our key goes by itself.
    bare = [
        {"id": record["id"], one.external_id: None}
        for record in records
        if len(record) > 2 and record["id"] in portion.refused and one.external_id in record
    ]
    if bare:
        _send(org, keep, portion, bare)


def _send(org: Org, keep: Callable[[], None], portion: _Portion, records: Sequence[Row]) -> None:
    if not records:
        return
    keep()
    written = org.write(portion.mapping.sobject, "", records)
    for record, result in zip(records, written.results, strict=True):
        portion.refused.pop(str(record["id"]), None)
        if result.error is not None:
            portion.refused[str(record["id"])] = result.error


def _record(portion: _Portion, row: Match) -> Row | None:
    """Return what is written into a record there: our key gone, and what it had where it still holds what we wrote."""
    one, there = portion.mapping, portion.there.get(row.sf_id)
    if there is None:
        return None
    back: Row = {"id": row.sf_id}
    if str(there.get(one.external_id) or "").lower() == str(row.record_id):
        back[one.external_id] = None
    for name, (before, after) in portion.written[row.pk].items():
        column: Field | None = one.column(name)
        if column is None or column.closed or column.fixed or name not in there:
            continue
        if before != after == normal_of(column, there):
            back[name] = column.wire(before)
    return back if len(back) > 1 else None


def _settle(portion: _Portion) -> int:
    """Forget the links that are taken back; what Salesforce refused stays linked, with its words."""
    known = Match.objects.select_for_update().filter(
        pk__in=[row.pk for row in portion.rows], state=Match.State.UNDOING
    )
    done = 0
    for row in known.order_by("pk"):
        error = portion.refused.get(row.sf_id)
        if row.record_id is not None and error is not None and not _is_gone(error):
            _refused(portion.mapping, row, error)
            continue
        done += 1
        _forget(portion.mapping, row)
        if row.sf_id not in portion.there or (error is not None and _is_gone(error)):
            row.delete()
            continue
        row.state, row.doubt, row.before, row.batch = Match.State.OPEN, TAKEN_BACK, "", None
        row.written, row.made_here, row.read_at = {}, False, now()
        row.save()
    return done


def _is_gone(error: errors.RowError) -> bool:
    return error.code in {"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"}


def _refused(mapping: Mapping, row: Match, error: errors.RowError) -> None:
    unmark([row])
    row.state = Match.State.LINKED
    row.save(update_fields=["state"])
    if row.record_id is not None:
        store.note_problem(
            mapping,
            row.record_id,
            kind=SyncProblem.Kind.REFUSED_THERE,
            code=error.code,
            message=f"Its link could not be taken back: {error.message}",
            title=row.record_name,
            field=mapping.external_id,
        )


def _forget(mapping: Mapping, row: Match) -> None:
    if row.record_id is None:
        return
    where = {"mapping": mapping.key, "record_id": row.record_id}
    RecordLink.objects.filter(**where, sf_id=row.sf_id).delete()
    Conflict.objects.filter(**where, state=Conflict.State.OPEN).delete()
    store.clear_problems(mapping, [row.record_id])
    # What belongs to it lies with that record until it has another, and follows then.
    store.enqueue_children(mapping, row.record_id, row.sf_id, forget=False)
    store.enqueue(mapping, [row.record_id])
