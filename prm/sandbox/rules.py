"""What Salesforce's own objects do to a record before and after it is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from prm.sandbox.clock import parse_stamp, stamp_text
from prm.sandbox.errors import SandboxError
from prm.sandbox.standard import STAGES

if TYPE_CHECKING:
    from prm.sandbox.dml import Change

_STAGES = {stage[0].lower(): stage for stage in STAGES}
# Sets of fields that may occur once, with the text of the refusal.
_TOGETHER = {
    "PricebookEntry": (
        ("Pricebook2Id", "Product2Id"),
        "This price definition already exists in this price book",
    ),
    "CampaignMember": (("CampaignId", "ContactId"), "Already a campaign member."),
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


def before(change: Change) -> None:
    """Derive and check fields before validation; raises SandboxError."""
    rule = _BEFORE.get(change.entity.name)
    if rule:
        rule(change)
    together = _TOGETHER.get(change.entity.name)
    if together and change.moved(*together[0]):
        _once(change, *together)


def after(change: Change) -> None:
    """Carry the change to other records."""
    if change.entity.name == "OpportunityLineItem":
        roll_up(change, change.row["OpportunityId"])
    if change.entity.name in ("FieldPermissions", "ObjectPermissions", "PermissionSetAssignment"):
        change.writer.org.permissions_changed()


def _refuse(code: str, message: str, *fields: str) -> SandboxError:
    return SandboxError(code, message, fields=fields)


def _once(change: Change, names: tuple[str, ...], message: str) -> None:
    where = " AND ".join(f'"{name}" = ?' for name in names)
    alive = ' AND "IsDeleted" = 0' if change.entity.recycles else ""
    other = change.writer.org.store.value(
        f'SELECT "Id" FROM {change.entity.table} WHERE {where}{alive} AND "Id" <> ?',
        [*(change.row[name] for name in names), change.row["Id"]],
    )
    if other is not None:
        code = "DUPLICATE_DEVELOPER_NAME" if change.entity.name == "PermissionSet" else "DUPLICATE_VALUE"
        raise _refuse(code, message, *names)


def _get(change: Change, entity_name: str, record_id: str | None) -> dict[str, Any]:
    org = change.writer.org
    return (org.store.get(org.entities[entity_name], record_id) if record_id else None) or {}


def _contact(change: Change) -> None:
    row = change.row
    row["Name"] = " ".join(part for part in (row["FirstName"], row["LastName"]) if part) or None


def _parents_loop(change: Change) -> None:
    row = change.row
    if row["ParentId"] and row["ParentId"] == row["Id"]:
        raise _refuse("CIRCULAR_DEPENDENCY", "A record cannot be its own parent", "ParentId")


def _opportunity(change: Change) -> None:
    row, old = change.row, change.old
    if change.moved("StageName") and row["StageName"]:
        stage = _STAGES.get(row["StageName"].lower(), (row["StageName"], 0, False, False, "Pipeline"))
        row["StageName"], row["IsClosed"], row["IsWon"] = stage[0], int(stage[2]), int(stage[3])
        row["ForecastCategory"] = stage[4]
        if "Probability" not in change.given:
            row["Probability"] = float(stage[1])
        if "ForecastCategoryName" not in change.given:
            row["ForecastCategoryName"] = stage[4]
    if old and old["HasOpportunityLineItem"]:
        # Accepted and ignored: with lines the amount is their sum.
        row["Amount"] = old["Amount"]
        if row["Pricebook2Id"] != old["Pricebook2Id"]:
            raise _refuse(
                "FIELD_INTEGRITY_EXCEPTION",
                "field integrity exception: Pricebook2Id (cannot change the price book while there are products)",
                "Pricebook2Id",
            )
    _expected(row)


def _expected(row: dict[str, Any]) -> None:
    amount, probability = row["Amount"], row["Probability"]
    row["ExpectedRevenue"] = None if amount is None else round(amount * (probability or 0) / 100, 2)


def _line(change: Change) -> None:
    row, given = change.row, change.given
    entry = _get(change, "pricebookentry", row["PricebookEntryId"])
    opportunity = _get(change, "opportunity", row["OpportunityId"])
    if not entry or not opportunity:
        return  # the check for required fields says what is missing
    if change.old is None:
        _line_book(change, opportunity, entry)
    if (
        {"UnitPrice", "TotalPrice"} <= given
        and row["UnitPrice"] is not None
        and row["TotalPrice"] is not None
    ):
        raise _refuse(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: TotalPrice (cannot specify both unit price and total price)",
            "TotalPrice",
        )
    quantity = row["Quantity"] or 0
    rest = 1 - (row["Discount"] or 0) / 100
    if "TotalPrice" in given and row["TotalPrice"] is not None:
        row["UnitPrice"] = round(row["TotalPrice"] / (quantity * rest), 2) if quantity and rest else 0.0
    elif row["UnitPrice"] is None:
        raise _refuse("REQUIRED_FIELD_MISSING", "Required fields are missing: [UnitPrice]", "UnitPrice")
    else:
        row["TotalPrice"] = round(quantity * row["UnitPrice"] * rest, 2)


def _line_book(change: Change, opportunity: dict[str, Any], entry: dict[str, Any]) -> None:
    row, writer = change.row, change.writer
    if not entry["IsActive"]:
        raise _refuse(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is inactive)",
        )
    if opportunity["Pricebook2Id"] is None:
        opportunity["Pricebook2Id"] = entry["Pricebook2Id"]
        book = {"Pricebook2Id": entry["Pricebook2Id"]}
        writer.org.store.update(writer.org.entities["opportunity"], opportunity["Id"], book)
    if opportunity["Pricebook2Id"] != entry["Pricebook2Id"]:
        raise _refuse(
            "FIELD_INTEGRITY_EXCEPTION",
            "field integrity exception: PricebookEntryId (pricebook entry is in a different pricebook than the one "
            "assigned to the opportunity)",
            "PricebookEntryId",
        )
    product = _get(change, "product2", entry["Product2Id"])
    row["Product2Id"], row["ProductCode"] = entry["Product2Id"], product.get("ProductCode")
    row["ListPrice"] = entry["UnitPrice"]
    row["Name"] = f"{opportunity['Name']} {product.get('Name')}"[:376]


def roll_up(change: Change, opportunity_id: str) -> None:
    """Carry the lines' sum to their opportunity; its stamps move."""
    org, writer = change.writer.org, change.writer
    opportunity = org.store.get(org.entities["opportunity"], opportunity_id)
    if opportunity is None or opportunity["IsDeleted"]:
        return
    count, total, quantity = org.store.tuples(
        'SELECT count(*), sum("TotalPrice"), sum("Quantity") FROM "OpportunityLineItem"'
        ' WHERE "OpportunityId" = ? AND "IsDeleted" = 0',
        (opportunity_id,),
    )[0]
    changes: dict[str, Any] = {**opportunity, "HasOpportunityLineItem": int(count > 0)}
    if count:
        changes["Amount"], changes["TotalOpportunityQuantity"] = round(total or 0, 2), quantity
    _expected(changes)
    changes |= {
        "LastModifiedDate": writer.stamp,
        "SystemModstamp": writer.stamp,
        "LastModifiedById": writer.person.id,
    }
    org.store.update(org.entities["opportunity"], opportunity_id, changes)


def _price(change: Change) -> None:
    row = change.row
    if not (row["Pricebook2Id"] and row["Product2Id"]):
        return
    book = _get(change, "pricebook2", row["Pricebook2Id"])
    standard = change.writer.org.store.value(
        'SELECT e."UnitPrice" FROM "PricebookEntry" e JOIN "Pricebook2" b ON b."Id" = e."Pricebook2Id"'
        ' WHERE b."IsStandard" = 1 AND e."Product2Id" = ? AND e."IsDeleted" = 0',
        (row["Product2Id"],),
    )
    if not book.get("IsStandard") and standard is None:
        raise _refuse(
            "STANDARD_PRICE_NOT_DEFINED",
            "Before creating a custom price, create a standard price.",
        )
    if row["UseStandardPrice"] and not book.get("IsStandard"):
        row["UnitPrice"] = standard
    product = _get(change, "product2", row["Product2Id"])
    row["Name"], row["ProductCode"] = product.get("Name"), product.get("ProductCode")


def _activity_account(change: Change) -> None:
    row = change.row
    what = str(row["WhatId"] or "")
    if what.startswith("001"):
        row["AccountId"] = what
    elif what.startswith("006"):
        row["AccountId"] = _get(change, "opportunity", what).get("AccountId")
    else:
        row["AccountId"] = _get(change, "contact", row["WhoId"]).get("AccountId")


def _task(change: Change) -> None:
    row = change.row
    _activity_account(change)
    closed = (row["Status"] or "").lower() == "completed"
    if not closed:
        row["CompletedDateTime"] = None
    elif not row["IsClosed"]:
        row["CompletedDateTime"] = change.writer.stamp
    row["IsClosed"], row["IsHighPriority"] = int(closed), int((row["Priority"] or "").lower() == "high")


def _event(change: Change) -> None:
    row, given = change.row, change.given
    _activity_account(change)
    if "ActivityDateTime" in given and "StartDateTime" not in given:
        row["StartDateTime"] = row["ActivityDateTime"]
    if (
        row["IsAllDayEvent"]
        and row["ActivityDate"]
        and (row["StartDateTime"] is None or "ActivityDate" in given)
    ):
        row["StartDateTime"] = f"{row['ActivityDate']}T00:00:00Z"
        row["DurationInMinutes"] = row["DurationInMinutes"] or 1440
    if row["StartDateTime"] is None:
        raise _refuse(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", "ActivityDateTime"
        )
    _event_length(change)
    row["ActivityDateTime"], row["ActivityDate"] = row["StartDateTime"], row["StartDateTime"][:10]


def _event_length(change: Change) -> None:
    row, given = change.row, change.given
    start = parse_stamp(row["StartDateTime"])
    if "EndDateTime" in given and row["EndDateTime"]:
        minutes = int((parse_stamp(row["EndDateTime"]) - start).total_seconds() // 60)
        if "DurationInMinutes" in given and row["DurationInMinutes"] not in (None, minutes):
            raise _refuse(
                "FIELD_INTEGRITY_EXCEPTION", "Duration and End Date Time contradict each other", "EndDateTime"
            )
        row["DurationInMinutes"] = minutes
    if row["DurationInMinutes"] is None:
        raise _refuse(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes]", "DurationInMinutes"
        )
    if not 0 <= row["DurationInMinutes"] <= 14 * 24 * 60:
        raise _refuse(
            "FIELD_INTEGRITY_EXCEPTION",
            "Event duration must be between 0 minutes and 14 days",
            "DurationInMinutes",
        )
    row["EndDateTime"] = stamp_text(start + dt.timedelta(minutes=row["DurationInMinutes"]))


def _member(change: Change) -> None:
    row = change.row
    responded = (row["Status"] or "").lower() == "responded"
    row["HasResponded"] = int(responded)
    if responded and not row["FirstRespondedDate"]:
        row["FirstRespondedDate"] = change.writer.stamp[:10]


def _permission_set(change: Change) -> None:
    change.row["IsCustom"] = 1
    name = str(change.row["Name"] or "")
    if name and not (name.isidentifier() and name.isascii() and name[0].isalpha()):
        raise _refuse(
            "INVALID_INPUT", f"Permission set API name: {name} can only contain letters, digits and _", "Name"
        )


def _field_permission(change: Change) -> None:
    row, org = change.row, change.writer.org
    entity = org.entities.get(str(row["SobjectType"] or "").lower())
    if entity is None:
        raise _refuse(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Sobject Type Name: bad value for restricted picklist field: {row['SobjectType']}",
            "SobjectType",
        )
    table, _, name = str(row["Field"] or "").partition(".")
    field = entity.find(name)
    if table.lower() != entity.name.lower() or field is None or not field.custom or field.required:
        raise _refuse(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Field Name: bad value for restricted picklist field: {row['Field']}",
            "Field",
        )
    row["SobjectType"], row["Field"] = entity.name, f"{entity.name}.{field.name}"
    if row["PermissionsEdit"] and not row["PermissionsRead"]:
        raise _refuse(
            "FIELD_INTEGRITY_EXCEPTION", f"Permission Edit {row['Field']} depends on permission(s): Read"
        )


def _object_permission(change: Change) -> None:
    row, org = change.row, change.writer.org
    entity = org.entities.get(str(row["SobjectType"] or "").lower())
    if entity is None or entity.setup:
        raise _refuse(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Sobject Type Name: bad value for restricted picklist field: {row['SobjectType']}",
            "SobjectType",
        )
    row["SobjectType"] = entity.name
    writes = row["PermissionsCreate"] or row["PermissionsEdit"] or row["PermissionsDelete"]
    if writes and not row["PermissionsRead"]:
        raise _refuse(
            "FIELD_INTEGRITY_EXCEPTION", f"Permission on {entity.name} depends on permission(s): Read"
        )


_BEFORE: dict[str, Callable[[Change], None]] = {
    "Account": _parents_loop,
    "Campaign": _parents_loop,
    "CampaignMember": _member,
    "Contact": _contact,
    "Event": _event,
    "FieldPermissions": _field_permission,
    "ObjectPermissions": _object_permission,
    "Opportunity": _opportunity,
    "OpportunityLineItem": _line,
    "PermissionSet": _permission_set,
    "PricebookEntry": _price,
    "Task": _task,
}
