"""Deleting, restoring and merging: what happens to a record and to what hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prm.sandbox import rules
from prm.sandbox.errors import SandboxError, invalid_cross_reference
from prm.sandbox.schema import Entity, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prm.sandbox.dml import Writer
    from prm.sandbox.org import SandboxOrg

Row = dict[str, Any]


def _references(org: SandboxOrg, entity: Entity) -> Iterator[tuple[Entity, Field]]:
    """Every lookup of every object that can point at this one."""
    for child in org.entities.values():
        for field in child.fields.values():
            audit = field.name in ("CreatedById", "LastModifiedById", "MasterRecordId")
            if field.type == "reference" and entity.name in field.reference_to and not audit:
                yield child, field


def delete(writer: Writer, entity: Entity, row: Row) -> None:
    """Delete a record: children that belong to it go along, other lookups are cleared."""
    if row.get("IsStandard"):
        raise SandboxError("DELETE_FAILED", "The standard price book cannot be deleted")
    _delete(writer, entity, row, f"{row['Id']} {writer.stamp}")
    if entity.name == "OpportunityLineItem":
        from prm.sandbox.dml import Change  # dml imports this module for its delete operation

        rules.roll_up(Change(writer, entity, row, row, set()), row["OpportunityId"])
    if entity.setup:
        writer.org.permissions_changed()


def _delete(writer: Writer, entity: Entity, row: Row, group: str) -> None:
    org, record_id = writer.org, str(row["Id"])
    _retire(writer, entity, record_id, group)
    for child, field in _references(org, entity):
        alive = ' AND "IsDeleted" = 0' if child.recycles else ""
        for found in org.store.rows(
            f'SELECT * FROM {child.table} WHERE "{field.name}" = ?{alive}', (record_id,)
        ):
            if field.cascade:
                _delete(writer, child, found, group)
            elif field.required and field.name != "OwnerId":
                raise SandboxError(
                    "DELETE_FAILED",
                    f"Your attempt to delete {row.get(entity.name_field)} could not be completed because it is "
                    f"associated with {child.name} {found['Id']}",
                )
            else:
                # Cleared lookups move no stamps.
                org.store.update(child, str(found["Id"]), {field.name: None})


def _retire(writer: Writer, entity: Entity, record_id: str, group: str) -> None:
    org, stamp = writer.org, writer.stamp
    if entity.recycles:
        changes: Row = {"IsDeleted": 1, "_group": group, "SystemModstamp": stamp}
        if entity.audited:
            changes |= {"LastModifiedDate": stamp, "LastModifiedById": writer.person.id}
        org.store.update(entity, record_id, changes)
    else:
        org.store.execute(f'DELETE FROM {entity.table} WHERE "Id" = ?', (record_id,))
    org.store.execute('INSERT OR REPLACE INTO "_deletion" VALUES (?, ?, ?)', (entity.name, record_id, stamp))


def _binned(org: SandboxOrg, record_id: str) -> tuple[Entity, Row]:
    entity = org.entity_of_id(record_id)
    row = org.store.get(entity, record_id) if entity else None
    if entity is None or row is None or not row.get("IsDeleted"):
        raise invalid_cross_reference()
    return entity, row


def undelete(writer: Writer, record_id: str) -> None:
    """Take a record and all that was deleted with it out of the recycle bin."""
    org = writer.org
    with org.store.transaction():
        _, top = _binned(org, record_id)
        for entity in org.entities.values():
            if not entity.recycles:
                continue
            for row in org.store.rows(f'SELECT * FROM {entity.table} WHERE "_group" = ?', (top["_group"],)):
                for field in entity.fields.values():
                    if field.unique and row[field.name] is not None:
                        writer.check_unique(entity, field, row)
                stamp = writer.stamp
                changes = {"IsDeleted": 0, "_group": None, "LastModifiedDate": stamp, "SystemModstamp": stamp}
                if "MasterRecordId" in row:
                    changes["MasterRecordId"] = None
                org.store.update(entity, str(row["Id"]), changes)
                org.store.execute(
                    'DELETE FROM "_deletion" WHERE object = ? AND id = ?', (entity.name, row["Id"])
                )


def purge(writer: Writer, record_id: str) -> None:
    """Remove a record for good, without the recycle bin (hard delete), children included."""
    org = writer.org
    with org.store.transaction():
        entity = org.entity_of_id(record_id)
        row = org.store.get(entity, record_id) if entity else None
        if entity is None or row is None:
            raise invalid_cross_reference()
        if not row.get("IsDeleted"):
            _delete(writer, entity, row, f"{record_id} {writer.stamp}")
        for each in org.entities.values():
            if each.recycles:
                group = row["_group"] or f"{record_id} {writer.stamp}"
                org.store.execute(f'DELETE FROM {each.table} WHERE "_group" = ?', (group,))


def empty_bin(org: SandboxOrg) -> None:
    """Remove everything in the recycle bin and the log of deletions, as an administrator can."""
    with org.store.transaction():
        for entity in org.entities.values():
            if entity.recycles:
                org.store.execute(f'DELETE FROM {entity.table} WHERE "IsDeleted" = 1')
        org.store.execute('DELETE FROM "_deletion"')


def merge(writer: Writer, master_id: str, loser_ids: list[str], values: Row | None = None) -> None:
    """Merge up to two records of one object into a master, as the user interface does.

    Children move to the master without their stamps moving; losers go to the bin with
    MasterRecordId set and without their unique keys; the master is updated.
    """
    org = writer.org
    entity = org.entity_of_id(master_id)
    if entity is None or not entity.mergeable:
        raise SandboxError("INVALID_OPERATION", "only accounts and contacts can be merged")
    if not 1 <= len(loser_ids) <= 2 or master_id in loser_ids:
        raise SandboxError("INVALID_OPERATION", "a merge takes one or two other records")
    with org.store.transaction():
        writer.fetch(entity, master_id)
        for loser_id in loser_ids:
            writer.fetch(entity, loser_id)
            for child, field in _references(org, entity):
                org.store.execute(
                    f'UPDATE {child.table} SET "{field.name}" = ? WHERE "{field.name}" = ?',
                    (master_id, loser_id),
                )
            _retire(writer, entity, loser_id, f"{loser_id} {writer.stamp}")
            cleared: Row = {each.name: None for each in entity.fields.values() if each.unique}
            org.store.update(entity, loser_id, {**cleared, "MasterRecordId": master_id})
        writer.update(entity.name, master_id, values or {})
