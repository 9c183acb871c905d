"""Inserts, updates and upserts of one API call, with Salesforce's rules in Salesforce's order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prm.sandbox import recycle, rules
from prm.sandbox.access import Person
from prm.sandbox.clock import stamp_text
from prm.sandbox.errors import (
    SandboxError,
    duplicate_value,
    entity_is_deleted,
    invalid_cross_reference,
    json_error,
    malformed_id,
    no_such_column,
    read_only,
    required_missing,
)
from prm.sandbox.faults import Rule
from prm.sandbox.ids import to18
from prm.sandbox.schema import Entity, Field
from prm.sandbox.values import store_value

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

Row = dict[str, Any]
_STAMPS = ("LastModifiedDate", "SystemModstamp")


@dataclass(slots=True)
class Change:
    """A record on its way into the org: rules read and alter ``row``."""

    writer: Writer
    entity: Entity
    row: Row
    old: Row | None
    given: set[str]

    def moved(self, *names: str) -> bool:
        """Whether one of the fields differs from before; True for a new record."""
        return self.old is None or any(self.row.get(name) != self.old.get(name) for name in names)


class Writer:
    """Writes for one user. Stamps of all rows are those of the moment the writer was made."""

    def __init__(self, org: SandboxOrg, person: Person, *, stamp_age: float = 0, flows: bool = True) -> None:
        """``stamp_age`` seconds are taken off all stamps: a transaction that began earlier."""
        self.org = org
        self.person = person
        self.keys: list[str] = []
        self._moment = org.clock.now() - dt.timedelta(seconds=stamp_age)
        self._flows = flows
        self._parents: dict[tuple[str, str, Any], str] = {}
        self._known: set[str] = set()

    @property
    def stamp(self) -> str:
        return stamp_text(self._moment)

    # The four operations

    def insert(self, name: str, values: Row) -> str:
        """Create a record; returns its id. Raises SandboxError and writes nothing when refused."""
        entity = self.org.access.entity(self.person, name, "create")
        if any(key.lower() == "id" for key in values):
            raise SandboxError(
                "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", fields=["Id"]
            )
        with self.org.store.transaction():
            return self._insert(entity, self._given(entity, values, creating=True))

    def update(self, name: str, record_id: str, values: Row) -> None:
        """Change the named fields of a record; stamps move even when no value does."""
        entity = self.org.access.entity(self.person, name, "edit")
        with self.org.store.transaction():
            old = self.fetch(entity, record_id)
            self._update(entity, old, self._given(entity, values, creating=False))

    def upsert(
        self, name: str, key: str, value: Any, values: Row, *, update_only: bool = False
    ) -> tuple[str, bool]:
        """Create or change the record whose key field has the value; (id, created)."""
        entity = self.org.access.entity(self.person, name, "edit")
        field = self.key_field(entity, key)
        stored = store_value(field, value)
        with self.org.store.transaction():
            found = self.find_by_key(entity, field, stored)
            if found is None:
                by_id = field.type == "id"
                if stored is None and not by_id:
                    raise SandboxError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[field.name])
                if update_only or (by_id and stored is not None):
                    raise invalid_cross_reference(field.name)
                self.org.access.entity(self.person, name, "create")
                given = self._given(entity, values, creating=True)
                return self._insert(entity, given if by_id else {**given, field.name: stored}), True
            self._update(entity, found, self._given(entity, values, creating=False))
            return str(found["Id"]), False

    def delete(self, record_id: str, name: str | None = None) -> None:
        """Put a record and what hangs on it into the recycle bin."""
        normal = to18(record_id)
        if normal is None:
            raise malformed_id(record_id)
        entity = self.org.entity_of_id(normal)
        if entity is None or (name is not None and entity.name.lower() != name.lower()):
            raise invalid_cross_reference()
        entity = self.org.access.entity(self.person, entity.name, "delete")
        with self.org.store.transaction():
            row = self.org.store.get(entity, normal)
            if row is None:
                raise invalid_cross_reference()
            if row.get("IsDeleted"):
                raise entity_is_deleted()
            self._row_faults({"row_lock", "validation", "row_error"}, "delete", entity, row)
            recycle.delete(self, entity, row)
            self.keys.append(f"{entity.name} {normal}")
        self._known.clear()

    # Finding

    def key_field(self, entity: Entity, name: str) -> Field:
        """The field a record may be named by; NOT_FOUND-like refusal for any other."""
        field = self.org.access.view(self.person, entity).find(name)
        if field is None or not field.keyed:
            raise SandboxError(
                "NOT_FOUND",
                f"Provided external ID field does not exist or is not accessible: {name}",
                status=404,
            )
        return field

    def find_by_key(self, entity: Entity, field: Field, stored: Any) -> Row | None:
        """The one living record with that key; DUPLICATE_EXTERNAL_ID when there are several."""
        alive = ' AND "IsDeleted" = 0' if entity.recycles else ""
        found = self.org.store.rows(
            f'SELECT * FROM {entity.table} WHERE "{field.name}" = ?{alive} LIMIT 2', (stored,)
        )
        if len(found) > 1:
            raise SandboxError(
                "DUPLICATE_EXTERNAL_ID",
                f"{field.name}: more than one record found for external id field",
                status=300,
                fields=[field.name],
            )
        return found[0] if found else None

    def fetch(self, entity: Entity, record_id: str) -> Row:
        """The living record with that id, or the refusal the API would give."""
        normal = to18(record_id)
        if normal is None:
            raise malformed_id(record_id)
        row = self.org.store.get(entity, normal) if normal.startswith(entity.prefix) else None
        if row is None:
            raise invalid_cross_reference()
        if row.get("IsDeleted"):
            raise entity_is_deleted()
        return row

    # From JSON to stored values

    def _given(self, entity: Entity, values: Row, *, creating: bool) -> Row:
        view = self.org.access.view(self.person, entity)
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
            given[field.name] = store_value(field, plain)
            if field.type == "reference" and given[field.name] is not None:
                self._check_reference(field, given[field.name])
        if refused:
            raise read_only(refused)
        return given

    def _parent(self, entity: Entity, field: Field, named: Row) -> str | None:
        """The id of the parent that an association object names by one external id."""
        keys = {key: value for key, value in named.items() if key != "attributes"}
        target_name = (named.get("attributes") or {}).get("type") or field.reference_to[0]
        target = self.org.access.entity(self.person, str(target_name))
        if len(keys) != 1:
            raise SandboxError(
                "INVALID_FIELD", f"Foreign key external ID:  not found for field  in entity {target.name}"
            )
        ((key, value),) = keys.items()
        if target.name not in field.reference_to:
            raise SandboxError(
                "INVALID_FIELD", f"{target.name} is no parent of {entity.name} by {field.name}"
            )
        key_field = self.org.access.view(self.person, target).find(key)
        if key_field is None or not key_field.keyed:
            raise SandboxError(
                "INVALID_FIELD", f"{key} is not an External ID or indexed field for {target.name}"
            )
        stored = store_value(key_field, value)
        cached = self._parents.get((target.name, key_field.name, stored))
        if cached is None:
            found = self.find_by_key(target, key_field, stored)
            if found is None:
                raise SandboxError(
                    "INVALID_FIELD",
                    f"Foreign key external ID: {value} not found for field {key_field.name} in entity {target.name}",
                )
            cached = self._parents[(target.name, key_field.name, stored)] = str(found["Id"])
            self._known.add(cached)
        return cached

    def _check_reference(self, field: Field, record_id: str) -> None:
        if record_id in self._known:
            return
        target = self.org.entity_of_id(record_id)
        if target is None or target.name not in field.reference_to:
            raise SandboxError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"{field.label or field.name}: id value of incorrect type: {record_id}",
                fields=[field.name],
            )
        row = self.org.store.get(target, record_id)
        if row is None:
            raise invalid_cross_reference(field.name)
        if row.get("IsDeleted"):
            error = entity_is_deleted()
            error.fields = [field.name]
            raise error
        self._known.add(record_id)

    # Writing

    def _insert(self, entity: Entity, given: Row) -> str:
        row: Row = {"Id": self.org.new_id(entity.prefix)}
        for field in entity.fields.values():
            if field.type != "id":
                row[field.name] = (
                    int(bool(field.default)) if field.type == "boolean" else (field.default or None)
                )
        if "OwnerId" in row:
            row["OwnerId"] = self.person.id
        row.update(given)
        stamp = self._stamp_of(entity, "insert", row)
        row["SystemModstamp"] = stamp
        if entity.audited:
            row["CreatedDate"] = row["LastModifiedDate"] = stamp
            row["CreatedById"] = row["LastModifiedById"] = self.person.id
        change = Change(self, entity, row, None, set(given))
        self._check(change, "insert")
        self.org.store.insert(entity, row)
        self._finish(change, "insert")
        return str(row["Id"])

    def _update(self, entity: Entity, old: Row, given: Row) -> None:
        row = {**old, **given}
        stamp = self._stamp_of(entity, "update", row)
        row["SystemModstamp"] = stamp
        if entity.audited:
            row["LastModifiedDate"], row["LastModifiedById"] = stamp, self.person.id
        change = Change(self, entity, row, old, set(given))
        self._check(change, "update")
        changed = {name: value for name, value in row.items() if value != old[name] or name in _STAMPS}
        self.org.store.update(entity, str(old["Id"]), changed)
        self._finish(change, "update")

    def _check(self, change: Change, operation: str) -> None:
        entity, row = change.entity, change.row
        self._row_faults({"row_lock", "row_error"}, operation, entity, row)
        rules.before(change)
        missing = [
            field.name
            for field in entity.fields.values()
            if field.required and row.get(field.name) is None and (field.createable or field.updateable)
        ]
        if missing:
            raise required_missing(missing)
        self._row_faults({"validation"}, operation, entity, row)
        for field in entity.fields.values():
            if field.unique and row[field.name] is not None and change.moved(field.name):
                self.check_unique(entity, field, row)

    def check_unique(self, entity: Entity, field: Field, row: Row) -> None:
        """Refuse a value another living record has."""
        alive = ' AND "IsDeleted" = 0' if entity.recycles else ""
        sql = f'SELECT "Id" FROM {entity.table} WHERE "{field.name}" = ? AND "Id" <> ?{alive} LIMIT 1'
        other = self.org.store.value(sql, (row[field.name], row["Id"]))
        if other is not None:
            raise duplicate_value(field.name, str(other))

    def _finish(self, change: Change, operation: str) -> None:
        rules.after(change)
        self.keys.append(f"{change.entity.name} {change.row['Id']}")
        if self._flows:
            for rule in self.org.faults.for_row({"flow"}, operation, change.entity.name, change.row):
                self._flow(change, rule)

    def _flow(self, change: Change, rule: Rule) -> None:
        """What an administrator's automation does after the save, in our name."""
        values: Row = dict(rule.options.get("set") or {})
        for name in rule.options.get("revert") or []:
            values[name] = change.old[name] if change.old else None
        automation = Writer(self.org, Person(self.person.id, admin=True), flows=False)
        automation.update(change.entity.name, str(change.row["Id"]), values)

    def _stamp_of(self, entity: Entity, operation: str, row: Row) -> str:
        late = self.org.faults.for_row({"late_commit"}, operation, entity.name, row)
        seconds = sum(float(rule.options.get("seconds", 60)) for rule in late)
        return stamp_text(self._moment - dt.timedelta(seconds=seconds))

    def _row_faults(self, kinds: set[str], operation: str, entity: Entity, row: Row) -> None:
        for rule in self.org.faults.for_row(kinds, operation, entity.name, row):
            raise _row_refusal(rule)


def _row_refusal(rule: Rule) -> SandboxError:
    options = rule.options
    if rule.kind == "row_lock":
        return SandboxError(
            "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records"
        )
    if rule.kind == "validation":
        fields = [options["field"]] if options.get("field") else []
        message = str(options.get("message", "This record breaks a validation rule."))
        return SandboxError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=fields)
    return SandboxError(
        str(options.get("code", "UNKNOWN_EXCEPTION")),
        str(options.get("message", "An unexpected error occurred.")),
        fields=options.get("fields") or [],
    )
