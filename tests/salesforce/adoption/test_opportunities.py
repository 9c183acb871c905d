"""Adopt before create for open opportunities: each is looked for at the account that its partner is."""

from datetime import timedelta
from decimal import Decimal

from django.core.management import call_command

from partners.directory.service import update_partner
from prm.core import calendar
from prm.salesforce.adoption import newcomers
from prm.salesforce.adoption.service import Answer
from prm.salesforce.engine.models import Connection
from prm.salesforce.matches.models import Match
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import current_tenant
from tests.activities import factories as make
from tests.salesforce.adoption.test_adopting import account, decide, physician, resting
from tests.salesforce.adoption.test_contacts import practice
from tests.salesforce.test_apps import make_order

__all__ = ["resting"]

S = Match.State
OPPORTUNITY = "activities.opportunity"


def day(days):
    return (calendar.today(current_tenant()) + timedelta(days=days)).isoformat()


def deal(link, account_id, name, amount=90_000, days=90, stage="Prospecting", **values):
    """Make an opportunity in Salesforce, as somebody there did long before us; return its id."""
    body = {
        "Name": name,
        "AccountId": account_id,
        "Amount": amount,
        "CloseDate": day(days),
        "StageName": stage,
    }
    return link.there.call("POST", "sobjects/Opportunity", json={**body, **values})["id"]


def found():
    rows = Match.objects.filter(mapping=OPPORTUNITY).order_by("name", "sf_id")
    return {row.name: (row.state, row.record_name, row.doubt) for row in rows}


def deals(link):
    rows = link.there.query("SELECT Name, PRM_Id__c FROM Opportunity ORDER BY Name")
    return [(row["Name"], row["PRM_Id__c"]) for row in rows]


def test_each_is_matched_by_name_amount_close_date_and_stage_with_its_evidence(resting):
    elena, there = practice(resting)
    for name, details in {
        "Echo lab": {},
        "MRI scanner": {"amount": 50_000},
        "Stress tests": {"amount": 7_000, "days": 30},
        "Holter": {"amount": 1_000, "days": 10},
        "Only here": {"amount": 3},
    }.items():
        make.opportunity(elena, name=name, **details)
    deal(resting, there, "Elena Marchetti - Echo Lab")
    deal(resting, there, "MRI scanner", 50_000, 20, "Needs Analysis")
    deal(resting, there, "Stress tests", 9_000, 40)
    deal(resting, there, "Monitoring", 1_000, 10)
    deal(resting, there, "Only there", 5, 5)
    deal(resting, there, "Only here", 3, stage="Closed Won")
    other = account(resting, "Somebody Else")
    deal(resting, other, "Echo lab")
    resting.forget()
    read = setup_service.read_there()
    assert found() == {
        "Elena Marchetti - Echo Lab": (S.CERTAIN, "Echo lab", ""),
        "MRI scanner": (S.CERTAIN, "MRI scanner", ""),
        "Monitoring": (S.OPEN, "Holter", "Same amount and close date, another name"),
        "Only there": (S.NEW, "", ""),
        "Stress tests": (S.OPEN, "Stress tests", "Same name, another amount and close date"),
    }
    reasons = dict(Match.objects.filter(mapping=OPPORTUNITY).values_list("name", "reason"))
    assert reasons["Elena Marchetti - Echo Lab"] == "Same name, amount, close date and stage."
    assert reasons["MRI scanner"] == "Same name and amount. Another close date and stage."
    assert reasons["Monitoring"] == "Same amount, close date and stage. Another name."
    assert read.objects["opportunities"]["read"] == 6  # of the open ones, wherever they are
    assert resting.writes() == []


def test_starting_links_them_by_the_winners_of_the_fields_and_doubles_none(resting):
    elena, there = practice(resting)
    ours, new = make.opportunity(elena, name="Echo lab"), make.opportunity(elena, name="Only here", amount=3)
    sf_id = deal(resting, there, "Echo lab", 80_000, stage="Qualification")
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    assert deals(resting) == [("Echo lab", str(ours.pk)), ("Only here", str(new.pk))]
    ours.refresh_from_db()
    # The stage is Salesforce's to say; about the money somebody is asked.
    assert (ours.stage, ours.amount) == ("qualification", 90_000)
    waiting = {one.there: Decimal(one.theirs) for one in resting.conflicts() if one.state == "open"}
    assert waiting == {"Amount": Decimal(80_000)}
    resting.forget()
    resting.settle()
    assert resting.writes() == []
    # It was there before us: it stays when it goes here.
    ours.delete()
    resting.settle()
    assert resting.there.query(f"SELECT Id FROM Opportunity WHERE Id = '{sf_id}'")


def test_two_at_once_and_what_is_closed_here_and_undecided_accounts_are_to_decide(resting):
    elena, there = practice(resting)
    make.opportunity(elena, name="Echo lab")
    make.opportunity(elena, name="Echo lab", amount=90_000)
    deal(resting, there, "Echo lab")
    robert = physician("Robert Halloran", city="Easton")
    unsure = account(resting, "Halloran Robert", BillingCity="Dayton")
    make.opportunity(robert, name="MRI")
    deal(resting, unsure, "MRI")
    setup_service.read_there()
    assert found() == {
        "Echo lab": (S.OPEN, "Echo lab", "Could be more than one"),
        "MRI": (S.OPEN, "MRI", "Its account is still to decide"),
    }
    decide("Halloran Robert", Answer.LINK)
    assert found()["MRI"][0] == S.CERTAIN
    setup_service.start()
    resting.settle()
    assert len(deals(resting)) == 2  # the two of one name wait for a person
    assert sum(key is not None for _, key in deals(resting)) == 1


def test_an_order_that_somebody_reopened_is_no_opportunity_of_ours(resting):
    elena, there = practice(resting)
    make.opportunity(elena, name="Echo lab")
    order = make_order(elena)
    deal(resting, there, "Echo lab", PRM_Id__c=str(order.pk))
    read = setup_service.read_there()
    assert found() == {} and read.objects["opportunities"] == {"read": 1, "linked": 1}


def test_a_connection_that_runs_already_goes_on_and_asks_nothing_until_somebody_reads(connected):
    """As after an update of PRM: opportunities were exchanged before anybody could look for them."""
    elena = physician("Dr. Elena Marchetti", "1245319599")
    Connection.objects.update(objects_read=["partners.partner", "partners.contact"])
    connected.settle()
    ours = make.opportunity(elena, name="Echo lab")
    connected.settle()
    assert deals(connected) == [("Echo lab", str(ours.pk))]
    connected.forget()
    newcomers.look()
    assert not [one for one in connected.entries() if "Opportunity" in str(one)]


def test_what_is_made_there_later_is_found_and_a_tenant_without_opportunities_asks_nothing(connected, capsys):
    elena = physician("Dr. Elena Marchetti", "1245319599")
    connected.settle()
    there = connected.there.one("Account", elena.pk)["Id"]
    connected.forget()
    newcomers.look()
    assert not [one for one in connected.entries() if "Opportunity" in str(one)]
    update_partner(elena.pk, phone="555")  # the account changes, its opportunities do not
    make.opportunity(elena, name="Only here", amount=3)
    connected.settle()
    deal(connected, there, "Echo lab")
    deal(connected, there, "Already won", stage="Closed Won")
    newcomers.look()
    assert found() == {"Echo lab": (S.NEW, "", "")}
    call_command("salesforce_adopt", "--tenant", "mercy", "--list", "new", "--object", OPPORTUNITY)
    assert "Echo lab = –" in capsys.readouterr().out


def test_the_page_shows_both_sides_beside_accounts_and_contacts(resting, mercy, client_for):
    elena, there = practice(resting)
    make.opportunity(elena, name="Echo lab")
    deal(resting, there, "Echo lab", 80_000, stage="Needs Analysis")
    setup_service.read_there()
    page = client_for(mercy.administrator).get(f"/t/mercy/salesforce/adopt/?object={OPPORTUNITY}&tab=certain")
    html = page.content.decode()
    for words in ("Opportunities", "90,000.00", "80,000.00", "Needs Analysis", "Another amount and stage."):
        assert words in html, words
