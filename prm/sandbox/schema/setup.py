"""Objects about the org itself: its users, stages and permissions."""

from __future__ import annotations

from typing import TypedDict

from prm.sandbox.schema.fields import CLOSED, FIXED, area, flag, number, percent, ref, text, whole
from prm.sandbox.schema.models import Entity, Field, entity
from prm.sandbox.schema.record_types import record_type_entity


class Granting(TypedDict):
    """The traits of objects that grant rights."""

    setup: bool
    recycles: bool
    replicateable: bool


GRANTING: Granting = {"setup": True, "recycles": False, "replicateable": False}


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
        percent("DefaultProbability", **CLOSED),
        text("ForecastCategory", 40, **CLOSED),
        text("ForecastCategoryName", 40, **CLOSED),
        writable=False,
        recycles=False,
    )


def _permissionset() -> Entity:
    return entity(
        "PermissionSet",
        "0PS",
        text("Name", 80, required=True),
        text("Label", 80, required=True),
        area("Description", 255),
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


def currency_type() -> Entity:
    """Return the object that lists the currencies of an organisation with several."""
    return entity(
        "CurrencyType",
        "01L",
        text("IsoCode", 3, **CLOSED),
        flag("IsActive", **CLOSED),
        flag("IsCorporate", **CLOSED),
        number("ConversionRate", 18, 9, **CLOSED),
        whole("DecimalPlaces", 1, **CLOSED),
        writable=False,
        recycles=False,
        audited=False,
        setup=True,
    )


def people_entities() -> list[Entity]:
    """Return a fresh set of the organization, its users, the table of stages and that of record types."""
    return [_organization(), _user(), _profile(), _opportunitystage(), record_type_entity(persons=False)]


def permission_entities() -> list[Entity]:
    """Return a fresh set of permission sets and what they grant."""
    return [_permissionset(), _permissionsetassignment(), _fieldpermissions(), _objectpermissions()]
