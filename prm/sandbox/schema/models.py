"""Objects, their fields, and the schema of one org."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from prm.sandbox.kit.types import JsonObject

TEXT_TYPES = frozenset(
    {"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox"}
)
NUMBER_TYPES = frozenset({"currency", "double", "percent", "int"})


def label_of(name: str) -> str:
    """Return a readable label for an API name: `BillingPostalCode` becomes `Billing Postal Code`."""
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
    # Values of the controlling field with which it may be chosen.
    valid_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object. `type` is the name describe uses.

    `controller` names the picklist on which this one depends. `judged`: a rule says what is in its list, in its own words.
    """

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
    default: str | bool | None = None
    choices: tuple[Choice, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    cascade: bool = False
    help_text: str = ""
    controller: str = ""
    judged: bool = False

    @property
    def title(self) -> str:
        """What a person reads."""
        return self.label or label_of(self.name)

    @property
    def said(self) -> str:
        """What refusals call the field."""
        return self.label or self.name

    @property
    def custom(self) -> bool:
        """Whether an administrator made it."""
        return self.name.endswith("__c")

    @property
    def long_text(self) -> bool:
        """Long text areas can be neither filtered nor sorted."""
        return self.type == "textarea" and self.length > 255

    @property
    def nillable(self) -> bool:
        """Whether a record may lack a value."""
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


@dataclass(slots=True)
class Entity:
    """One object (sObject) with its fields in order.

    `setup` objects are about the org itself, `tooling` ones belong to the Tooling API. Records of a `fleeting` one are gone at
    once when they are deleted: no recycle bin keeps them.
    """

    name: str
    prefix: str
    label: str = ""
    plural: str = ""
    setup: bool = False
    tooling: bool = False
    writable: bool = True
    recycles: bool = True
    fleeting: bool = False
    audited: bool = True
    mergeable: bool = False
    replicateable: bool = True
    fields: dict[str, Field] = field(default_factory=dict)
    _by_lower: dict[str, Field] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What a person calls one record."""
        return self.label or label_of(self.name)

    @property
    def titles(self) -> str:
        """What a person calls several records."""
        return self.plural or self.title + "s"

    @property
    def custom(self) -> bool:
        """Whether an administrator made it."""
        return self.name.endswith("__c")

    @property
    def table(self) -> str:
        """Its SQLite table, quoted."""
        return f'"{"tooling " if self.tooling else ""}{self.name}"'

    @property
    def alive(self) -> str:
        """The SQL condition of records that are not in the recycle bin."""
        return '"IsDeleted" = 0' if self.recycles else "1"

    @property
    def name_field(self) -> str:
        """The field a person knows a record by."""
        for candidate in ("Name", "Subject", "CompetitorName", "MasterLabel", "Field", "SobjectType"):
            if candidate in self.fields:
                return candidate
        return "Id"

    def add(self, new: Field) -> None:
        """Add or replace a field."""
        self.fields[new.name] = new
        self._by_lower[new.name.lower()] = new

    def remove(self, name: str) -> None:
        """Take a field away; its column and values stay, unseen."""
        del self.fields[name]
        del self._by_lower[name.lower()]

    def find(self, name: str) -> Field | None:
        """Return the field of that API name, whatever its case."""
        return self._by_lower.get(name.lower())


class EntityOptions(TypedDict, total=False):
    """What can be said of an object beside its name and fields."""

    label: str
    plural: str
    setup: bool
    tooling: bool
    writable: bool
    recycles: bool
    fleeting: bool
    audited: bool
    mergeable: bool
    replicateable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """One record type of an object. `available`: the profile of the application's user has it. `default`: it is that profile's.

    Of person accounts and business accounts each has a default of its own.
    """

    id: str
    sobject: str
    name: str
    label: str
    person: bool = False
    active: bool = True
    available: bool = True
    default: bool = False

    def as_json(self) -> JsonObject:
        """Return it as it is turned on and kept."""
        return {
            "object": self.sobject, "name": self.name, "label": self.label, "person": self.person,
            "active": self.active, "available": self.available, "default": self.default,
        }  # fmt: skip


class Schema:
    """The objects of one org by lower-case name: those of its data, and the Tooling catalogue.

    `version` grows with every change of objects or fields. `record_types` are those of an object that has some, by its name.
    """

    def __init__(self, entities: Iterable[Entity], tooling: Iterable[Entity]) -> None:
        self.entities = {each.name.lower(): each for each in entities}
        self.tooling = {each.name.lower(): each for each in tooling}
        self.version = 0
        self.record_types: dict[str, list[RecordType]] = {}

    def find(self, name: str) -> Entity | None:
        """Return the data object of that name, whatever its case."""
        return self.entities.get(name.lower())

    def of_id(self, record_id: str) -> Entity | None:
        """Return the data object an 18-character id belongs to, by its key prefix."""
        for each in self.entities.values():
            if each.prefix == record_id[:3]:
                return each
        return None

    def references_to(self, entity: Entity) -> Iterator[tuple[Entity, Field]]:
        """Yield every lookup of every object that can point at this one, audit fields left out."""
        for child in self.entities.values():
            for each in child.fields.values():
                audit = each.name in ("CreatedById", "LastModifiedById", "MasterRecordId")
                if each.type == "reference" and entity.name in each.reference_to and not audit:
                    yield child, each


def _system_fields(*, recycles: bool, audited: bool) -> Iterator[Field]:
    """Yield the fields every object has; none can be written by a client."""
    yield Field("Id", "id", "Record ID", createable=False, updateable=False)
    if recycles:
        yield Field("IsDeleted", "boolean", "Deleted", default=False, createable=False, updateable=False)
    if audited:
        yield from _stamp("CreatedDate", "CreatedById")
        yield from _stamp("LastModifiedDate", "LastModifiedById")
    yield from _stamp("SystemModstamp")


def _stamp(moment: str, author: str = "") -> Iterator[Field]:
    yield Field(moment, "datetime", required=True, default="", createable=False, updateable=False)
    if author:
        yield Field(
            author,
            "reference",
            relationship=author.removesuffix("Id"),
            reference_to=("User",),
            required=True,
            default="",
            createable=False,
            updateable=False,
        )


def entity(name: str, prefix: str, *fields: Field, **options: Unpack[EntityOptions]) -> Entity:
    """Return an object with its system fields first."""
    made = Entity(name, prefix, **options)
    for each in (*_system_fields(recycles=made.recycles, audited=made.audited), *fields):
        made.add(each)
    return made
