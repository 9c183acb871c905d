"""What the mappings need in an organisation: custom objects, custom fields, and the rights on them. Pure.

The one truth of which both ways of setting up are made: `organisation.py`, which makes it through Salesforce's API, and
`source.py`, which writes it as source files that an administrator deploys. Metadata is in the words of
Salesforce's Metadata API.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from prm.mapping import CustomObject, Direction, Field, Kind, Mapping, Parent, Removed
from prm.salesforce.products.wanted import ITEM, objects_with_key
from prm.salesforce.wire.client import Record

ACTIVITY: Final = frozenset({"Event", "Task"})
"""Objects whose custom fields live on Activity; rights on them are user permissions, not object rights."""


def owner_of(sobject: str) -> str:
    """Return the object on which a custom field of *sobject* is made."""
    return "Activity" if sobject in ACTIVITY else sobject


def custom_objects(mappings: Iterable[Mapping]) -> dict[str, CustomObject]:
    """Return the objects that exist only because we make them, by name."""
    return {one.sobject: one.custom_object for one in mappings if one.custom_object is not None}


def object_metadata(custom: CustomObject) -> Record:
    """Return a custom object whose records are called by a name of our own."""
    return {
        "label": custom.label,
        "pluralLabel": custom.plural,
        "nameField": {"label": "Name", "type": "Text"},
        "deploymentStatus": "Deployed",
        "sharingModel": "ReadWrite",
    }


def custom_fields(mappings: Iterable[Mapping]) -> dict[str, dict[str, Record]]:
    """Return the metadata of every custom field, by object and name; an object without one is there too."""
    known = list(mappings)
    objects = {one.key: one.sobject for one in known}
    wanted: dict[str, dict[str, Record]] = {}
    for one in known:
        fields = wanted.setdefault(one.sobject, {})
        fields[one.external_id] = external_id_metadata()
        for each in one.fields:
            if each.custom:
                fields[each.there] = field_metadata(each)
        for parent in one.parents:
            if parent.there.endswith("__c"):
                fields[parent.there] = lookup_metadata(parent, objects[parent.mapping], one.plural)
        for sobject in objects_with_key(one):
            wanted.setdefault(sobject, {})[one.external_id] = external_id_metadata()
    return wanted


def with_all_lines(mappings: Iterable[Mapping]) -> list[Mapping]:
    """Return mappings as if lines went as products and those that are missing were made: all that may be needed."""
    return [
        replace(one, lines=replace(one.lines, is_on=True, creates=True)) if one.lines is not None else one
        for one in mappings
    ]


def external_id_metadata() -> Record:
    """Describe the key of a record: our id. Unique, so that an upsert never meets two records."""
    return {
        "type": "Text",
        "label": "PRM Id",
        "length": 36,
        "externalId": True,
        "unique": True,
        "caseSensitive": False,
        "inlineHelpText": "Filled by PRM. Ties this record to PRM; do not change it.",
    }


def field_metadata(one: Field) -> Record:
    """Return a field in the words of Salesforce's Metadata API."""
    metadata: Record = {"type": one.kind.value, "label": one.label or one.there[:-3]}
    if one.kind in (Kind.TEXT, Kind.PICKLIST):
        # A picklist would refuse values that an administrator has not listed.
        metadata |= {"type": Kind.TEXT.value, "length": min(one.length, 255)}
    elif one.kind is Kind.LONG_TEXT:
        metadata |= {"length": max(one.length, 256), "visibleLines": 5}
    elif one.kind in (Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT):
        metadata |= {"precision": 18, "scale": one.scale}
    elif one.kind is Kind.FLAG:
        metadata |= {"defaultValue": False}
    return metadata


def lookup_metadata(parent: Parent, sobject: str, plural: str) -> Record:
    """Return a reference to another object; deleting the parent clears it."""
    stem = parent.there.removesuffix("__c")
    return {
        "type": "Lookup",
        "label": stem.removeprefix("PRM_").replace("_", " "),
        "referenceTo": sobject,
        "relationshipName": f"{stem}_{plural}".replace(" ", "_"),
        "relationshipLabel": plural.capitalize(),
        "deleteConstraint": "SetNull",
    }


# --- rights -----------------------------------------------------------------------------------

USER_PERMISSIONS: Final = {"Event": "EditEvent", "Task": "EditTask"}
"""The user permission that stands for the rights on an activity, which has no object rights of its own."""

_NEVER_ASKED: Final = frozenset(
    {
        "Name",
        "StageName",
        "CloseDate",
        "Subject",
        "StartDateTime",
        "DurationInMinutes",
        "ActivityDate",
        "Status",
        "RecordTypeId",
        "OwnerId",
        "LastName",
        "FirstName",
        "CurrencyIsoCode",
    }
)
"""Fields that every reader of the object has: Salesforce refuses a right on a field that its object requires."""

_ASKED_ALL_THE_SAME: Final = frozenset({("Campaign", "Status")})
"""Fields of such a name that their object does not require."""

FOLLOWS: Final = {"CampaignMember": "Campaign"}
"""Objects that have no rights of their own, nor have their standard fields: the rights are those of another object."""

_COMPOUND: Final = dict.fromkeys(
    ("BillingCity", "BillingState", "BillingStateCode", "BillingCountry", "BillingCountryCode"),
    "BillingAddress",
)
"""Parts of an address have their right in the address."""


@dataclass(frozen=True, slots=True)
class ObjectRights:
    """What the integration user may do with an object's records. Deleting only where a mapping deletes."""

    create: bool = False
    edit: bool = False
    delete: bool = False

    def __or__(self, other: ObjectRights) -> ObjectRights:
        """Both of two mappings to one object."""
        return ObjectRights(self.create or other.create, self.edit or other.edit, self.delete or other.delete)


@dataclass(frozen=True, slots=True)
class Rights:
    """The access that the mappings need and no more: `fields` by object and name, with whether they are written."""

    objects: dict[str, ObjectRights]
    fields: dict[tuple[str, str], bool]
    user_permissions: tuple[str, ...]


def rights(mappings: Iterable[Mapping]) -> Rights:
    """Return the access that the mappings need.

    An object that is only referred to is one of the mappings too, so each can be read that must be.
    """
    objects: dict[str, ObjectRights] = {}
    fields: dict[tuple[str, str], bool] = {}
    permissions = {"ApiEnabled"}
    for one in mappings:
        if one.sobject in USER_PERMISSIONS:
            permissions.add(USER_PERMISSIONS[one.sobject])
        elif one.sobject not in FOLLOWS:
            needed = ObjectRights(create=True, edit=True, delete=one.removed is Removed.DELETE)
            objects[one.sobject] = objects.get(one.sobject, ObjectRights()) | needed
        fields[one.sobject, one.external_id] = True
        for each in one.columns:
            if _is_asked(one.sobject, each.there):
                key = _right_of(one.sobject, each.there)
                fields[key] = fields.get(key, False) or each.direction is not Direction.PULL
        for name, needed in _rights_for_lines(one).items():
            objects[name] = objects.get(name, ObjectRights()) | needed
        fields |= dict.fromkeys(_fields_for_lines(one), True)
    return Rights(objects, fields, tuple(sorted(permissions)))


def _right_of(sobject: str, name: str) -> tuple[str, str]:
    """Return the object and field in whose right that of a field lies: of a person account's it is that of its contact."""
    if sobject == "Account" and name.startswith("Person"):
        name = name.removeprefix("Person")
        return "Contact", "MailingAddress" if name.startswith("Mailing") else name
    return sobject, _COMPOUND.get(name, name)


def _rights_for_lines(one: Mapping) -> dict[str, ObjectRights]:
    """Return the rights on products; line items follow their opportunity, entries their price book and product."""
    if not objects_with_key(one) or one.lines is None:
        return {}
    makes = one.lines.creates
    return {
        "Opportunity": ObjectRights(create=True, edit=True, delete=True),
        "Pricebook2": ObjectRights(edit=makes),
        "Product2": ObjectRights(create=makes, edit=makes),
    }


def _fields_for_lines(one: Mapping) -> list[tuple[str, str]]:
    """Return the fields that are written; those that their object requires need no right of their own."""
    keys = [(sobject, one.external_id) for sobject in objects_with_key(one)]
    if not keys or one.lines is None:
        return []
    made = [("Product2", "IsActive"), ("Product2", "ProductCode")] if one.lines.creates else []
    return [*keys, (ITEM, "Description"), *made]


def _is_asked(sobject: str, name: str) -> bool:
    if sobject in FOLLOWS:
        return name.endswith("__c")
    return name not in _NEVER_ASKED or (sobject, name) in _ASKED_ALL_THE_SAME
