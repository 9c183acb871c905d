"""The catalogue of custom objects and fields."""

from __future__ import annotations

import json
from dataclasses import dataclass

from prm.sandbox.access.models import Access
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import SandboxError, not_found
from prm.sandbox.kit.types import JsonObject, Row
from prm.sandbox.query.definitions import durable_id
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.store.models import Store
from prm.sandbox.tooling.metadata import check_name, field_from, object_from, refused

MAX_EXTERNAL_IDS = 25
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OBJECT_NEEDS = ("label", "pluralLabel", "nameField")


def _duplicate(message: str) -> SandboxError:
    return SandboxError("DUPLICATE_DEVELOPER_NAME", message)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Makes custom objects and fields, and rebuilds them when the file is opened again."""

    schema: Schema
    store: Store
    access: Access
    clock: Clock

    def load(self) -> None:
        """Rebuild custom objects and fields from the file."""
        sql = 'SELECT full_name, kind, metadata FROM "_custom" ORDER BY position'
        for full_name, kind, metadata in self.store.tuples(sql):
            body: JsonObject = json.loads(str(metadata))
            if kind == "object":
                self._add_object(object_from(str(full_name), str(body["_prefix"]), body))
            else:
                table, _, name = str(full_name).partition(".")
                self._attach(table, field_from(self.schema, name, body))
        self._changed()

    def create_object(self, full_name: str, metadata: JsonObject) -> str:
        """Make a custom object and return the id of its CustomObject row. Nobody may see it yet."""
        check_name(full_name)
        if self.schema.find(full_name):
            raise _duplicate(f"There is already an object named {full_name}.")
        for key in _OBJECT_NEEDS:
            if not metadata.get(key):
                raise refused(f"Required field is missing: {key}")
        with self.store.transaction():
            number = self.store.next_number("custom prefix") - 1
            prefix = f"a{number // 36}{_BASE36[number % 36]}"
            self._add_object(object_from(full_name, prefix, metadata))
            record_id = self._remember(full_name, "object", {**metadata, "_prefix": prefix})
            self._changed()
        return record_id

    def create_field(self, full_name: str, metadata: JsonObject) -> str:
        """Make a custom field and return the id of its CustomField row. Nobody may see it yet."""
        table, dot, name = full_name.partition(".")
        if not dot:
            raise refused("Required field is missing: FullName must be Object.Field__c")
        holders = self._holders(table)
        made = field_from(self.schema, name, metadata)
        if any(each.find(name) for each in holders):
            raise _duplicate(f"There is already a field named {name[:-3]} on {table}.")
        keys = sum(each.external_id for each in holders[0].fields.values())
        if made.external_id and keys >= MAX_EXTERNAL_IDS:
            raise SandboxError(
                "CUSTOM_FIELD_INDEX_LIMIT_EXCEEDED",
                f"{table} has the most external id fields it can have: {keys}",
            )
        canonical = "Activity" if len(holders) > 1 else holders[0].name
        with self.store.transaction():
            self._attach(canonical, made)
            record_id = self._remember(f"{canonical}.{name}", "field", metadata)
            self._changed()
        return record_id

    def change_field(self, record_id: str, metadata: JsonObject) -> None:
        """Replace a custom field's Metadata; its storage type cannot change."""
        full_name, table, name = self._field(record_id)
        made = field_from(self.schema, name, metadata)
        old = self._holders(table)[0].fields[name]
        if made.column != old.column:
            raise refused(f"Cannot change the type of {full_name} from {old.type} to {made.type}")
        with self.store.transaction():
            self._attach(table, made)
            body = json.dumps(metadata)
            self.store.execute('UPDATE "_custom" SET metadata = ? WHERE id = ?', (body, record_id))
            changes: Row = {"Metadata": body, "SystemModstamp": self.clock.stamp()}
            self.store.update(self.schema.tooling["customfield"], record_id, changes)
            self._changed()

    def delete_field(self, record_id: str) -> None:
        """Take a custom field away from its objects, as a careless administrator does."""
        _, table, name = self._field(record_id)
        with self.store.transaction():
            for each in self._holders(table):
                each.remove(name)
            self.store.execute('DELETE FROM "_custom" WHERE id = ?', (record_id,))
            self.store.execute('DELETE FROM "tooling CustomField" WHERE "Id" = ?', (record_id,))
            self.store.execute('DELETE FROM "FieldPermissions" WHERE "Field" LIKE ?', (f"%.{name}",))
            self._changed()

    def _changed(self) -> None:
        self.schema.version += 1
        self.access.changed()

    def _holders(self, table: str) -> list[Entity]:
        """Return the objects that get a custom field of `table`; Activity stands for Task and Event."""
        if table.lower() == "activity":
            return [self.schema.entities["task"], self.schema.entities["event"]]
        found = self.schema.find(table)
        if found is None or table.lower() in ("task", "event") or found.setup:
            raise SandboxError(
                "INVALID_INPUT",
                f"Entity Enumeration or ID: bad value for restricted picklist field: {table}",
            )
        return [found]

    def _attach(self, table: str, made: Field) -> None:
        for each in self._holders(table):
            each.add(made)
            self.store.add_column(each, made)
            self.store.ensure_indexes(each, [made])

    def _add_object(self, made: Entity) -> None:
        self.schema.entities[made.name.lower()] = made
        self.store.ensure_table(made)

    def _field(self, record_id: str) -> tuple[str, str, str]:
        """Return full name, object and name of a custom field."""
        sql = 'SELECT full_name FROM "_custom" WHERE id = ? AND kind = ?'
        found = self.store.value(sql, (record_id, "field"))
        if found is None:
            raise not_found()
        table, _, name = str(found).partition(".")
        return str(found), table, name

    def _remember(self, full_name: str, kind: str, metadata: JsonObject) -> str:
        entity = self.schema.tooling["customfield" if kind == "field" else "customobject"]
        record_id, body = self.store.new_id(entity.prefix), json.dumps(metadata)
        position = self.store.next_number("custom position")
        self.store.execute(
            'INSERT INTO "_custom" VALUES (?, ?, ?, ?, ?)', (full_name, kind, record_id, body, position)
        )
        table, _, name = full_name.rpartition(".")
        stamp, author = self.clock.stamp(), self.store.meta("administrator")
        row: Row = {
            "Id": record_id,
            "DeveloperName": name.removesuffix("__c"),
            "FullName": full_name,
            "Metadata": body,
            "CreatedDate": stamp,
            "CreatedById": author,
            "LastModifiedDate": stamp,
            "LastModifiedById": author,
            "SystemModstamp": stamp,
        }
        if kind == "field":
            row["TableEnumOrId"] = durable_id(self.store, table)
        self.store.insert(entity, row)
        return record_id
