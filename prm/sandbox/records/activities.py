"""Rules of tasks, events, campaigns and their members."""

from __future__ import annotations

import datetime as dt

from prm.sandbox.kit.clock import parse_stamp, stamp_text
from prm.sandbox.kit.errors import SandboxError, required_missing
from prm.sandbox.kit.types import Row, Value
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import Schema
from prm.sandbox.store.models import Store

LONGEST_MINUTES = 14 * 24 * 60

_WHOM = {"ContactId": "contact", "LeadId": "lead", "AccountId": "account"}


def _account_of(row: Row, schema: Schema, store: Store) -> Value:
    """Return the account an activity belongs to: by what it is about, else by whom it meets."""
    what = str(row["WhatId"] or "")
    if what and str(row["WhoId"] or "").startswith("00Q"):
        raise _refuse("an activity of a lead is related to nothing else", "WhatId")
    if what.startswith("001"):
        return what
    name, record_id = (
        ("opportunity", what) if what.startswith("006") else ("contact", str(row["WhoId"] or ""))
    )
    found = store.get(schema.entities[name], record_id)
    return found["AccountId"] if found else None


def task(change: Change, schema: Schema, store: Store) -> None:
    """Derive account, state and priority of a task."""
    row = change.row
    row["AccountId"] = _account_of(row, schema, store)
    closed = change.text("Status").lower() == "completed"
    if not closed:
        row["CompletedDateTime"] = None
    elif not row["IsClosed"]:
        row["CompletedDateTime"] = change.signature.stamp
    row["IsClosed"], row["IsHighPriority"] = int(closed), int(change.text("Priority").lower() == "high")


def event(change: Change, schema: Schema, store: Store) -> None:
    """Derive account, start, end and length of an event."""
    row, given = change.row, change.given
    row["AccountId"] = _account_of(row, schema, store)
    if "ActivityDateTime" in given and "StartDateTime" not in given:
        row["StartDateTime"] = row["ActivityDateTime"]
    dated = row["IsAllDayEvent"] and row["ActivityDate"]
    if dated and (row["StartDateTime"] is None or "ActivityDate" in given):
        row["StartDateTime"] = f"{row['ActivityDate']}T00:00:00Z"
        row["DurationInMinutes"] = row["DurationInMinutes"] or 1440
    if row["StartDateTime"] is None:
        raise required_missing(["ActivityDateTime"])
    _set_length(change)
    row["ActivityDateTime"], row["ActivityDate"] = row["StartDateTime"], change.text("StartDateTime")[:10]


def _set_length(change: Change) -> None:
    row, given = change.row, change.given
    start = parse_stamp(change.text("StartDateTime"))
    if "EndDateTime" in given and row["EndDateTime"]:
        minutes = int((parse_stamp(change.text("EndDateTime")) - start).total_seconds() // 60)
        if "DurationInMinutes" in given and row["DurationInMinutes"] not in (None, minutes):
            raise _refuse("Duration and End Date Time contradict each other", "EndDateTime")
        row["DurationInMinutes"] = minutes
    if row["DurationInMinutes"] is None:
        raise required_missing(["DurationInMinutes"])
    length = change.number("DurationInMinutes")
    if not 0 <= length <= LONGEST_MINUTES:
        raise _refuse("Event duration must be between 0 minutes and 14 days", "DurationInMinutes")
    row["EndDateTime"] = stamp_text(start + dt.timedelta(minutes=length))


def _refuse(message: str, field: str) -> SandboxError:
    return SandboxError("FIELD_INTEGRITY_EXCEPTION", message, fields=[field])


def member(change: Change, schema: Schema, store: Store) -> None:
    """Take the status from those of its campaign, and derive whether a member responded, and when first."""
    row = change.row
    whom = [name for name in _WHOM if row[name] is not None]
    if len(whom) != 1:
        raise _refuse("A campaign member is one contact, lead or account", "ContactId")
    statuses = store.rows(
        'SELECT * FROM "CampaignMemberStatus" WHERE "CampaignId" = ? ORDER BY "IsDefault" DESC, "SortOrder"',
        (row["CampaignId"],),
    )
    if not statuses:
        return  # the check for required fields says what is missing
    wanted = change.text("Status").lower()
    status = next((one for one in statuses if str(one["Label"]).lower() == wanted), None)
    if status is None and wanted:
        raise SandboxError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Status: bad value for restricted picklist field: {row['Status']}",
            fields=["Status"],
        )
    status = status or statuses[0]
    row["Status"], row["HasResponded"] = status["Label"], status["HasResponded"]
    if row["HasResponded"] and not row["FirstRespondedDate"]:
        row["FirstRespondedDate"] = change.signature.stamp[:10]
    found = store.get(schema.entities[_WHOM[whom[0]]], str(row[whom[0]]))
    row["Name"] = found["Name"] if found else None


def first_statuses(change: Change, schema: Schema, store: Store) -> None:
    """Give a new campaign the statuses that each begins with."""
    if change.old is not None:
        return
    entity, by = schema.entities["campaignmemberstatus"], change.signature
    for order, (label, responded) in enumerate((("Sent", 0), ("Responded", 1)), 1):
        row: Row = {
            "Id": store.new_id(entity.prefix),
            "IsDeleted": 0,
            "CreatedDate": by.stamp,
            "CreatedById": by.person.id,
            **by.modified(entity),
            "CampaignId": change.row["Id"],
            "Label": label,
            "HasResponded": responded,
            "IsDefault": int(not responded),
            "SortOrder": order,
        }
        store.insert(entity, row)
