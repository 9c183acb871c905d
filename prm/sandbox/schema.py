"""What an object and a field are, and how describe shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TEXT_TYPES = frozenset(
    {"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox"}
)
NUMBER_TYPES = frozenset({"currency", "double", "percent", "int"})
_SOAP = {
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "id": "tns:ID",
    "reference": "tns:ID",
}


def label_of(name: str) -> str:
    """A readable label for an API name: ``BillingPostalCode`` → ``Billing Postal Code``."""
    base = re.sub(r"__c$", "", name).replace("_", " ")
    if name.endswith("Id") and name != "Id":
        base = base[:-2] + " ID"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", base)


@dataclass(frozen=True, slots=True)
class Choice:
    """One picklist value."""

    value: str
    label: str = ""
    active: bool = True
    default: bool = False

    def describe(self) -> dict[str, Any]:
        return {
            "active": self.active,
            "defaultValue": self.default,
            "label": self.label or self.value,
            "validFor": None,
            "value": self.value,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object. ``type`` is the name describe uses."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    calculated: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    default: Any = None
    choices: tuple[Choice, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    cascade: bool = False
    help_text: str = ""

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def long_text(self) -> bool:
        """Long text areas can be neither filtered nor sorted."""
        return self.type == "textarea" and self.length > 255

    @property
    def nillable(self) -> bool:
        return not self.required and self.type not in ("boolean", "id")

    @property
    def keyed(self) -> bool:
        """Whether a record may be named by this field in an upsert or as a parent."""
        return self.external_id or self.id_lookup or self.type == "id"

    @property
    def column(self) -> str:
        """The SQLite column definition. Text compares without case, as in Salesforce."""
        if self.type in ("currency", "double", "percent"):
            kind = "REAL"
        elif self.type in ("boolean", "int"):
            kind = "INTEGER"
        elif self.type in TEXT_TYPES and not self.case_sensitive:
            kind = "TEXT COLLATE NOCASE"
        else:
            kind = "TEXT"
        return f'"{self.name}" {kind}'

    def describe(self, *, editable: bool = True) -> dict[str, Any]:
        """The entry in a describe answer; ``editable`` False removes the right to write."""
        text = self.type in TEXT_TYPES or self.type in ("id", "reference")
        length = 18 if self.type in ("id", "reference") else self.length
        return {
            "aggregatable": not self.long_text and self.type != "boolean",
            "autoNumber": False,
            "byteLength": length * 3 if text else 0,
            "calculated": self.calculated,
            "caseSensitive": self.case_sensitive,
            "compoundFieldName": None,
            "createable": self.createable and editable,
            "custom": self.custom,
            "defaultValue": self.default,
            "defaultedOnCreate": self.default is not None or self.type == "boolean",
            "deprecatedAndHidden": False,
            "digits": self.precision if self.type == "int" else 0,
            "encrypted": False,
            "externalId": self.external_id,
            "filterable": not self.long_text,
            "groupable": not self.long_text and self.type not in NUMBER_TYPES,
            "htmlFormatted": False,
            "idLookup": self.id_lookup or self.external_id or self.type == "id",
            "inlineHelpText": self.help_text or None,
            "label": self.label or label_of(self.name),
            "length": length if text else 0,
            "name": self.name,
            "nillable": self.nillable,
            "permissionable": not self.required and self.type != "id" and self.createable,
            "picklistValues": [choice.describe() for choice in self.choices],
            "polymorphicForeignKey": len(self.reference_to) > 1,
            "precision": self.precision,
            "referenceTo": list(self.reference_to),
            "relationshipName": self.relationship or None,
            "restrictedPicklist": self.restricted,
            "scale": self.scale,
            "soapType": _SOAP.get(self.type, "xsd:string"),
            "sortable": not self.long_text,
            "type": self.type,
            "unique": self.unique,
            "updateable": self.updateable and editable,
        }


@dataclass(slots=True)
class Entity:
    """One object (sObject) with its fields in order."""

    name: str
    prefix: str
    label: str = ""
    plural: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    setup: bool = False
    tooling: bool = False
    writable: bool = True
    recycles: bool = True
    audited: bool = True
    mergeable: bool = False
    replicateable: bool = True
    by_lower: dict[str, Field] = field(default_factory=dict)
    by_relationship: dict[str, Field] = field(default_factory=dict)

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def table(self) -> str:
        return f'"{"tooling " if self.tooling else ""}{self.name}"'

    def add(self, new: Field) -> None:
        """Add or replace a field."""
        self.fields[new.name] = new
        self.by_lower[new.name.lower()] = new
        if new.relationship:
            self.by_relationship[new.relationship.lower()] = new

    def remove(self, name: str) -> None:
        """Take a field away; its column and values stay, unseen."""
        gone = self.fields.pop(name)
        self.by_lower.pop(name.lower())
        self.by_relationship.pop(gone.relationship.lower(), None)

    def find(self, name: str) -> Field | None:
        """The field of that API name, whatever its case."""
        return self.by_lower.get(name.lower())

    @property
    def name_field(self) -> str:
        """The field a person knows a record by."""
        for candidate in ("Name", "Subject", "CompetitorName", "MasterLabel", "Field", "SobjectType"):
            if candidate in self.fields:
                return candidate
        return "Id"

    def summary(self, base: str, *, rights: dict[str, bool]) -> dict[str, Any]:
        """The entry in describeGlobal. ``base`` is ``/services/data/vNN.N``."""
        label = self.label or label_of(self.name)
        url = f"{base}/sobjects/{self.name}"
        return {
            "activateable": False,
            "createable": self.writable and rights["create"],
            "custom": self.custom,
            "customSetting": False,
            "deletable": self.writable and rights["delete"],
            "deprecatedAndHidden": False,
            "feedEnabled": False,
            "keyPrefix": self.prefix,
            "label": label,
            "labelPlural": self.plural or label + "s",
            "layoutable": not self.setup,
            "mergeable": self.mergeable,
            "mruEnabled": not self.setup,
            "name": self.name,
            "queryable": True,
            "replicateable": self.replicateable,
            "retrieveable": True,
            "searchable": not self.setup,
            "triggerable": not self.setup,
            "undeletable": self.recycles and not self.setup,
            "updateable": self.writable and rights["edit"],
            "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": url + "/{ID}"},
        }


def system_fields(*, recycles: bool = True, audited: bool = True) -> Iterable[Field]:
    """The fields every object has; none can be written by a client."""
    closed: dict[str, Any] = {"createable": False, "updateable": False}
    yield Field("Id", "id", "Record ID", **closed)
    if recycles:
        yield Field("IsDeleted", "boolean", "Deleted", default=False, **closed)
    if audited:
        user: dict[str, Any] = {"reference_to": ("User",), "required": True, "default": "", **closed}
        yield Field("CreatedDate", "datetime", required=True, default="", **closed)
        yield Field("CreatedById", "reference", relationship="CreatedBy", **user)
        yield Field("LastModifiedDate", "datetime", required=True, default="", **closed)
        yield Field("LastModifiedById", "reference", relationship="LastModifiedBy", **user)
    yield Field("SystemModstamp", "datetime", required=True, default="", **closed)


def entity(name: str, prefix: str, *fields: Field, **options: Any) -> Entity:
    """An object with its system fields first."""
    made = Entity(name, prefix, **options)
    for each in system_fields(recycles=made.recycles, audited=made.audited):
        made.add(each)
    for each in fields:
        made.add(each)
    return made
