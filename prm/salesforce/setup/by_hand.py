"""What an administrator clicks in Salesforce where PRM may not make it itself. Pure sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from prm.mapping import CustomObject
from prm.salesforce.wire.client import Record

_TYPES: Final = {
    "Text": "Text", "LongTextArea": "Text Area (Long)", "Email": "Email", "Phone": "Phone", "Url": "URL",
    "Number": "Number", "Currency": "Currency", "Percent": "Percent", "Date": "Date", "DateTime": "Date/Time",
    "Checkbox": "Checkbox", "Lookup": "Lookup Relationship",
}  # fmt: skip
"""Salesforce's words in its set-up for the types of its Metadata API."""


def object_step(sobject: str, custom: CustomObject) -> str:
    """Return how a custom object is made."""
    return (
        f"Setup → Object Manager → Create → Custom Object. Label “{custom.label}”, plural label “{custom.plural}”, "
        f"object name “{sobject.removesuffix('__c')}”, record name “Name” of data type Text. Save."
    )


def field_step(owner: str, name: str, metadata: Record) -> str:
    """Return how a custom field is made, with what its type asks for."""
    steps = [
        f"Setup → Object Manager → {owner} → Fields & Relationships → New",
        f"{_TYPES.get(str(metadata['type']), str(metadata['type']))}{_details(metadata)}",
        f"Field Label “{metadata['label']}”, Field Name “{name.removesuffix('__c')}”",
    ]
    if metadata.get("externalId"):
        steps.append("tick External ID and Unique (upper and lower case do not differ)")
    return " → ".join(steps[:2]) + ". " + "; ".join(steps[2:]) + ". Save."


def _details(metadata: Record) -> str:
    if metadata["type"] == "Lookup":
        return f" to {metadata['referenceTo']}, cleared when that record is deleted"
    if "precision" in metadata:
        scale = int(metadata["scale"])
        return f", length {int(metadata['precision']) - scale}, decimal places {scale}"
    return f", length {metadata['length']}" if "length" in metadata else ""


def access_steps(permission_set: str, missing: Mapping[str, Sequence[str]], user_id: str) -> list[str]:
    """Return how the integration user is let at fields, by object."""
    steps = [
        f"Setup → Permission Sets → {permission_set} (New, if there is none; no licence, API name {permission_set})."
    ]
    for sobject, names in missing.items():
        rights = " and the object rights Read, Create, Edit, Delete" if sobject.endswith("__c") else ""
        steps.append(
            f"{permission_set} → Object Settings → {sobject} → Edit: tick Read Access and Edit Access of "
            f"{', '.join(names)}{rights}. Save."
        )
    who = f"the integration user ({user_id})" if user_id else "the integration user"
    steps.append(
        f"{permission_set} → Manage Assignments → Add Assignment → {who}. Then run the set-up here again."
    )
    return steps
