"""From the JSON of a record to stored values: fields by right and type, parents by id or key."""

from __future__ import annotations

from prm.sandbox.access.models import Access, Person
from prm.sandbox.kit.errors import (
    SandboxError,
    entity_is_deleted,
    invalid_cross_reference,
    json_error,
    no_such_column,
    read_only,
)
from prm.sandbox.kit.types import JsonObject, Row, Value, as_object
from prm.sandbox.records.lookup import find_by_key
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.schema.values import store_value
from prm.sandbox.store.models import Store


def _invalid(message: str) -> SandboxError:
    return SandboxError("INVALID_FIELD", message)


class Incoming:
    """Reads records for one user and one call, and remembers the parents it found."""

    def __init__(self, schema: Schema, store: Store, access: Access, person: Person) -> None:
        self._schema, self._store, self._access, self._person = schema, store, access, person
        self._parents: dict[tuple[str, str, Value], str] = {}
        self._known: set[str] = set()

    def forget(self) -> None:
        """Forget which parents are there; some may have been deleted."""
        self._parents.clear()
        self._known.clear()

    def read(self, entity: Entity, values: JsonObject, *, creating: bool) -> Row:
        """Return the stored form of the given fields; raise SandboxError for what cannot be written."""
        view = self._access.view(self._person, entity)
        given: Row = {}
        refused = []
        for key, value in values.items():
            if key == "attributes" or (not creating and key.lower() == "id"):
                continue
            field, plain = view.find(key), value
            if field is None and isinstance(value, dict):
                field = view.relationships.get(key.lower())
                plain = self._parent(entity, field, value) if field else None
            if field is None:
                raise no_such_column(key, entity.name)
            allowed = field.createable if creating else field.updateable
            if not allowed or field.name not in view.editable:
                refused.append(field.name)
                continue
            if isinstance(plain, dict | list):
                raise json_error(f"Cannot deserialize instance of {field.type} in field {field.name}")
            stored = given[field.name] = store_value(field, plain)
            if field.type == "reference" and stored is not None:
                self._check_reference(field, str(stored))
        if refused:
            raise read_only(refused)
        return given

    def _parent(self, entity: Entity, field: Field, named: JsonObject) -> str:
        """Return the id of the parent that an association object names by one external id."""
        keys = {key: value for key, value in named.items() if key != "attributes"}
        target_name = as_object(named.get("attributes")).get("type") or field.reference_to[0]
        target = self._access.entity(self._person, str(target_name))
        if len(keys) != 1:
            raise _invalid(f"Foreign key external ID:  not found for field  in entity {target.name}")
        ((key, value),) = keys.items()
        if target.name not in field.reference_to:
            raise _invalid(f"{target.name} is no parent of {entity.name} by {field.name}")
        key_field = self._access.view(self._person, target).find(key)
        if key_field is None or not key_field.keyed:
            raise _invalid(f"{key} is not an External ID or indexed field for {target.name}")
        stored = store_value(key_field, value)
        cached = self._parents.get((target.name, key_field.name, stored))
        if cached is None:
            found = find_by_key(self._store, target, key_field, stored)
            if found is None:
                raise _invalid(
                    f"Foreign key external ID: {value} not found for field {key_field.name} in entity {target.name}"
                )
            cached = self._parents[target.name, key_field.name, stored] = str(found["Id"])
            self._known.add(cached)
        return cached

    def _check_reference(self, field: Field, record_id: str) -> None:
        if record_id in self._known:
            return
        target = self._schema.of_id(record_id)
        if target is None or target.name not in field.reference_to:
            raise SandboxError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"{field.said}: id value of incorrect type: {record_id}",
                fields=[field.name],
            )
        row = self._store.get(target, record_id)
        if row is None:
            raise invalid_cross_reference(field.name)
        if row.get("IsDeleted"):
            raise entity_is_deleted(field.name)
        self._known.add(record_id)
