"""The standard objects this org has, with the fields that matter."""

from __future__ import annotations

from prm.sandbox.field_kinds import (
    CLOSED,
    FIXED,
    address,
    area,
    choice,
    day,
    flag,
    moment,
    money,
    number,
    owner,
    ref,
    text,
    whole,
)
from prm.sandbox.schema import Entity, Field, entity
from prm.sandbox.standard_setup import people, permissions


def _account() -> Entity:
    return entity(
        "Account",
        "001",
        ref("MasterRecordId", "Account", relationship="MasterRecord", **CLOSED),
        text("Name", required=True),
        choice(
            "Type",
            "Prospect",
            "Customer - Direct",
            "Customer - Channel",
            "Channel Partner / Reseller",
            "Other",
        ),
        ref("ParentId", "Account"),
        *address("Billing"),
        *address("Shipping"),
        Field("Phone", "phone", length=40),
        Field("Fax", "phone", length=40),
        text("AccountNumber", 40),
        Field("Website", "url", length=255),
        text("Sic", 20),
        choice("Industry", "Healthcare", "Insurance", "Manufacturing", "Retail", "Technology", "Other"),
        money("AnnualRevenue"),
        whole("NumberOfEmployees"),
        choice("Ownership", "Public", "Private", "Subsidiary", "Other"),
        area("Description"),
        choice("Rating", "Hot", "Warm", "Cold"),
        text("Site", 80),
        choice("AccountSource", "Web", "Phone Inquiry", "Partner Referral", "Other"),
        owner(),
        mergeable=True,
    )


def _contact() -> Entity:
    return entity(
        "Contact",
        "003",
        ref("MasterRecordId", "Contact", relationship="MasterRecord", **CLOSED),
        ref("AccountId", "Account", cascade=True),
        text("LastName", 80, required=True),
        text("FirstName", 40),
        choice("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
        text("Name", 121, **CLOSED),
        *address("Mailing"),
        Field("Phone", "phone", length=40),
        Field("MobilePhone", "phone", length=40),
        ref("ReportsToId", "Contact", relationship="ReportsTo"),
        Field("Email", "email", length=80, id_lookup=True),
        text("Title", 128),
        text("Department", 80),
        choice("LeadSource", "Web", "Phone Inquiry", "Partner Referral", "Other"),
        day("Birthdate"),
        area("Description"),
        owner(),
        mergeable=True,
    )


STAGES = (
    # label, probability, closed, won, forecast category
    ("Prospecting", 10, False, False, "Pipeline"),
    ("Qualification", 10, False, False, "Pipeline"),
    ("Needs Analysis", 20, False, False, "Pipeline"),
    ("Value Proposition", 50, False, False, "Pipeline"),
    ("Id. Decision Makers", 60, False, False, "Pipeline"),
    ("Perception Analysis", 70, False, False, "Pipeline"),
    ("Proposal/Price Quote", 75, False, False, "Pipeline"),
    ("Negotiation/Review", 90, False, False, "Pipeline"),
    ("Closed Won", 100, True, True, "Closed"),
    ("Closed Lost", 0, True, False, "Omitted"),
)


def _opportunity() -> Entity:
    return entity(
        "Opportunity",
        "006",
        ref("AccountId", "Account", cascade=True),
        text("Name", 120, required=True),
        area("Description"),
        choice("StageName", *(stage[0] for stage in STAGES), required=True),
        money("Amount"),
        Field("Probability", "percent", precision=3),
        money("ExpectedRevenue", **CLOSED),
        number("TotalOpportunityQuantity", 18, 2),
        day("CloseDate", required=True),
        choice("Type", "Existing Business", "New Business"),
        text("NextStep"),
        choice("LeadSource", "Web", "Phone Inquiry", "Partner Referral", "Other"),
        flag("IsClosed", **CLOSED),
        flag("IsWon", **CLOSED),
        choice("ForecastCategory", "Omitted", "Pipeline", "BestCase", "Forecast", "Closed", **CLOSED),
        choice("ForecastCategoryName", "Omitted", "Pipeline", "Best Case", "Commit", "Closed"),
        ref("CampaignId", "Campaign"),
        flag("HasOpportunityLineItem", **CLOSED),
        ref("Pricebook2Id", "Pricebook2", relationship="Pricebook2"),
        ref("ContactId", "Contact", createable=True, updateable=False),
        owner(),
    )


def _product2() -> Entity:
    return entity(
        "Product2",
        "01t",
        text("Name", required=True),
        text("ProductCode"),
        area("Description", 4000),
        flag("IsActive"),
        choice("Family", "None"),
        text("QuantityUnitOfMeasure", 80),
        flag("IsArchived", **CLOSED),
    )


def _pricebook2() -> Entity:
    return entity(
        "Pricebook2",
        "01s",
        text("Name", required=True),
        flag("IsActive"),
        flag("IsArchived", **CLOSED),
        flag("IsStandard", **CLOSED),
        Field("Description", "textarea", length=255),
    )


def _pricebookentry() -> Entity:
    return entity(
        "PricebookEntry",
        "01u",
        text("Name", **CLOSED),
        ref("Pricebook2Id", "Pricebook2", relationship="Pricebook2", required=True, cascade=True, **FIXED),
        ref("Product2Id", "Product2", relationship="Product2", required=True, cascade=True, **FIXED),
        money("UnitPrice", required=True),
        flag("IsActive"),
        flag("UseStandardPrice"),
        text("ProductCode", **CLOSED),
        flag("IsArchived", **CLOSED),
    )


def _opportunitylineitem() -> Entity:
    return entity(
        "OpportunityLineItem",
        "00k",
        ref("OpportunityId", "Opportunity", required=True, cascade=True, **FIXED),
        ref("PricebookEntryId", "PricebookEntry", relationship="PricebookEntry", required=True, **FIXED),
        ref("Product2Id", "Product2", relationship="Product2", **CLOSED),
        text("ProductCode", **CLOSED),
        text("Name", 376, **CLOSED),
        number("Quantity", 12, 2, required=True),
        money("TotalPrice"),
        money("UnitPrice"),
        money("ListPrice", **CLOSED),
        Field("Discount", "percent", precision=5, scale=2),
        day("ServiceDate"),
        Field("Description", "textarea", length=255),
    )


def _opportunitycompetitor() -> Entity:
    return entity(
        "OpportunityCompetitor",
        "00J",
        ref("OpportunityId", "Opportunity", required=True, cascade=True, **FIXED),
        Field("CompetitorName", "combobox", length=40),
        Field("Strengths", "textarea", length=1000),
        Field("Weaknesses", "textarea", length=1000),
    )


def _products() -> list[Entity]:
    return [_product2(), _pricebook2(), _pricebookentry(), _opportunitylineitem(), _opportunitycompetitor()]


def _activity() -> list[Field]:
    what = ("Account", "Opportunity", "Campaign", "Product2")
    return [
        ref("WhoId", "Contact"),
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


def _activities() -> list[Entity]:
    return [_task(), _event()]


def _campaigns() -> list[Entity]:
    return [
        entity(
            "Campaign",
            "701",
            text("Name", 80, required=True),
            ref("ParentId", "Campaign"),
            choice("Type", "Conference", "Webinar", "Email", "Advertisement", "Other"),
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
            ref("CampaignId", "Campaign", required=True, updateable=False, cascade=True),
            ref("ContactId", "Contact", required=True, updateable=False, cascade=True),
            choice("Status", "Sent", "Responded", default="Sent"),
            flag("HasResponded", **CLOSED),
            day("FirstRespondedDate", **CLOSED),
            recycles=True,
        ),
    ]


def standard_entities() -> list[Entity]:
    """A fresh set of the standard objects of one org."""
    return [
        *people(),
        _account(),
        _contact(),
        _opportunity(),
        *_products(),
        *_activities(),
        *_campaigns(),
        *permissions(),
    ]
