"""Finding records by id and by key, and the refusals when they are not there."""

from __future__ import annotations

from prm.sandbox.access.models import View
from prm.sandbox.kit.errors import (
    SandboxError,
    duplicate_value,
    entity_is_deleted,
    invalid_cross_reference,
    malformed_id,
    not_found,
)
from prm.sandbox.kit.ids import to18
from prm.sandbox.kit.types import Row, Value
from prm.sandbox.schema.models import Entity, Field
from prm.sandbox.store.models import Store


def key_field(view: View, name: str) -> Field:
    """Return the field a record may be named by; NOT_FOUND for any other."""
    field = view.find(name)
    if field is None or not field.keyed:
        raise SandboxError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {name}",
            status=404,
        )
    return field


def with_key(store: Store, entity: Entity, field: Field, stored: Value) -> list[Row]:
    """Return the living records with that key."""
    sql = f'SELECT * FROM {entity.table} WHERE "{field.name}" = ? AND {entity.alive}'  # nosec B608 # names are our own, values are parameters
    return store.rows(sql, (stored,))


def find_by_key(store: Store, entity: Entity, field: Field, stored: Value) -> Row | None:
    """Return the one living record with that key; DUPLICATE_EXTERNAL_ID when there are several."""
    found = with_key(store, entity, field, stored)
    if len(found) > 1:
        raise SandboxError(
            "DUPLICATE_EXTERNAL_ID",
            f"{field.name}: more than one record found for external id field",
            status=300,
            fields=[field.name],
        )
    return found[0] if found else None


def fetch(store: Store, entity: Entity, record_id: str) -> Row:
    """Return the living record with that id; refuse as a write does when there is none."""
    normal = to18(record_id)
    if normal is None:
        raise malformed_id(record_id)
    row = store.get(entity, normal) if normal.startswith(entity.prefix) else None
    if row is None:
        raise invalid_cross_reference()
    if row.get("IsDeleted"):
        raise entity_is_deleted()
    return row


def addressed(store: Store, entity: Entity, record_id: str) -> Row:
    """Return the record that a path names, also one in the recycle bin; NOT_FOUND when there is none."""
    normal = to18(record_id)
    if normal is None:
        raise malformed_id(record_id)
    row = store.get(entity, normal)
    if row is None:
        raise not_found()
    return row


def check_unique(store: Store, entity: Entity, field: Field, row: Row) -> None:
    """Refuse a value another living record has."""
    sql = f'SELECT "Id" FROM {entity.table} WHERE "{field.name}" = ? AND "Id" <> ? AND {entity.alive} LIMIT 1'  # nosec B608 # names are our own, values are parameters
    other = store.value(sql, (row[field.name], row["Id"]))
    if other is not None:
        raise duplicate_value(field.name, str(other))
