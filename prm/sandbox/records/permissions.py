"""Rules of permission sets and what they grant."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import Schema
from prm.sandbox.store.models import Store


def permission_set(change: Change, schema: Schema, store: Store) -> None:
    """Refuse a name that is no API name."""
    change.row["IsCustom"] = 1
    name = change.text("Name")
    if name and not (name.isidentifier() and name.isascii() and name[0].isalpha()):
        raise SandboxError(
            "INVALID_INPUT",
            f"Permission set API name: {name} can only contain letters, digits and _",
            fields=["Name"],
        )


def _bad_choice(label: str, value: str, field: str) -> SandboxError:
    return SandboxError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{label}: bad value for restricted picklist field: {value or None}",
        fields=[field],
    )


def _needs_read(message: str) -> SandboxError:
    return SandboxError("FIELD_INTEGRITY_EXCEPTION", f"{message} depends on permission(s): Read")


def field_permission(change: Change, schema: Schema, store: Store) -> None:
    """Refuse what is no field that can be granted, and editing without reading."""
    row = change.row
    entity = schema.find(change.text("SobjectType"))
    if entity is None:
        raise _bad_choice("Sobject Type Name", change.text("SobjectType"), "SobjectType")
    table, _, name = change.text("Field").partition(".")
    field = entity.find(name)
    if table.lower() != entity.name.lower() or field is None or not field.custom or field.required:
        raise _bad_choice("Field Name", change.text("Field"), "Field")
    row["SobjectType"], row["Field"] = entity.name, f"{entity.name}.{field.name}"
    if row["PermissionsEdit"] and not row["PermissionsRead"]:
        raise _needs_read(f"Permission Edit {row['Field']}")


def object_permission(change: Change, schema: Schema, store: Store) -> None:
    """Refuse what is no object that can be granted, and writing without reading."""
    row = change.row
    entity = schema.find(change.text("SobjectType"))
    if entity is None or entity.setup:
        raise _bad_choice("Sobject Type Name", change.text("SobjectType"), "SobjectType")
    row["SobjectType"] = entity.name
    writes = row["PermissionsCreate"] or row["PermissionsEdit"] or row["PermissionsDelete"]
    if writes and not row["PermissionsRead"]:
        raise _needs_read(f"Permission on {entity.name}")
