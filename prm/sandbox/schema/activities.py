"""Tasks, events and campaigns, with the fields that matter."""

from __future__ import annotations

from prm.sandbox.schema.fields import (
    CLOSED,
    FIXED,
    area,
    choice,
    day,
    flag,
    moment,
    money,
    owner,
    ref,
    text,
    whole,
)
from prm.sandbox.schema.models import Entity, Field, entity


def _activity() -> list[Field]:
    what = ("Account", "Opportunity", "Campaign", "Product2")
    return [
        ref("WhoId", "Contact", "Lead"),
        ref("WhatId", *what, cascade=True),
        Field("Subject", "combobox", length=255),
        ref("AccountId", "Account", **CLOSED),
        area("Description"),
        owner(),
        flag("IsArchived", **CLOSED),
        flag("IsReminderSet"),
    ]


def _task() -> Entity:
    return entity(
        "Task",
        "00T",
        *_activity(),
        day("ActivityDate"),
        choice(
            "Status",
            "Not Started",
            "In Progress",
            "Completed",
            "Waiting on someone else",
            "Deferred",
            default="Not Started",
            required=True,
        ),
        choice("Priority", "High", "Normal", "Low", default="Normal", required=True),
        flag("IsClosed", **CLOSED),
        flag("IsHighPriority", **CLOSED),
        choice("TaskSubtype", "Task", "Email", "Call", default="Task", restricted=True, updateable=False),
        choice("CallType", "Internal", "Inbound", "Outbound", restricted=True),
        whole("CallDurationInSeconds"),
        moment("CompletedDateTime", **CLOSED),
    )


def _event() -> Entity:
    return entity(
        "Event",
        "00U",
        *_activity(),
        text("Location"),
        flag("IsAllDayEvent"),
        moment("ActivityDateTime"),
        day("ActivityDate"),
        whole("DurationInMinutes"),
        moment("StartDateTime"),
        moment("EndDateTime"),
        flag("IsPrivate"),
        choice("ShowAs", "OutOfOffice", "Busy", "Free", default="Busy", restricted=True),
        choice("EventSubtype", "Event", default="Event", restricted=True, updateable=False),
    )


def activity_entities() -> list[Entity]:
    """Return a fresh set of the objects of activities and campaigns; accounts can be members, as an organisation allows."""
    return [
        _task(),
        _event(),
        entity(
            "Campaign",
            "701",
            text("Name", 80, required=True),
            ref("ParentId", "Campaign"),
            choice("Type", "Conference", "Webinar", "Direct Mail", "Email", "Advertisement", "Other"),
            choice("Status", "Planned", "In Progress", "Completed", "Aborted", default="Planned"),
            day("StartDate"),
            day("EndDate"),
            money("ExpectedRevenue"),
            money("BudgetedCost"),
            money("ActualCost"),
            flag("IsActive"),
            area("Description"),
            owner(),
        ),
        entity(
            "CampaignMember",
            "00v",
            ref("CampaignId", "Campaign", required=True, cascade=True, **FIXED),
            ref("ContactId", "Contact", cascade=True, **FIXED),
            ref("LeadId", "Lead", cascade=True, **FIXED),
            ref("AccountId", "Account", cascade=True, **FIXED),
            choice("Status", "Sent", "Responded"),
            flag("HasResponded", **CLOSED),
            day("FirstRespondedDate", **CLOSED),
            text("Name", **CLOSED),
            fleeting=True,
        ),
        entity(
            "CampaignMemberStatus",
            "01Y",
            ref("CampaignId", "Campaign", required=True, cascade=True, **FIXED),
            text("Label", 765, required=True),
            flag("HasResponded"),
            flag("IsDefault"),
            whole("SortOrder", 9),
            fleeting=True,
        ),
    ]
