"""Custom objects and fields: made from metadata, kept in the file, listed for Tooling queries."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from prm.sandbox.errors import SandboxError, not_found
from prm.sandbox.field_kinds import owner, text
from prm.sandbox.schema import Choice, Entity, Field, entity, label_of

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!_))*__c\Z")
_SIMPLE = {"Date": "date", "DateTime": "datetime", "Email": "email", "Phone": "phone", "Url": "url"}
_FIXED_LENGTH = {"Email": 80, "Phone": 40, "Url": 255, "TextArea": 255}
_NUMBERS = {"Number": "double", "Currency": "currency", "Percent": "percent"}
MAX_EXTERNAL_IDS = 25
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def refused(message: str) -> SandboxError:
    """The metadata is not acceptable."""
    return SandboxError("FIELD_INTEGRITY_EXCEPTION", message)


def check_name(name: str) -> None:
    """Refuse what cannot be the API name of a custom object or field."""
    if not _NAME.match(name) or len(name) > 43:
        raise SandboxError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"The {name} name can only contain underscores and alphanumeric characters, must begin with a letter and "
            "must end with __c.",
            fields=["FullName"],
        )


def _whole(metadata: dict[str, Any], key: str, low: int, high: int) -> int:
    value = metadata.get(key)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise refused(f"Required field is missing: {key}")
    if not low <= value <= high:
        raise refused(f"{key} must be between {low} and {high}, not {value}")
    return value


def _choices(metadata: dict[str, Any]) -> tuple[tuple[Choice, ...], bool]:
    value_set = metadata.get("valueSet") or {}
    values = (value_set.get("valueSetDefinition") or {}).get("value") or []
    if not values:
        raise refused("Must specify at least one picklist value in valueSet.valueSetDefinition")
    choices = tuple(
        Choice(
            str(each.get("fullName") or each.get("valueName")),
            str(each.get("label") or each.get("fullName") or each.get("valueName")),
            active=each.get("isActive") is not False,
            default=bool(each.get("default")),
        )
        for each in values
    )
    return choices, bool(value_set.get("restricted"))


def _typed(kind: str, metadata: dict[str, Any]) -> dict[str, Any]:  # noqa: PLR0911 - one return per kind
    """The attributes of a field that follow from its metadata type."""
    if kind == "Text":
        return {"type": "string", "length": _whole(metadata, "length", 1, 255)}
    if kind == "TextArea":
        return {"type": "textarea", "length": 255}
    if kind == "LongTextArea":
        _whole(metadata, "visibleLines", 2, 50)
        return {"type": "textarea", "length": _whole(metadata, "length", 256, 131_072)}
    if kind in _NUMBERS:
        precision = _whole(metadata, "precision", 1, 18)
        return {
            "type": _NUMBERS[kind],
            "precision": precision,
            "scale": _whole(metadata, "scale", 0, precision),
        }
    if kind in _SIMPLE:
        return {"type": _SIMPLE[kind], "length": _FIXED_LENGTH.get(kind, 0)}
    if kind == "Checkbox":
        if "defaultValue" not in metadata:
            raise refused("Must specify 'defaultValue' for a CustomField of type Checkbox")
        return {"type": "boolean", "default": str(metadata["defaultValue"]).lower() == "true"}
    if kind in ("Picklist", "MultiselectPicklist"):
        choices, restricted = _choices(metadata)
        default = next((each.value for each in choices if each.default), None)
        many = kind == "MultiselectPicklist"
        length = 4099 if many else 255
        name = "multipicklist" if many else "picklist"
        return {
            "type": name,
            "choices": choices,
            "restricted": restricted,
            "default": default,
            "length": length,
        }
    raise refused(f"Unknown or unsupported field type: {kind or '(none)'}")


def _lookup(org: SandboxOrg, name: str, kind: str, metadata: dict[str, Any]) -> dict[str, Any]:
    target = org.entities.get(str(metadata.get("referenceTo") or "").lower())
    if target is None:
        raise refused("referenceTo value does not resolve to a valid sObject type")
    if not metadata.get("relationshipName"):
        raise refused("Must specify 'relationshipName' for a CustomField of type " + kind)
    return {
        "type": "reference",
        "reference_to": (target.name,),
        "relationship": name[:-1] + "r",
        "cascade": kind == "MasterDetail" or metadata.get("deleteConstraint") == "Cascade",
        "required": kind == "MasterDetail" or bool(metadata.get("required")),
    }


def field_from(org: SandboxOrg, name: str, metadata: dict[str, Any]) -> Field:
    """A field from its name and Metadata; raises SandboxError like the metadata service."""
    check_name(name)
    label = str(metadata.get("label") or "")
    if not label:
        raise refused("Required field is missing: label")
    kind = str(metadata.get("type") or "")
    typed = (
        _lookup(org, name, kind, metadata) if kind in ("Lookup", "MasterDetail") else _typed(kind, metadata)
    )
    keyed = {key: bool(metadata.get(key)) for key in ("externalId", "unique", "caseSensitive")}
    if (keyed["externalId"] or keyed["unique"]) and kind not in ("Text", "Number", "Email"):
        raise refused(f"A field of type {kind} can be neither unique nor an external id")
    return Field(
        name,
        label=label,
        external_id=keyed["externalId"],
        unique=keyed["unique"],
        case_sensitive=keyed["caseSensitive"] and kind == "Text",
        help_text=str(metadata.get("inlineHelpText") or ""),
        **{"required": bool(metadata.get("required")), **typed},
    )


def holders(org: SandboxOrg, table: str) -> list[Entity]:
    """The objects that get a custom field of ``table``; Activity stands for Task and Event."""
    if table.lower() == "activity":
        return [org.entities["task"], org.entities["event"]]
    found = org.entities.get(table.lower())
    if found is None or table.lower() in ("task", "event") or found.setup:
        raise SandboxError(
            "INVALID_INPUT", f"Entity Enumeration or ID: bad value for restricted picklist field: {table}"
        )
    return [found]


def attach(org: SandboxOrg, table: str, made: Field) -> None:
    """Add a field to its objects and their tables."""
    for each in holders(org, table):
        each.add(made)
        org.store.add_column(each, made)
        org.store.ensure_indexes(each, [made])


def custom_entity(name: str, prefix: str, metadata: dict[str, Any]) -> Entity:
    """A custom object with its name field and owner."""
    name_field = metadata.get("nameField") or {}
    auto = name_field.get("type") == "AutoNumber"
    named = text(
        "Name", 80, label=str(name_field.get("label") or "Name"), createable=not auto, updateable=not auto
    )
    label = str(metadata.get("label") or label_of(name))
    return entity(name, prefix, owner(), named, label=label, plural=str(metadata.get("pluralLabel") or label))


def load_custom(org: SandboxOrg) -> None:
    """Rebuild custom objects and fields from the file."""
    for full_name, kind, metadata in org.store.tuples(
        'SELECT full_name, kind, metadata FROM "_custom" ORDER BY position'
    ):
        body = json.loads(metadata)
        if kind == "object":
            made = custom_entity(full_name, body["_prefix"], body)
            org.entities[full_name.lower()] = made
            org.store.ensure_table(made)
        else:
            table, _, name = full_name.partition(".")
            attach(org, table, field_from(org, name, body))


def create_object(org: SandboxOrg, full_name: str, metadata: dict[str, Any]) -> str:
    """Make a custom object; returns the id of its CustomObject row."""
    check_name(full_name)
    if full_name.lower() in org.entities:
        raise SandboxError("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {full_name}.")
    for key in ("label", "pluralLabel", "nameField"):
        if not metadata.get(key):
            raise refused(f"Required field is missing: {key}")
    number = org.store.next_number("custom prefix") - 1
    metadata = {**metadata, "_prefix": f"a{number // 36}{_BASE36[number % 36]}"}
    made = custom_entity(full_name, metadata["_prefix"], metadata)
    org.entities[full_name.lower()] = made
    org.store.ensure_table(made)
    record_id = _remember(org, full_name, "object", metadata)
    org.schema_changed()
    return record_id


def create_field(org: SandboxOrg, full_name: str, metadata: dict[str, Any]) -> str:
    """Make a custom field; returns the id of its CustomField row. Nobody may see it yet."""
    table, dot, name = full_name.partition(".")
    if not dot:
        raise refused("Required field is missing: FullName must be Object.Field__c")
    targets = holders(org, table)
    made = field_from(org, name, metadata)
    if any(each.find(name) for each in targets):
        raise SandboxError(
            "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {name[:-3]} on {table}."
        )
    keys = sum(each.external_id for each in targets[0].fields.values())
    if made.external_id and keys >= MAX_EXTERNAL_IDS:
        raise SandboxError(
            "CUSTOM_FIELD_INDEX_LIMIT_EXCEEDED",
            f"{table} has the most external id fields it can have: {keys}",
        )
    canonical = "Activity" if len(targets) > 1 else targets[0].name
    attach(org, canonical, made)
    record_id = _remember(org, f"{canonical}.{name}", "field", metadata)
    org.schema_changed()
    return record_id


def change_field(org: SandboxOrg, record_id: str, metadata: dict[str, Any]) -> None:
    """Replace a custom field's Metadata; its storage type cannot change."""
    full_name = _full_name(org, record_id)
    table, _, name = full_name.partition(".")
    made = field_from(org, name, metadata)
    old = holders(org, table)[0].fields[name]
    if made.column != old.column:
        raise refused(f"Cannot change the type of {full_name} from {old.type} to {made.type}")
    attach(org, table, made)
    body = json.dumps(metadata)
    org.store.execute('UPDATE "_custom" SET metadata = ? WHERE id = ?', (body, record_id))
    org.store.update(
        org.tooling["customfield"], record_id, {"Metadata": body, "SystemModstamp": org.clock.stamp()}
    )
    org.schema_changed()


def delete_field(org: SandboxOrg, record_id: str) -> None:
    """Take a custom field away from its objects, as a careless administrator does."""
    full_name = _full_name(org, record_id)
    table, _, name = full_name.partition(".")
    for each in holders(org, table):
        each.remove(name)
    org.store.execute('DELETE FROM "_custom" WHERE id = ?', (record_id,))
    org.store.execute('DELETE FROM "tooling CustomField" WHERE "Id" = ?', (record_id,))
    org.store.execute('DELETE FROM "FieldPermissions" WHERE "Field" LIKE ?', (f"%.{name}",))
    org.schema_changed()


def _full_name(org: SandboxOrg, record_id: str) -> str:
    found = org.store.value('SELECT full_name FROM "_custom" WHERE id = ? AND kind = ?', (record_id, "field"))
    if found is None:
        raise not_found()
    return str(found)


def _remember(org: SandboxOrg, full_name: str, kind: str, metadata: dict[str, Any]) -> str:
    catalogue = org.tooling["customfield" if kind == "field" else "customobject"]
    record_id = org.new_id(catalogue.prefix)
    position = org.store.next_number("custom position")
    body = json.dumps(metadata)
    org.store.execute(
        'INSERT INTO "_custom" VALUES (?, ?, ?, ?, ?)', (full_name, kind, record_id, body, position)
    )
    table, _, name = full_name.rpartition(".")
    row: dict[str, Any] = {
        "Id": record_id,
        "DeveloperName": name.removesuffix("__c"),
        "FullName": full_name,
        "Metadata": body,
    }
    if kind == "field":
        row["TableEnumOrId"] = _table_id(org, table)
    stamp, author = org.clock.stamp(), str(org.store.meta("administrator"))
    row |= {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
    row |= {"CreatedById": author, "LastModifiedById": author}
    org.store.insert(catalogue, row)
    return record_id


def _table_id(org: SandboxOrg, table: str) -> str:
    """Custom objects are named by id, standard ones by name."""
    found = org.store.value('SELECT id FROM "_custom" WHERE full_name = ? AND kind = ?', (table, "object"))
    return str(found or table)


def refresh_definitions(org: SandboxOrg) -> None:
    """Rewrite the EntityDefinition and FieldDefinition rows from the schema."""
    stamp = org.clock.stamp()
    with org.store.transaction():
        org.store.execute('DELETE FROM "tooling EntityDefinition"')
        org.store.execute('DELETE FROM "tooling FieldDefinition"')
        for each in org.entities.values():
            durable = _table_id(org, each.name)
            label = each.label or label_of(each.name)
            row = {
                "Id": durable,
                "DurableId": durable,
                "QualifiedApiName": each.name,
                "DeveloperName": each.name.removesuffix("__c"),
                "Label": label,
                "PluralLabel": each.plural or label + "s",
                "KeyPrefix": each.prefix,
                "IsQueryable": 1,
                "IsCustomizable": int(not each.setup),
                "SystemModstamp": stamp,
            }
            org.store.insert(org.tooling["entitydefinition"], row)
            for one in each.fields.values():
                org.store.insert(org.tooling["fielddefinition"], _definition(durable, one, stamp))


def _definition(durable: str, one: Field, stamp: str) -> dict[str, Any]:
    return {
        "Id": f"{durable}.{one.name}",
        "DurableId": f"{durable}.{one.name}",
        "EntityDefinitionId": durable,
        "QualifiedApiName": one.name,
        "DeveloperName": one.name.removesuffix("__c"),
        "Label": one.label or label_of(one.name),
        "DataType": one.type,
        "Length": one.length,
        "Precision": one.precision,
        "Scale": one.scale,
        "IsNillable": int(one.nillable),
        "IsIndexed": int(one.keyed),
        "SystemModstamp": stamp,
    }
