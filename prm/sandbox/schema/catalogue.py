"""The Tooling API's objects: custom fields and objects, and the definitions of all of them."""

from __future__ import annotations

from typing import TypedDict

from prm.sandbox.schema.fields import CLOSED, area, flag, text, whole
from prm.sandbox.schema.models import Entity, Field, entity


class Catalogue(TypedDict):
    """The traits of objects that no client writes as records."""

    tooling: bool
    recycles: bool
    writable: bool


CATALOGUE: Catalogue = {"tooling": True, "recycles": False, "writable": False}


def _customfield() -> Entity:
    return entity(
        "CustomField",
        "00N",
        text("DeveloperName", 80, **CLOSED),
        text("NamespacePrefix", 15, **CLOSED),
        text("TableEnumOrId", 40, **CLOSED),
        text("FullName", 121, **CLOSED),
        area("Metadata", **CLOSED),
        **CATALOGUE,
    )


def _customobject() -> Entity:
    return entity(
        "CustomObject",
        "01I",
        text("DeveloperName", 80, **CLOSED),
        text("NamespacePrefix", 15, **CLOSED),
        text("FullName", 121, **CLOSED),
        area("Metadata", **CLOSED),
        **CATALOGUE,
    )


def _entitydefinition() -> Entity:
    return entity(
        "EntityDefinition",
        "4ie",
        text("DurableId", **CLOSED),
        text("QualifiedApiName", **CLOSED),
        text("DeveloperName", **CLOSED),
        text("Label", **CLOSED),
        text("PluralLabel", **CLOSED),
        text("KeyPrefix", 3, **CLOSED),
        flag("IsQueryable", **CLOSED),
        flag("IsCustomizable", **CLOSED),
        audited=False,
        **CATALOGUE,
    )


def _fielddefinition() -> Entity:
    return entity(
        "FieldDefinition",
        "4fe",
        text("DurableId", **CLOSED),
        Field(
            "EntityDefinitionId",
            "string",
            length=255,
            reference_to=("EntityDefinition",),
            relationship="EntityDefinition",
            **CLOSED,
        ),
        text("QualifiedApiName", **CLOSED),
        text("DeveloperName", **CLOSED),
        text("Label", **CLOSED),
        text("DataType", **CLOSED),
        whole("Length", **CLOSED),
        whole("Precision", **CLOSED),
        whole("Scale", **CLOSED),
        flag("IsNillable", **CLOSED),
        flag("IsIndexed", **CLOSED),
        audited=False,
        **CATALOGUE,
    )


def tooling_entities() -> list[Entity]:
    """Return a fresh set of the Tooling API's catalogue of custom fields and of the schema itself."""
    return [_customfield(), _customobject(), _entitydefinition(), _fielddefinition()]
