"""Adopt before create, against the sandbox org: reading, deciding, starting, and nothing doubled."""

from functools import partial

import pytest

from partners.directory.models import Partner
from partners.directory.service import add_code, create_partner, update_partner
from prm.core.errors import Refused
from prm.salesforce.adoption import service
from prm.salesforce.adoption.service import Answer
from prm.salesforce.engine.models import Connection, Outbox, RecordLink, SyncProblem
from prm.salesforce.matches.models import RULE, Match
from prm.salesforce.setup import service as setup_service
from tests.salesforce.conftest import Link, There

NPI = "1245319599"
S = Match.State


@pytest.fixture
def resting(furnished_server):
    """Connected to an organisation that has all fields, and not started."""
    setup_service.connect(
        login_url=furnished_server.url,
        client_id=furnished_server.client_id,
        client_secret=furnished_server.client_secret,
    )
    setup_service.set_up()
    link = Link(furnished_server, There(furnished_server))
    link.forget()
    return link


def account(link, name, **values):
    """Make an account in Salesforce, as somebody there did long before us; return its id."""
    return link.there.call("POST", "sobjects/Account", json={"Name": name, **values})["id"]


def physician(name, npi="", **details):
    partner = create_partner(name=name, kind="physician", **details)
    if npi:
        add_code(partner.pk, scheme="NPI", code=npi)
    return partner


def matches():
    rows = Match.objects.order_by("name")
    return {row.name: (row.state, row.record_name, row.doubt) for row in rows}


def decide(name, answer, **options):
    return service.decide(ids=[Match.objects.get(name=name).pk], answer=answer, **options)


def there(link, sf_id, *fields):
    (row,) = link.there.query(f"SELECT {', '.join(fields)} FROM Account WHERE Id = '{sf_id}'")
    return [row[name] for name in fields]


def test_each_account_is_matched_on_its_own_evidence(resting):
    physician("Dr. Elena Marchetti", NPI, phone="(555) 010-2217", city="Easton")
    physician("Lakeview Women's Health", phone="555 010 4410", city="Lakeview")
    physician("Robert Halloran", city="Easton")
    physician("Riverbend Clinic", website="https://www.riverbend.example")
    physician("Only Here")
    account(resting, "E. Marchetti MD", AccountNumber=NPI)
    account(resting, "Lakeview OB-GYN Group", Phone="+1 555 010 4410", BillingCity="Lakeview")
    account(resting, "Halloran Robert", BillingCity="Dayton")
    account(resting, "Riverbend Clinic", Website="riverbend.example")
    account(resting, "Somebody Else", Phone="1")
    before = resting.there.count("Account")
    resting.forget()
    found = setup_service.read_there()
    assert matches() == {
        "E. Marchetti MD": (S.CERTAIN, "Dr. Elena Marchetti", ""),
        "Lakeview OB-GYN Group": (S.OPEN, "Lakeview Women's Health", "Same phone, another name"),
        "Halloran Robert": (S.OPEN, "Robert Halloran", "Same name, another city"),
        "Riverbend Clinic": (S.CERTAIN, "Riverbend Clinic", ""),
        "Somebody Else": (S.NEW, "", ""),
    }
    assert Match.objects.get(name="E. Marchetti MD").reason == "Same code. The name agrees in part."
    moved = "Same name. In Dayton there, in Easton here."
    assert Match.objects.get(name="Halloran Robert").reason == moved
    # A description and a query of each object, and the names of the owners.
    assert (found.read, found.linked, found.calls) == (5, 0, 7)
    assert found.objects["accounts"] == {"read": 5, "linked": 0, "certain": 2, "open": 2, "new": 1}
    assert found.objects["contacts"] == {"read": 0, "linked": 0}
    assert resting.writes() == [] and resting.there.count("Account") == before


def test_starting_links_what_is_there_and_doubles_nothing(resting):
    elena = physician("Dr. Elena Marchetti", NPI)
    new = physician("Only Here")
    sf_id = account(resting, "Elena Marchetti", AccountNumber=NPI, Phone="77", BillingCity="Easton")
    setup_service.read_there()
    outcome = setup_service.try_start()
    partners = outcome.objects[0]
    assert (partners.link, partners.create, partners.change) == (1, 1, 1)
    setup_service.start()
    resting.settle()
    assert resting.there.count("Account") == 2
    assert there(resting, sf_id, "PRM_Id__c", "Phone") == [str(elena.pk), "77"]
    elena.refresh_from_db()
    # Their values win where the field says so; ours went where theirs was empty.
    assert (elena.name, elena.phone, elena.city) == ("Elena Marchetti", "77", "Easton")
    assert resting.there.one("Account", new.pk, "Name")["Name"] == "Only Here"
    assert Match.objects.get().state == S.LINKED
    resting.forget()
    resting.settle()
    assert resting.writes() == []
    again = setup_service.read_there()
    assert (again.read, again.linked, again.counts) == (2, 2, {})


def test_starting_unseen_is_refused_where_something_is_alike(resting):
    physician("Dr. Elena Marchetti", NPI)
    account(resting, "Elena Marchetti", AccountNumber=NPI)
    with pytest.raises(Refused, match="1 records in Salesforce are yours already") as caught:
        setup_service.start()
    assert caught.value.code == "look_first"
    assert Connection.objects.get().is_resting
    setup_service.start()
    assert Connection.objects.get().is_running


def test_what_is_undecided_waits_with_all_that_belongs_to_it_and_goes_once_decided(resting):
    robert = physician("Robert Halloran", city="Easton")
    account(resting, "Halloran Robert", BillingCity="Dayton")
    setup_service.read_there()
    setup_service.start()
    resting.settle()
    assert resting.there.count("Account") == 1
    assert not resting.dirty()
    update_partner(robert.pk, phone="1")
    report = resting.sync(patient=True, door="command")
    assert resting.there.count("Account") == 1
    assert [(one["kind"], one["records"]) for one in report.waiting] == [("adopt", 1)]
    decide("Halloran Robert", Answer.APART)
    resting.settle()
    assert resting.there.count("Account") == 2
    assert resting.there.one("Account", robert.pk, "Phone")["Phone"] == "1"


def test_a_decision_after_the_start_links_at_once(resting):
    robert = physician("Robert Halloran", city="Easton")
    sf_id = account(resting, "Halloran Robert", BillingCity="Dayton")
    setup_service.read_there()
    setup_service.start()
    assert decide("Halloran Robert", Answer.LINK).count == 1
    resting.settle()
    assert there(resting, sf_id, "PRM_Id__c") == [str(robert.pk)]
    assert resting.there.count("Account") == 1
    assert RecordLink.objects.get(mapping="partners.partner").sf_id == sf_id


def test_two_accounts_with_the_same_npi_are_to_decide_and_one_choice_settles_both(resting):
    elena = physician("Dr. Elena Marchetti", NPI)
    first = account(resting, "Elena Marchetti", AccountNumber=NPI)
    account(resting, "Marchetti Cardiology Elena", AccountNumber=NPI)
    setup_service.read_there()
    assert {state for state, _, _ in matches().values()} == {S.OPEN}
    assert decide("Elena Marchetti", Answer.LINK).count == 1
    assert {name: state for name, (state, _, _) in matches().items()} == {
        "Elena Marchetti": S.CHOSEN, "Marchetti Cardiology Elena": S.APART,
    }  # fmt: skip
    other = decide("Marchetti Cardiology Elena", Answer.LINK)
    assert other.count == 0 and "is linked to another account" in other.refused[0]
    setup_service.start()
    resting.settle()
    assert there(resting, first, "PRM_Id__c") == [str(elena.pk)]
    assert resting.there.count("Account") == 2


def test_another_systems_id_is_never_overwritten(resting):
    physician("Dr. Elena Marchetti", NPI)
    sf_id = account(resting, "Elena Marchetti", AccountNumber=NPI, PRM_Id__c="another tenant")
    setup_service.read_there()
    done = decide("Elena Marchetti", Answer.LINK)
    assert done.count == 0 and "not overwritten" in done.refused[0]
    setup_service.start()
    resting.settle()
    assert there(resting, sf_id, "PRM_Id__c") == ["another tenant"]
    assert resting.there.count("Account") == 1


def test_reading_again_keeps_decisions_and_adds_what_came_later(resting):
    physician("Robert Halloran", city="Easton")
    physician("Dr. Elena Marchetti", NPI)
    account(resting, "Halloran Robert", BillingCity="Dayton")
    gone = account(resting, "Somebody Else")
    setup_service.read_there()
    decide("Halloran Robert", Answer.APART)
    resting.there.call("DELETE", f"sobjects/Account/{gone}")
    account(resting, "Elena Marchetti", AccountNumber=NPI)
    setup_service.read_there()
    assert {name: state for name, (state, _, _) in matches().items()} == {
        "Halloran Robert": S.APART, "Elena Marchetti": S.CERTAIN,
    }  # fmt: skip


def test_decisions_are_taken_back_together_until_they_are_carried_out(resting):
    physician("Robert Halloran", city="Easton")
    account(resting, "Halloran Robert", BillingCity="Dayton")
    setup_service.read_there()
    batch = decide("Halloran Robert", Answer.LINK).batch
    assert service.undo(batch) == 1
    assert matches()["Halloran Robert"][0] == S.OPEN
    batch = decide("Halloran Robert", Answer.LINK).batch
    setup_service.start()
    with pytest.raises(Refused, match="made already"):
        service.undo(batch)


def test_a_link_that_another_worker_made_meanwhile_is_not_made_twice(resting):
    elena = physician("Dr. Elena Marchetti", NPI)
    account(resting, "Elena Marchetti", AccountNumber=NPI)
    setup_service.read_there()
    RecordLink.objects.create(mapping="partners.partner", record_id=elena.pk, sf_id="001000000000000AAA")
    assert service.carry_out() == 0
    assert Match.objects.get().state == S.OPEN


def test_an_adoption_whose_first_call_lost_its_answer_doubles_nothing(resting):
    """As when the process is killed between the call and its answer."""
    for number in range(5):
        physician(f"Dr. Number{number} Surname{number}", city="Easton")
        account(resting, f"Number{number} Surname{number}", BillingCity="Easton")
    setup_service.read_there()
    assert {state for state, _, _ in matches().values()} == {S.CERTAIN}
    setup_service.start()
    resting.fault("lose_after", path="/composite")
    resting.sync(patient=True)
    resting.settle()
    assert resting.there.count("Account") == 5
    ids = {row["PRM_Id__c"] for row in resting.there.query("SELECT PRM_Id__c FROM Account")}
    assert ids == {str(each) for each in Partner.objects.values_list("pk", flat=True)}


# --- duplicate rules ------------------------------------------------------------------------------


@pytest.fixture
def rule(resting):
    return partial(resting.fault, "duplicate_rule", object="Account", match=["Phone"])


def test_a_duplicate_rule_holds_and_becomes_a_case_that_names_the_record(resting, rule):
    setup_service.start()
    sf_id = account(resting, "Clinic of somebody", Phone="555 010 9999")
    rule(action="alert")
    partner = physician("Elsewhere", phone="555 010 9999")
    resting.settle()
    assert resting.there.count("Account") == 1
    (case,) = Match.objects.all()
    assert (case.sf_id, case.state, case.doubt, case.record_id) == (sf_id, S.OPEN, RULE, partner.pk)
    assert "Use one of these records?" in case.reason
    assert not SyncProblem.objects.exists() and not Outbox.objects.exists()
    decide("Clinic of somebody", Answer.APART)
    resting.settle()
    assert resting.there.count("Account") == 2


def test_linking_with_the_record_that_a_rule_names_makes_no_second_one(resting, rule):
    setup_service.start()
    sf_id = account(resting, "Clinic of somebody", Phone="555 010 9999")
    rule(action="block")
    partner = physician("Elsewhere", phone="555 010 9999")
    resting.settle()
    decide("Clinic of somebody", Answer.LINK)
    resting.settle()
    assert resting.there.count("Account") == 1
    assert there(resting, sf_id, "PRM_Id__c") == [str(partner.pk)]


def test_a_rule_that_blocks_stays_a_problem_in_salesforces_words_when_a_person_keeps_them_apart(
    resting, rule
):
    setup_service.start()
    account(resting, "Clinic of somebody", Phone="555 010 9999")
    rule(action="block")
    physician("Elsewhere", phone="555 010 9999")
    resting.settle()
    decide("Clinic of somebody", Answer.APART)
    resting.settle()
    assert resting.there.count("Account") == 1
    assert [one.code for one in resting.problems()] == ["DUPLICATES_DETECTED"]
