"""The values of own fields: reading many, writing many."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import cast
from uuid import UUID

from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.ownfields.models import OwnField, OwnValue
from prm.ownfields.queries import fields_of
from prm.ownfields.registry import OwnRecord, record_called
from prm.ownfields.rules import Raw, Stored
from prm.tenancy.context import current_tenant

BATCH = 2_000


def record_of(of: str) -> OwnRecord:
    """Return a kind of record. Raises `Refused` for one that has no own fields."""
    found = record_called(of)
    if found is None:
        raise Refused("Own fields are of partners, visits or orders.", field="of", code="invalid")
    return found


def stored_of(of: str, ids: Collection[UUID]) -> dict[UUID, dict[str, Stored]]:
    """Return the values of records by id and key, those of archived fields left out (1 query, none without fields)."""
    fields = {field.pk: field for field in fields_of(current_tenant(), of)}
    found: dict[UUID, dict[str, Stored]] = {pk: {} for pk in ids}
    if not fields or not found:
        return found
    record = record_of(of)
    rows = record.model.objects.filter(**{f"{record.column}__in": list(found)}, field__in=list(fields))
    for row in rows.only(record.record, "field", "text", "number", "day"):
        found[getattr(row, record.column)][fields[row.field_id].key] = row.stored
    return found


def values_of(of: str, ids: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Return the values of records as programs read them, by id and key; a field without one is left out."""
    fields = {field.key: field for field in fields_of(current_tenant(), of)}
    return {
        pk: {key: fields[key].plain(value) for key, value in values.items()}
        for pk, values in stored_of(of, ids).items()
    }


def plain_of(of: str, record: object) -> dict[str, str]:
    """Return the values of one record, which it has loaded as `own_values`, as programs read them, by key."""
    return {field.key: field.plain(value) for field, value in _loaded(of, record)}


def own_line(of: str, record: object) -> str:
    """Return what one record has, which it has loaded as `own_values`, in one line of words: "Beds 12 · Size large"."""
    return " · ".join(f"{field.name} {field.words(value)}" for field, value in _loaded(of, record))


def _loaded(of: str, record: object) -> list[tuple[OwnField, Stored]]:
    """Return the values that a record has loaded as `own_values`, in the order of its fields."""
    fields = fields_of(current_tenant(), of)
    rows: Iterable[OwnValue] = record.own_values.all() if fields else ()  # type: ignore[attr-defined]  # of any kind
    found = {row.field_id: row.stored for row in rows}
    return [(field, found[field.pk]) for field in fields if field.pk in found]


def read(of: str, values: Mapping[str, Raw]) -> dict[OwnField, Stored | None]:
    """Return values by their fields as they are kept, None for none. Raises `Refused`, naming the field `own_KEY`."""
    fields = {field.key: field for field in fields_of(current_tenant(), of)}
    found: dict[OwnField, Stored | None] = {}
    for key, raw in values.items():
        field = fields.get(key)
        if field is None:
            there = ", ".join(fields) or "none yet"
            raise Refused(
                f"There is no own field {key[:60]!r}; there are: {there}.", field="own", code="unknown_field"
            )
        try:
            found[field] = field.read(raw)
        except Refused as refused:
            raise Refused(
                f"{field.name}: {refused.message}", field=field.known_as, code=refused.code
            ) from refused
    return found


def write(of: str, values: Mapping[UUID, Mapping[str, Raw]]) -> dict[UUID, dict[str, str]]:
    """Set values of records, by id and key; None or "" takes one away, a field that is not named stays.

    Returns what those that were changed had before, as programs read it ("" for none). Whether the records may be
    changed the caller has asked. A fixed number of statements for each batch. Raises `Refused`.
    """
    record = record_of(of)
    by_key = {field.key: field for field in fields_of(current_tenant(), of)}
    wanted = {pk: read(of, said) for pk, said in values.items() if said}
    present = _present(record, wanted)
    keep, drop = [], []
    before: dict[UUID, dict[str, str]] = {}
    for pk, said in wanted.items():
        for field, value in said.items():
            row = present.get((pk, field.pk))
            if (row.stored if row else None) == value:
                continue
            before.setdefault(pk, {})[field.key] = by_key[field.key].plain(row.stored) if row else ""
            if value is None:
                drop.append(cast("OwnValue", row).pk)
            else:
                keep.append(_row(record, pk, field, value, row))
    _save(record, keep, drop)
    return before


def _present(
    record: OwnRecord, wanted: Mapping[UUID, Mapping[OwnField, Stored | None]]
) -> dict[tuple[UUID, UUID], OwnValue]:
    fields = {field.pk for said in wanted.values() for field in said}
    if not fields:
        return {}
    rows = record.model.objects.filter(**{f"{record.column}__in": list(wanted)}, field__in=fields)
    return {(getattr(row, record.column), row.field_id): row for row in rows}


def _row(record: OwnRecord, pk: UUID, field: OwnField, value: Stored, row: OwnValue | None) -> OwnValue:
    make: Callable[..., OwnValue] = record.model
    made: OwnValue = make(
        pk=row.pk if row else uuid7(),
        text=value.text,
        number=value.number,
        day=value.day,
        field=field,
        **{record.column: pk},
    )
    return made


def _save(record: OwnRecord, keep: list[OwnValue], drop: list[UUID]) -> None:
    if drop:
        record.model.objects.filter(pk__in=drop).delete()
    if keep:
        record.model.objects.bulk_create(
            keep,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["tenant", record.record, "field"],
            update_fields=["text", "number", "day"],
        )
