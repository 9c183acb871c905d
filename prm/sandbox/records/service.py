"""Inserts, updates, upserts and deletes of one call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from prm.sandbox.access.models import Access, Person
from prm.sandbox.faults.errors import duplicates_detected, row_refusal
from prm.sandbox.faults.models import FaultPlan, Rule
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import (
    SandboxError,
    entity_is_deleted,
    invalid_cross_reference,
    malformed_id,
    required_missing,
)
from prm.sandbox.kit.ids import to18
from prm.sandbox.kit.types import Json, JsonObject, Row, as_list, as_number, as_object
from prm.sandbox.records import rules
from prm.sandbox.records.incoming import Incoming
from prm.sandbox.records.lookup import check_unique, fetch, find_by_key, key_field
from prm.sandbox.records.models import Change, Signature
from prm.sandbox.records.recycle import RecycleBin
from prm.sandbox.schema.models import Entity, Schema
from prm.sandbox.schema.values import store_value
from prm.sandbox.store.models import Store

_STAMPS = ("LastModifiedDate", "SystemModstamp")


@dataclass(frozen=True, slots=True)
class Writers:
    """Makes the writers of one org."""

    schema: Schema
    store: Store
    access: Access
    clock: Clock
    faults: FaultPlan
    bin: RecycleBin

    def open(
        self, person: Person, keys: list[str] | None = None, *, stamp_age: float = 0, allow_save: bool = False
    ) -> Writer:
        """Return a writer for one call of one user; what it writes is noted in `keys`.

        `stamp_age` seconds are taken off all stamps: a transaction that began earlier. With `allow_save` duplicate
        rules that only alert are passed by.
        """
        moment = self.clock.now() - dt.timedelta(seconds=stamp_age)
        signature = Signature(person, moment)
        return Writer(self, signature, [] if keys is None else keys, allow_save=allow_save)


class Writer:
    """Writes for one user. Stamps of all rows are those of the moment the writer was made."""

    def __init__(
        self,
        writers: Writers,
        signature: Signature,
        keys: list[str],
        *,
        flows: bool = True,
        allow_save: bool = False,
    ) -> None:
        self.signature = signature
        self._allow_save = allow_save
        self._schema, self._store, self._access = writers.schema, writers.store, writers.access
        self._faults, self._bin = writers.faults, writers.bin
        self._writers, self._keys, self._flows = writers, keys, flows
        self._incoming = Incoming(self._schema, self._store, self._access, signature.person)

    def _entity(self, name: str, right: str) -> Entity:
        return self._access.entity(self.signature.person, name, right)

    # The four operations

    def insert(self, name: str, values: JsonObject) -> str:
        """Create a record and return its id; raise SandboxError and write nothing when refused."""
        entity = self._entity(name, "create")
        if any(key.lower() == "id" for key in values):
            raise SandboxError(
                "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", fields=["Id"]
            )
        with self._store.transaction():
            return self._insert(entity, self._incoming.read(entity, values, creating=True))

    def update(self, name: str, record_id: str, values: JsonObject) -> None:
        """Change the named fields of a record; stamps move even when no value does."""
        entity = self._entity(name, "edit")
        with self._store.transaction():
            old = fetch(self._store, entity, record_id)
            self._update(entity, old, self._incoming.read(entity, values, creating=False))

    def upsert(
        self, name: str, key: str, value: Json, values: JsonObject, *, update_only: bool = False
    ) -> tuple[str, bool]:
        """Create or change the record whose key field has the value; return id and whether it is new."""
        entity = self._entity(name, "edit")
        field = key_field(self._access.view(self.signature.person, entity), key)
        stored = store_value(field, value)
        with self._store.transaction():
            found = find_by_key(self._store, entity, field, stored)
            if found is not None:
                self._update(entity, found, self._incoming.read(entity, values, creating=False))
                return str(found["Id"]), False
            by_id = field.type == "id"
            if stored is None and not by_id:
                raise SandboxError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[field.name])
            if update_only or (by_id and stored is not None):
                raise invalid_cross_reference(field.name)
            self._entity(name, "create")
            given = self._incoming.read(entity, values, creating=True)
            return self._insert(entity, given if by_id else {**given, field.name: stored}), True

    def delete(self, record_id: str, name: str | None = None) -> None:
        """Put a record and what hangs on it into the recycle bin."""
        normal = to18(record_id)
        if normal is None:
            raise malformed_id(record_id)
        entity = self._schema.of_id(normal)
        if entity is None or (name is not None and entity.name.lower() != name.lower()):
            raise invalid_cross_reference()
        entity = self._entity(entity.name, "delete")
        with self._store.transaction():
            row = self._store.get(entity, normal)
            if row is None:
                raise invalid_cross_reference()
            if row.get("IsDeleted"):
                raise entity_is_deleted()
            self._strike({"row_lock", "validation", "row_error"}, "delete", entity, row)
            self._bin.delete(entity, row, self.signature)
            self._carry(Change(entity, row, row, set(), self.signature))
        self._incoming.forget()

    # Writing

    def _insert(self, entity: Entity, given: Row) -> str:
        row: Row = {"Id": self._store.new_id(entity.prefix)}
        for field in entity.fields.values():
            if field.type == "boolean":
                row[field.name] = int(bool(field.default))
            elif field.type != "id":
                row[field.name] = field.default or None
        if "OwnerId" in row:
            row["OwnerId"] = self.signature.person.id
        row.update(given)
        signature = self._late(entity, "insert", row)
        row |= signature.modified(entity)
        if entity.audited:
            row |= {"CreatedDate": signature.stamp, "CreatedById": signature.person.id}
        change = Change(entity, row, None, set(given), self.signature)
        self._check(change, "insert")
        self._store.insert(entity, row)
        self._finish(change, "insert")
        return str(row["Id"])

    def _update(self, entity: Entity, old: Row, given: Row) -> None:
        row = {**old, **given}
        row |= self._late(entity, "update", row).modified(entity)
        change = Change(entity, row, old, set(given), self.signature)
        self._check(change, "update")
        changed = {name: value for name, value in row.items() if value != old[name] or name in _STAMPS}
        self._store.update(entity, str(old["Id"]), changed)
        self._finish(change, "update")

    def _check(self, change: Change, operation: str) -> None:
        entity, row = change.entity, change.row
        self._strike({"row_lock", "row_error"}, operation, entity, row)
        rules.before(change, self._schema, self._store)
        missing = [
            field.name
            for field in entity.fields.values()
            if field.required and row.get(field.name) is None and (field.createable or field.updateable)
        ]
        if missing:
            raise required_missing(missing)
        self._strike({"validation"}, operation, entity, row)
        self._refuse_duplicates(change, operation)
        for field in entity.fields.values():
            if field.unique and row[field.name] is not None and change.moved(field.name):
                check_unique(self._store, entity, field, row)

    def _finish(self, change: Change, operation: str) -> None:
        self._carry(change)
        if self._flows:
            for rule in self._faults.for_row({"flow"}, operation, change.entity.name, change.row):
                self._flow(change, rule)

    def _carry(self, change: Change) -> None:
        """Note the record as written, and carry the change to what depends on it."""
        self._keys.append(f"{change.entity.name} {change.row['Id']}")
        rules.after(change, self._schema, self._store)
        if change.entity.setup:
            self._access.changed()

    # Faults

    def _refuse_duplicates(self, change: Change, operation: str) -> None:
        """Do as a duplicate rule does: refuse what resembles another record, unless the caller may pass it by."""
        entity, row = change.entity, change.row
        for rule in self._faults.for_row({"duplicate_rule"}, operation, entity.name, row):
            names = [str(name) for name in as_list(rule.options.get("match"))]
            passes = self._allow_save and rule.options.get("action", "alert") == "alert"
            if passes or not change.moved(*names) or any(row[name] is None for name in names):
                continue
            where = " AND ".join(f'"{name}" = ? COLLATE NOCASE' for name in names)
            found = self._store.rows(
                f'SELECT "Id", "Name" FROM {entity.table} WHERE {where} AND {entity.alive} AND "Id" <> ?',  # nosec B608 # names are our own, values are parameters
                [*(row[name] for name in names), row["Id"]],
            )
            if found:
                raise duplicates_detected(entity.name, found, rule.options)

    def _flow(self, change: Change, rule: Rule) -> None:
        """Do what an administrator's automation does after the save, in our name."""
        values = dict(as_object(rule.options.get("set")))
        for name in as_list(rule.options.get("revert")):
            values[str(name)] = change.old[str(name)] if change.old else None
        admin = replace(self.signature, person=replace(self.signature.person, admin=True))
        automation = Writer(self._writers, admin, [], flows=False)
        automation.update(change.entity.name, str(change.row["Id"]), values)

    def _late(self, entity: Entity, operation: str, row: Row) -> Signature:
        """Return the signature of a record, which may be older than it becomes visible."""
        late = self._faults.for_row({"late_commit"}, operation, entity.name, row)
        if not late:
            return self.signature
        seconds = sum(as_number(rule.options.get("seconds"), 60) for rule in late)
        return replace(self.signature, moment=self.signature.moment - dt.timedelta(seconds=seconds))

    def _strike(self, kinds: set[str], operation: str, entity: Entity, row: Row) -> None:
        for rule in self._faults.for_row(kinds, operation, entity.name, row):
            raise row_refusal(rule.kind, rule.options)
