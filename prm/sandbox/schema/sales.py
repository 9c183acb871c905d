"""Accounts, contacts and opportunities with their products, with the fields that matter."""

from __future__ import annotations

from typing import NamedTuple

from prm.sandbox.schema.fields import (
    CLOSED,
    FIXED,
    address,
    area,
    choice,
    day,
    flag,
    money,
    number,
    owner,
    percent,
    phone,
    ref,
    text,
    whole,
)
from prm.sandbox.schema.models import Entity, Field, entity


def _account() -> Entity:
    return entity(
        "Account",
        "001",
        ref("MasterRecordId", "Account", **CLOSED),
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
        phone("Phone"),
        phone("Fax"),
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
        ref("MasterRecordId", "Contact", **CLOSED),
        ref("AccountId", "Account", cascade=True),
        text("LastName", 80, required=True),
        text("FirstName", 40),
        choice("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
        text("Name", 121, **CLOSED),
        *address("Mailing"),
        phone("Phone"),
        phone("MobilePhone"),
        ref("ReportsToId", "Contact"),
        Field("Email", "email", length=80, id_lookup=True),
        text("Title", 128),
        text("Department", 80),
        choice("LeadSource", "Web", "Phone Inquiry", "Partner Referral", "Other"),
        day("Birthdate"),
        area("Description"),
        owner(),
        mergeable=True,
    )


def _lead() -> Entity:
    return entity(
        "Lead",
        "00Q",
        text("LastName", 80, required=True),
        text("FirstName", 40),
        choice("Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
        text("Name", 121, **CLOSED),
        text("Company", required=True),
        text("Title", 128),
        phone("Phone"),
        Field("Email", "email", length=80, id_lookup=True),
        choice(
            "Status",
            "Open - Not Contacted",
            "Working - Contacted",
            default="Open - Not Contacted",
            required=True,
        ),
        flag("IsConverted", **CLOSED),
        owner(),
    )


class Stage(NamedTuple):
    """Where an opportunity can stand."""

    label: str
    probability: int
    closed: bool
    won: bool
    forecast: str


STAGES = (
    Stage("Prospecting", 10, False, False, "Pipeline"),
    Stage("Qualification", 10, False, False, "Pipeline"),
    Stage("Needs Analysis", 20, False, False, "Pipeline"),
    Stage("Value Proposition", 50, False, False, "Pipeline"),
    Stage("Id. Decision Makers", 60, False, False, "Pipeline"),
    Stage("Perception Analysis", 70, False, False, "Pipeline"),
    Stage("Proposal/Price Quote", 75, False, False, "Pipeline"),
    Stage("Negotiation/Review", 90, False, False, "Pipeline"),
    Stage("Closed Won", 100, True, True, "Closed"),
    Stage("Closed Lost", 0, True, False, "Omitted"),
)


def _opportunity() -> Entity:
    return entity(
        "Opportunity",
        "006",
        ref("AccountId", "Account", cascade=True),
        text("Name", 120, required=True),
        area("Description"),
        choice("StageName", *(stage.label for stage in STAGES), required=True),
        money("Amount"),
        percent("Probability"),
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
        ref("Pricebook2Id", "Pricebook2"),
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
        area("Description", 255),
    )


def _pricebookentry() -> Entity:
    return entity(
        "PricebookEntry",
        "01u",
        text("Name", **CLOSED),
        ref("Pricebook2Id", "Pricebook2", required=True, cascade=True, **FIXED),
        ref("Product2Id", "Product2", required=True, cascade=True, **FIXED),
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
        ref("PricebookEntryId", "PricebookEntry", required=True, **FIXED),
        ref("Product2Id", "Product2", **CLOSED),
        text("ProductCode", **CLOSED),
        text("Name", 376, **CLOSED),
        number("Quantity", 12, 2, required=True),
        money("TotalPrice"),
        money("UnitPrice"),
        money("ListPrice", **CLOSED),
        percent("Discount", 5, 2),
        day("ServiceDate"),
        area("Description", 255),
    )


def _opportunitycompetitor() -> Entity:
    return entity(
        "OpportunityCompetitor",
        "00J",
        ref("OpportunityId", "Opportunity", required=True, cascade=True, **FIXED),
        Field("CompetitorName", "combobox", length=40),
        area("Strengths", 1000),
        area("Weaknesses", 1000),
    )


def sales_entities() -> list[Entity]:
    """Return a fresh set of the objects of sales."""
    return [
        _account(),
        _contact(),
        _lead(),
        _opportunity(),
        _product2(),
        _pricebook2(),
        _pricebookentry(),
        _opportunitylineitem(),
        _opportunitycompetitor(),
    ]
