"""Objects about the org itself: users, permissions and the Tooling catalogue."""

from __future__ import annotations

from typing import Any

from prm.sandbox.field_kinds import CLOSED, FIXED, area, flag, ref, text, whole
from prm.sandbox.schema import Entity, Field, entity

GRANTING: dict[str, Any] = {"setup": True, "recycles": False, "replicateable": False}
CATALOGUE: dict[str, Any] = {"tooling": True, "recycles": False, "writable": False}


def _organization() -> Entity:
    return entity(
        "Organization",
        "00D",
        text("Name", 80, **CLOSED),
        text("InstanceName", 5, **CLOSED),
        flag("IsSandbox", **CLOSED),
        text("OrganizationType", 40, **CLOSED),
        text("TimeZoneSidKey", 40, **CLOSED),
        text("LanguageLocaleKey", 40, **CLOSED),
        text("DefaultLocaleSidKey", 40, **CLOSED),
        text("NamespacePrefix", 15, **CLOSED),
        writable=False,
        recycles=False,
        setup=True,
    )


def _user() -> Entity:
    return entity(
        "User",
        "005",
        text("Username", 80, id_lookup=True, **CLOSED),
        text("LastName", 80, **CLOSED),
        text("FirstName", 40, **CLOSED),
        text("Name", 121, **CLOSED),
        Field("Email", "email", length=128, **CLOSED),
        text("Alias", 8, **CLOSED),
        flag("IsActive", **CLOSED),
        text("UserType", 40, **CLOSED),
        text("TimeZoneSidKey", 40, **CLOSED),
        ref("ProfileId", "Profile", **CLOSED),
        writable=False,
        recycles=False,
        setup=True,
    )


def _profile() -> Entity:
    return entity(
        "Profile",
        "00e",
        text("Name", **CLOSED),
        text("UserType", 40, **CLOSED),
        writable=False,
        recycles=False,
        setup=True,
    )


def _opportunitystage() -> Entity:
    return entity(
        "OpportunityStage",
        "01J",
        text("MasterLabel", **CLOSED),
        text("ApiName", **CLOSED),
        flag("IsActive", **CLOSED),
        whole("SortOrder", **CLOSED),
        flag("IsClosed", **CLOSED),
        flag("IsWon", **CLOSED),
        Field("DefaultProbability", "percent", precision=3, **CLOSED),
        text("ForecastCategory", 40, **CLOSED),
        text("ForecastCategoryName", 40, **CLOSED),
        writable=False,
        recycles=False,
    )


def people() -> list[Entity]:
    """The organization, its users and the table of stages."""
    return [_organization(), _user(), _profile(), _opportunitystage()]


def _permissionset() -> Entity:
    return entity(
        "PermissionSet",
        "0PS",
        text("Name", 80, required=True),
        text("Label", 80, required=True),
        Field("Description", "textarea", length=255),
        flag("IsOwnedByProfile", **CLOSED),
        flag("IsCustom", **CLOSED),
        text("NamespacePrefix", 15, **CLOSED),
        **GRANTING,
    )


def _permissionsetassignment() -> Entity:
    return entity(
        "PermissionSetAssignment",
        "0Pa",
        ref("PermissionSetId", "PermissionSet", required=True, cascade=True, **FIXED),
        ref("AssigneeId", "User", required=True, **FIXED),
        audited=False,
        **GRANTING,
    )


def _fieldpermissions() -> Entity:
    return entity(
        "FieldPermissions",
        "01k",
        ref("ParentId", "PermissionSet", required=True, cascade=True, **FIXED),
        text("SobjectType", 40, required=True, **FIXED),
        text("Field", required=True, **FIXED),
        flag("PermissionsRead"),
        flag("PermissionsEdit"),
        audited=False,
        **GRANTING,
    )


def _objectpermissions() -> Entity:
    rights = [flag(f"Permissions{right}") for right in ("Create", "Read", "Edit", "Delete")]
    return entity(
        "ObjectPermissions",
        "110",
        ref("ParentId", "PermissionSet", required=True, cascade=True, **FIXED),
        text("SobjectType", 40, required=True, **FIXED),
        *rights,
        flag("PermissionsViewAllRecords"),
        flag("PermissionsModifyAllRecords"),
        **GRANTING,
    )


def permissions() -> list[Entity]:
    """Permission sets and what they grant."""
    return [_permissionset(), _permissionsetassignment(), _fieldpermissions(), _objectpermissions()]


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
        text(
            "EntityDefinitionId",
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
    """The Tooling API's catalogue of custom fields and of the schema itself."""
    return [_customfield(), _customobject(), _entitydefinition(), _fielddefinition()]
