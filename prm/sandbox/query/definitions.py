"""The rows of EntityDefinition and FieldDefinition, written from the schema when somebody looks."""

from __future__ import annotations

from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.types import Row
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.store.models import Store


def durable_id(store: Store, name: str) -> str:
    """Return how the catalogue names an object: custom ones by id, standard ones by name."""
    sql = 'SELECT id FROM "_custom" WHERE full_name = ? AND kind = ?'
    return str(store.value(sql, (name, "object")) or name)


class Definitions:
    """Keeps the two tables in step with the schema."""

    def __init__(self, schema: Schema, store: Store, clock: Clock) -> None:
        self._schema, self._store, self._clock = schema, store, clock
        self._version: int | None = None

    def refresh(self) -> None:
        """Rewrite the rows when the schema has changed since the last time."""
        if self._version == self._schema.version:
            return
        stamp, tooling = self._clock.stamp(), self._schema.tooling
        with self._store.transaction():
            self._store.execute('DELETE FROM "tooling EntityDefinition"')
            self._store.execute('DELETE FROM "tooling FieldDefinition"')
            for entity in self._schema.entities.values():
                durable = durable_id(self._store, entity.name)
                self._store.insert(tooling["entitydefinition"], _entity_row(durable, entity, stamp))
                for field in entity.fields.values():
                    self._store.insert(tooling["fielddefinition"], _field_row(durable, field, stamp))
        self._version = self._schema.version


def _entity_row(durable: str, entity: Entity, stamp: str) -> Row:
    return {
        "Id": durable,
        "DurableId": durable,
        "QualifiedApiName": entity.name,
        "DeveloperName": entity.name.removesuffix("__c"),
        "Label": entity.title,
        "PluralLabel": entity.titles,
        "KeyPrefix": entity.prefix,
        "IsQueryable": 1,
        "IsCustomizable": int(not entity.setup),
        "SystemModstamp": stamp,
    }


def _field_row(durable: str, field: Field, stamp: str) -> Row:
    return {
        "Id": f"{durable}.{field.name}",
        "DurableId": f"{durable}.{field.name}",
        "EntityDefinitionId": durable,
        "QualifiedApiName": field.name,
        "DeveloperName": field.name.removesuffix("__c"),
        "Label": field.title,
        "DataType": field.type,
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "IsNillable": int(field.nillable),
        "IsIndexed": int(field.keyed),
        "SystemModstamp": stamp,
    }
