"""What the three apps keep in step, seen in the organisation."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from activities.market.competition.models import Insight, InsightDifferentiator
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.service import merge
from activities.visits.models import Visit
from activities.visits.service import remove_visit, restore_visit
from orders.book.models import Order
from orders.catalogue.models import Product
from orders.sources.models import OrderSource
from partners.directory.models import Partner
from partners.directory.service import create_partner
from partners.standing.service import recompute_standings
from prm.salesforce.inbox import service as inbox_service


@pytest.fixture
def partner(connected):
    return create_partner(name="Dr. Chow", kind="physician")


@pytest.fixture
def order(partner):
    return make_order(partner)


def make_order(partner, number="536365", **values):
    source, _ = OrderSource.objects.get_or_create(name="Lab")
    values = {
        # Nine in the evening of the last of November in New York.
        "placed_at": datetime(2026, 12, 1, 2, tzinfo=UTC),
        "month": date(2026, 11, 1),
        "currency": "USD",
        "amount": Decimal("139.1250"),
        "units": 3,
        "state": "completed",
        "content_hash": number,
        **values,
    }
    return Order.objects.create(source=source, number=number, partner=partner, **values)


def make_visit(partner, rep, **values):
    values = {
        "channel": "in_person",
        "happened_at": datetime(2026, 11, 20, 14, 30, 15, 250, tzinfo=UTC),
        "purpose": "relationship",
        "learned": "They open a clinic.",
        "next_step": "Send dates",
        "next_step_due": date(2026, 12, 1),
        **values,
    }
    return Visit.objects.create(partner=partner, rep=rep, **values)


def opportunity(link, order):
    return link.there.one(
        "Opportunity", order.pk, "Name", "StageName", "IsWon", "Amount", "CloseDate", "AccountId"
    )


def test_an_order_is_a_closed_won_opportunity_of_its_account(connected, partner, order):
    connected.sync()
    row = opportunity(connected, order)
    assert (row["Name"], row["StageName"], row["IsWon"]) == ("Lab 536365", "Closed Won", True)
    assert Decimal(str(row["Amount"])) == Decimal("139.13")
    assert row["CloseDate"] == "2026-11-30"
    assert row["AccountId"] == connected.there.one("Account", partner.pk)["Id"]


def test_an_order_pushed_again_is_no_second_opportunity(connected, order):
    connected.settle()
    Order.objects.update(amount=Decimal(5))
    connected.settle()
    assert connected.there.count("Opportunity") == 1
    assert opportunity(connected, order)["Amount"] == 5


def test_a_reversal_counts_negative_and_a_cancelled_order_is_lost(connected, partner):
    back = make_order(partner, "C1", amount=Decimal(-20), is_reversal=True)
    gone = make_order(partner, "2", state="cancelled")
    connected.sync()
    assert (opportunity(connected, back)["Amount"], opportunity(connected, back)["IsWon"]) == (-20, True)
    assert opportunity(connected, gone)["StageName"] == "Closed Lost"


def test_an_unattributed_order_stays_here_until_it_is_tied(connected, partner):
    order = make_order(None)
    connected.sync()
    assert connected.there.count("Opportunity") == 0
    Order.objects.update(partner=partner)
    connected.sync()
    assert opportunity(connected, order)["AccountId"]


def test_an_order_tied_to_another_partner_moves(connected, partner, order):
    other = create_partner(name="Dr. Demir", kind="physician")
    connected.settle()
    Order.objects.update(partner=other)
    connected.sync()
    assert opportunity(connected, order)["AccountId"] == connected.there.one("Account", other.pk)["Id"]


def test_an_order_that_is_untied_leaves_salesforce(connected, partner, order):
    connected.settle()
    Order.objects.update(partner=None)
    report = connected.sync()
    assert report.pushed["orders.order"] == {"deleted": 1}
    assert connected.there.count("Opportunity") == 0
    Order.objects.update(partner=partner)
    connected.settle()
    assert connected.there.count("Opportunity") == 1


def test_an_order_waits_for_a_refused_partner_and_goes_with_it(connected, partner, order):
    other = create_partner(name="Dr. Demir", kind="physician")
    theirs = make_order(other, "2")
    connected.fault("validation", object="Account", when={"Name": "Dr. Chow"}, message="No", field="Name")
    report = connected.sync()
    assert opportunity(connected, theirs)["IsWon"]
    assert connected.there.count("Opportunity") == 1
    assert "Waits for partner Dr. Chow." in {waits["reason"] for waits in report.waiting}
    connected.org.faults.clear()
    inbox_service.try_again()
    connected.sync()
    assert connected.there.count("Opportunity") == 2
    assert connected.dirty() == 0


def test_an_order_of_an_account_deleted_there_waits_and_says_so(connected, partner):
    connected.settle()
    connected.there.delete("Account", partner.pk)
    connected.sync(patient=True)
    make_order(partner)
    report = connected.sync()
    assert "Waits for partner Dr. Chow, which was deleted in Salesforce." in {
        waits["reason"] for waits in report.waiting
    }


def test_standing_is_on_the_account(connected, partner):
    from partners.standing.models import Standing

    recompute_standings([partner.pk])
    Standing.objects.update(
        level="repeat", score=Decimal("67.4"), share=Decimal("0.4321"), revenue_12m=412000
    )
    Partner.objects.update(tier="high")
    connected.sync()
    row = connected.there.one(
        "Account",
        partner.pk,
        "PRM_Level__c",
        "PRM_Tier__c",
        "PRM_Score__c",
        "PRM_Market_Share__c",
        "PRM_Revenue_12m__c",
    )
    del row["attributes"], row["Id"]
    assert row == {
        "PRM_Level__c": "Repeat",
        "PRM_Tier__c": "High",
        "PRM_Score__c": 67.4,
        "PRM_Market_Share__c": 43.2,
        "PRM_Revenue_12m__c": 412000,
    }


def test_a_visit_in_person_is_an_event(connected, partner, bound):
    visit = make_visit(partner, bound.rep)
    connected.sync()
    row = connected.there.one(
        "Event", visit.pk, "Subject", "StartDateTime", "DurationInMinutes", "Description", "WhatId"
    )
    assert row["Subject"] == "In person: Relationship"
    assert row["StartDateTime"] == "2026-11-20T14:30:15.000+0000"
    assert row["DurationInMinutes"] == 30
    assert row["Description"] == "They open a clinic.\n\nNext step by 2026-12-01: Send dates\n\nRep: Mary"
    assert row["WhatId"] == connected.there.one("Account", partner.pk)["Id"]


def test_a_call_is_a_task_and_becomes_an_event_when_it_was_a_meeting(connected, partner, bound):
    visit = make_visit(partner, bound.rep, channel="phone")
    connected.settle()
    row = connected.there.one("Task", visit.pk, "Subject", "Status", "ActivityDate")
    assert (row["Subject"], row["Status"], row["ActivityDate"]) == (
        "Phone: Relationship", "Completed", "2026-11-20",
    )  # fmt: skip
    Visit.objects.update(channel="video")
    connected.settle()
    assert connected.there.count("Task") == 0
    assert connected.there.one("Event", visit.pk, "Subject")["Subject"] == "Video: Relationship"


def test_a_visit_that_was_taken_back_and_came_back_is_there_again(connected, partner, bound):
    visit_id = make_visit(partner, bound.rep).pk
    connected.settle()
    remove_visit(visit=Visit.objects.get(), by=bound.rep)
    connected.settle()
    assert connected.there.count("Event") == 0
    restore_visit(visit_id=visit_id, by=bound.rep)
    connected.settle()
    assert connected.there.one("Event", visit_id, "Subject")["Subject"] == "In person: Relationship"


def test_an_insight_is_a_record_of_our_object(connected, partner):
    insight = Insight.objects.create(
        partner=partner,
        competitor=Competitor.objects.create(name="St. Brendan"),
        outcome="lost",
        happened_on=date(2026, 11, 2),
        amount=Decimal(8000),
        note="Earlier appointment",
    )
    connected.sync()
    for name in ("Price", "Access"):
        InsightDifferentiator.objects.create(
            insight=insight, differentiator=Differentiator.objects.create(name=name)
        )
    connected.sync()
    row = connected.there.one(
        "PRM_Insight__c",
        insight.pk,
        "Name",
        "PRM_Competitor__c",
        "PRM_Outcome__c",
        "PRM_Happened_On__c",
        "PRM_Amount__c",
        "PRM_Differentiators__c",
        "PRM_Note__c",
        "PRM_Account__c",
    )
    assert row["Name"] == "They won: St. Brendan"
    assert row["PRM_Differentiators__c"] == "Access; Price"
    assert row["PRM_Amount__c"] == 8000
    assert row["PRM_Account__c"] == connected.there.one("Account", partner.pk)["Id"]


def test_what_an_insight_says_beside_goes_there_and_what_is_edited_there_comes_here(connected, partner):
    insight = Insight.objects.create(
        partner=partner, competitor=Competitor.objects.create(name="St. Brendan"), outcome="lost",
        happened_on=date(2026, 11, 2), amount=Decimal(8000), currency="CHF", claim="Seen within a week",
        product=Product.objects.create(code="E", name="Echo"), source="partner", confidence="sure",
    )  # fmt: skip
    connected.settle()
    named = (
        "PRM_Amount__c",
        "PRM_Other_Amount__c",
        "PRM_Claim__c",
        "PRM_Product__c",
        "PRM_Source__c",
        "PRM_Confidence__c",
    )
    row = connected.there.one("PRM_Insight__c", insight.pk, *named)
    assert [row[name] for name in named] == [
        None, "8000.00 CHF", "Seen within a week", "Echo", "They told us", "Sure",
    ]  # fmt: skip
    connected.there.edit("PRM_Insight__c", insight.pk, PRM_Outcome__c="We won", PRM_Claim__c="Seen today")
    connected.settle()
    insight.refresh_from_db()
    assert (insight.outcome, insight.claim, insight.currency) == ("won", "Seen today", "CHF")


def test_an_insight_follows_a_merge_of_its_competitor_and_a_new_name_of_its_product(connected, partner):
    echo = Product.objects.create(code="E", name="Echo")
    one, other = (Competitor.objects.create(name=name) for name in ("Harbor Line", "Harborline"))
    insight = Insight.objects.create(
        partner=partner, competitor=one, outcome="lost", happened_on=date(2026, 11, 2), product=echo
    )
    connected.settle()
    merge(row=one, into=other)
    Product.objects.filter(pk=echo.pk).update(name="Echo lab")
    connected.settle()
    row = connected.there.one("PRM_Insight__c", insight.pk, "PRM_Competitor__c", "PRM_Product__c")
    assert (row["PRM_Competitor__c"], row["PRM_Product__c"]) == ("Harborline", "Echo lab")


def test_everything_settles(connected, partner, order, bound):
    make_visit(partner, bound.rep)
    make_visit(partner, bound.rep, channel="email", minutes=5)
    connected.settle()
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    report = connected.sync(push=False, pull=False, audit=True)
    for found in report.audit.values():
        assert (found["different"], found["missing_there"], found["only_there"]) == (0, 0, 0), found
        assert found["here"] == found["same"]
