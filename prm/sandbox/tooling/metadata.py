"""From the Metadata of a custom object or field to what the schema knows, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import JsonObject, as_list, as_object, text_or_empty
from prm.sandbox.schema.fields import owner
from prm.sandbox.schema.models import Choice, Entity, Field, Schema, entity, label_of

_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!_))*__c\Z")
_NUMBERS = {"Number": "double", "Currency": "currency", "Percent": "percent"}
# Metadata type: type in describe, and length.
_PLAIN = {
    "Date": ("date", 0),
    "DateTime": ("datetime", 0),
    "Email": ("email", 80),
    "Phone": ("phone", 40),
    "Url": ("url", 255),
    "TextArea": ("textarea", 255),
}
LONGEST_NAME = 43


def refused(message: str) -> SandboxError:
    """Refuse metadata that is not acceptable."""
    return SandboxError("FIELD_INTEGRITY_EXCEPTION", message)


def check_name(name: str) -> None:
    """Refuse what cannot be the API name of a custom object or field."""
    if not _NAME.match(name) or len(name) > LONGEST_NAME:
        raise SandboxError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"The {name} name can only contain underscores and alphanumeric characters, must begin with a letter and "
            "must end with __c.",
            fields=["FullName"],
        )


def _whole(metadata: JsonObject, key: str, low: int, high: int) -> int:
    value = metadata.get(key)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise refused(f"Required field is missing: {key}")
    if not low <= value <= high:
        raise refused(f"{key} must be between {low} and {high}, not {value}")
    return value


def _required(metadata: JsonObject) -> bool:
    return bool(metadata.get("required"))


def _text(name: str, kind: str, metadata: JsonObject) -> Field:
    return Field(name, "string", length=_whole(metadata, "length", 1, 255), required=_required(metadata))


def _long_text(name: str, kind: str, metadata: JsonObject) -> Field:
    _whole(metadata, "visibleLines", 2, 50)
    length = _whole(metadata, "length", 256, 131_072)
    return Field(name, "textarea", length=length, required=_required(metadata))


def _number(name: str, kind: str, metadata: JsonObject) -> Field:
    precision = _whole(metadata, "precision", 1, 18)
    scale = _whole(metadata, "scale", 0, precision)
    return Field(name, _NUMBERS[kind], precision=precision, scale=scale, required=_required(metadata))


def _plain(name: str, kind: str, metadata: JsonObject) -> Field:
    described, length = _PLAIN[kind]
    return Field(name, described, length=length, required=_required(metadata))


def _checkbox(name: str, kind: str, metadata: JsonObject) -> Field:
    if "defaultValue" not in metadata:
        raise refused("Must specify 'defaultValue' for a CustomField of type Checkbox")
    default = str(metadata["defaultValue"]).lower() == "true"
    return Field(name, "boolean", default=default, required=_required(metadata))


def _picklist(name: str, kind: str, metadata: JsonObject) -> Field:
    value_set = as_object(metadata.get("valueSet"))
    values = as_list(as_object(value_set.get("valueSetDefinition")).get("value"))
    if not values:
        raise refused("Must specify at least one picklist value in valueSet.valueSetDefinition")
    choices = tuple(_choice(as_object(each)) for each in values)
    many = kind == "MultiselectPicklist"
    return Field(
        name,
        "multipicklist" if many else "picklist",
        length=4099 if many else 255,
        choices=choices,
        restricted=bool(value_set.get("restricted")),
        default=next((each.value for each in choices if each.default), None),
        required=_required(metadata),
    )


def _choice(value: JsonObject) -> Choice:
    name = str(value.get("fullName") or value.get("valueName"))
    return Choice(
        name,
        str(value.get("label") or name),
        active=value.get("isActive") is not False,
        default=bool(value.get("default")),
    )


_MAKERS: dict[str, Callable[[str, str, JsonObject], Field]] = {
    "Text": _text,
    "LongTextArea": _long_text,
    "Checkbox": _checkbox,
    "Picklist": _picklist,
    "MultiselectPicklist": _picklist,
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_PLAIN, _plain),
}


def _lookup(schema: Schema, name: str, kind: str, metadata: JsonObject) -> Field:
    target = schema.find(text_or_empty(metadata.get("referenceTo")))
    if target is None:
        raise refused("referenceTo value does not resolve to a valid sObject type")
    if not metadata.get("relationshipName"):
        raise refused("Must specify 'relationshipName' for a CustomField of type " + kind)
    master = kind == "MasterDetail"
    return Field(
        name,
        "reference",
        reference_to=(target.name,),
        relationship=name[:-1] + "r",
        cascade=master or metadata.get("deleteConstraint") == "Cascade",
        required=master or _required(metadata),
    )


def field_from(schema: Schema, name: str, metadata: JsonObject) -> Field:
    """Return a field from its name and Metadata; raise SandboxError like the metadata service."""
    check_name(name)
    label, kind = text_or_empty(metadata.get("label")), text_or_empty(metadata.get("type"))
    if not label:
        raise refused("Required field is missing: label")
    if kind in ("Lookup", "MasterDetail"):
        made = _lookup(schema, name, kind, metadata)
    elif kind in _MAKERS:
        made = _MAKERS[kind](name, kind, metadata)
    else:
        raise refused(f"Unknown or unsupported field type: {kind or '(none)'}")
    external_id, unique = bool(metadata.get("externalId")), bool(metadata.get("unique"))
    if (external_id or unique) and kind not in ("Text", "Number", "Email"):
        raise refused(f"A field of type {kind} can be neither unique nor an external id")
    return replace(
        made,
        label=label,
        external_id=external_id,
        unique=unique,
        case_sensitive=bool(metadata.get("caseSensitive")) and kind == "Text",
        help_text=text_or_empty(metadata.get("inlineHelpText")),
    )


def object_from(name: str, prefix: str, metadata: JsonObject) -> Entity:
    """Return a custom object with its name field and owner."""
    name_field = as_object(metadata.get("nameField"))
    auto = name_field.get("type") == "AutoNumber"
    named = Field(
        "Name",
        "string",
        length=80,
        label=text_or_empty(name_field.get("label")) or "Name",
        createable=not auto,
        updateable=not auto,
    )
    label = text_or_empty(metadata.get("label")) or label_of(name)
    plural = text_or_empty(metadata.get("pluralLabel")) or label
    return entity(name, prefix, owner(), named, label=label, plural=plural)
