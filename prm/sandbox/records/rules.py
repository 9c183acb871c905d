"""What Salesforce's own objects do to a record before and after it is saved: which rule for which object."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.records import (
    activities,
    currencies,
    permissions,
    person_accounts,
    places,
    record_types,
    sales,
)
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import Schema
from prm.sandbox.store.models import Store

Rule: TypeAlias = Callable[[Change, Schema, Store], None]

_BEFORE: dict[str, Rule] = {
    "Account": sales.refuse_own_parent,
    "Campaign": sales.refuse_own_parent,
    "CampaignMember": activities.member,
    "Contact": sales.person,
    "Event": activities.event,
    "FieldPermissions": permissions.field_permission,
    "Lead": sales.person,
    "ObjectPermissions": permissions.object_permission,
    "Opportunity": sales.opportunity,
    "OpportunityLineItem": sales.line,
    "PermissionSet": permissions.permission_set,
    "PricebookEntry": sales.price,
    "Task": activities.task,
}
# Before addresses are filled in, which a person has more of.
_FIRST: dict[str, Rule] = {"Account": person_accounts.account, "Contact": person_accounts.contact}
_AFTER: dict[str, Rule] = {
    "Account": person_accounts.carry,
    "Campaign": activities.first_statuses,
    "OpportunityLineItem": sales.roll_up,
}
# Sets of fields that may occur once, with the text of the refusal.
_ONCE = {
    "PricebookEntry": (
        ("Pricebook2Id", "Product2Id", currencies.NAME),
        "This price definition already exists in this price book",
    ),
    "CampaignMember": (("CampaignId", "ContactId", "LeadId", "AccountId"), "Already a campaign member."),
    "CampaignMemberStatus": (("CampaignId", "Label"), "This status is one of the campaign's already."),
    "PermissionSet": (("Name",), "The developer name you entered is already in use."),
    "FieldPermissions": (
        ("ParentId", "Field"),
        "duplicate value found: <unknown> duplicates value on record",
    ),
    "ObjectPermissions": (
        ("ParentId", "SobjectType"),
        "duplicate value found: <unknown> duplicates value on record",
    ),
    "PermissionSetAssignment": (("PermissionSetId", "AssigneeId"), "Duplicate PermissionSetAssignment."),
}


def before(change: Change, schema: Schema, store: Store) -> None:
    """Derive and check fields before validation; raise SandboxError."""
    if change.moved("OwnerId"):
        sales.refuse_inactive_owner(change, schema, store)
    currencies.settle(change)
    record_types.settle(change, schema)
    first = _FIRST.get(change.entity.name)
    if first:
        first(change, schema, store)
    places.settle(change, store.meta("default country") or "")
    rule = _BEFORE.get(change.entity.name)
    if rule:
        rule(change, schema, store)
    once = _ONCE.get(change.entity.name)
    if once and change.moved(*once[0]):
        _check_once(change, store, *once)


def after(change: Change, schema: Schema, store: Store) -> None:
    """Carry the change to other records."""
    rule = _AFTER.get(change.entity.name)
    if rule:
        rule(change, schema, store)


def _check_once(change: Change, store: Store, every: tuple[str, ...], message: str) -> None:
    names = tuple(name for name in every if name in change.entity.fields)
    where = " AND ".join(f'"{name}" IS ?' for name in names)
    other = store.value(
        f'SELECT "Id" FROM {change.entity.table} WHERE {where} AND {change.entity.alive} AND "Id" <> ?',  # nosec B608 # names are our own, values are parameters
        [*(change.row[name] for name in names), change.row["Id"]],
    )
    if other is not None:
        code = "DUPLICATE_DEVELOPER_NAME" if change.entity.name == "PermissionSet" else "DUPLICATE_VALUE"
        raise SandboxError(code, message, fields=names)
