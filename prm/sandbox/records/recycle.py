"""Deleting and restoring: what happens to a record and to what hangs on it."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError, invalid_cross_reference
from prm.sandbox.kit.types import Row
from prm.sandbox.records.lookup import check_unique
from prm.sandbox.records.models import Signature
from prm.sandbox.schema.models import Entity, Schema
from prm.sandbox.store.models import Store


class RecycleBin:
    """Deleted records stay in their tables, marked; what was deleted together shares a group."""

    def __init__(self, schema: Schema, store: Store) -> None:
        self._schema, self._store = schema, store

    def delete(self, entity: Entity, row: Row, by: Signature) -> None:
        """Delete a record: children that belong to it go along, other lookups are cleared."""
        if row.get("IsStandard"):
            raise SandboxError("DELETE_FAILED", "The standard price book cannot be deleted")
        self._delete(entity, row, by, f"{row['Id']} {by.stamp}")

    def _delete(self, entity: Entity, row: Row, by: Signature, group: str) -> None:
        record_id = str(row["Id"])
        self.retire(entity, record_id, by, group)
        for child, field in self._schema.references_to(entity):
            sql = f'SELECT * FROM {child.table} WHERE "{field.name}" = ? AND {child.alive}'  # nosec B608 # names are our own, values are parameters
            for found in self._store.rows(sql, (record_id,)):
                if field.cascade:
                    self._delete(child, found, by, group)
                elif field.required and field.name != "OwnerId":
                    raise SandboxError(
                        "DELETE_FAILED",
                        f"Your attempt to delete {row.get(entity.name_field)} could not be completed because it is "
                        f"associated with {child.name} {found['Id']}",
                    )
                else:
                    # Cleared lookups move no stamps.
                    self._store.update(child, str(found["Id"]), {field.name: None})

    def retire(self, entity: Entity, record_id: str, by: Signature, group: str) -> None:
        """Mark one record as deleted, or remove it when its object knows no recycle bin."""
        if entity.recycles and not entity.fleeting:
            changes: Row = {"IsDeleted": 1, "_group": group, **by.modified(entity)}
            self._store.update(entity, record_id, changes)
        else:
            self._store.execute(f'DELETE FROM {entity.table} WHERE "Id" = ?', (record_id,))  # nosec B608 # names are our own, values are parameters
        self._store.execute(
            'INSERT OR REPLACE INTO "_deletion" VALUES (?, ?, ?)', (entity.name, record_id, by.stamp)
        )

    def restore(self, record_id: str, by: Signature) -> None:
        """Take a record and all that was deleted with it out of the recycle bin."""
        with self._store.transaction():
            found = self._schema.of_id(record_id)
            top = self._store.get(found, record_id) if found else None
            if top is None or not top.get("IsDeleted"):
                raise invalid_cross_reference()
            for entity in self._schema.entities.values():
                if entity.recycles:
                    sql = f'SELECT * FROM {entity.table} WHERE "_group" = ?'  # nosec B608 # names are our own, values are parameters
                    for row in self._store.rows(sql, (top["_group"],)):
                        self._restore(entity, row, by)

    def _restore(self, entity: Entity, row: Row, by: Signature) -> None:
        for field in entity.fields.values():
            if field.unique and row[field.name] is not None:
                check_unique(self._store, entity, field, row)
        changes: Row = {"IsDeleted": 0, "_group": None, "SystemModstamp": by.stamp}
        if entity.audited:
            changes["LastModifiedDate"] = by.stamp
        if "MasterRecordId" in row:
            changes["MasterRecordId"] = None
        self._store.update(entity, str(row["Id"]), changes)
        self._store.execute('DELETE FROM "_deletion" WHERE object = ? AND id = ?', (entity.name, row["Id"]))

    def purge(self, record_id: str, by: Signature) -> None:
        """Remove a record for good, without the recycle bin (hard delete), children included."""
        with self._store.transaction():
            entity = self._schema.of_id(record_id)
            row = self._store.get(entity, record_id) if entity else None
            if entity is None or row is None:
                raise invalid_cross_reference()
            group = row.get("_group") or f"{record_id} {by.stamp}"
            if not row.get("IsDeleted"):
                self._delete(entity, row, by, str(group))
            for each in self._schema.entities.values():
                if each.recycles:
                    self._store.execute(f'DELETE FROM {each.table} WHERE "_group" = ?', (group,))  # nosec B608 # names are our own, values are parameters

    def empty(self) -> None:
        """Remove everything in the recycle bin and the log of deletions, as an administrator can."""
        with self._store.transaction():
            for entity in self._schema.entities.values():
                if entity.recycles:
                    self._store.execute(f'DELETE FROM {entity.table} WHERE "IsDeleted" = 1')  # nosec B608 # names are our own, values are parameters
            self._store.execute('DELETE FROM "_deletion"')
