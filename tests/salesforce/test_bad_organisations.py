"""Organisations as they are: each bad one ends in words, and nothing is doubled.

The list is that of the issue; what other tests show already is pointed to (`shown_by` finds out whether they are there).
"""

import pytest

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.errors import Refused
from prm.salesforce.engine.models import Conflict, RecordLink
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.inbox import records
from prm.salesforce.mapping.choices import FieldChoice
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire import codes
from tests.salesforce.conftest import Link, There
from tests.salesforce.engine.test_push import later
from tests.salesforce.fieldmap.conftest import own_field
from tests.salesforce.test_apps import make_order
from tests.salesforce.test_scenarios import shown_by

__all__ = ["later"]
PARTNER, ORDER = "partners.partner", "orders.order"


def elena(name="Elena", **values):
    return create_partner(name=name, kind="physician", **values)


@pytest.fixture
def bare(bound, server):
    """Connected to an organisation in which nothing of ours was ever made."""
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )
    return Link(server, There(server))


def all_same(org, count):
    """Nothing is doubled, and nothing more is written."""
    assert org.there.count("Account") == count
    ids = [
        row["PRM_Id__c"] for row in org.there.query("SELECT PRM_Id__c FROM Account WHERE PRM_Id__c != null")
    ]
    assert len(ids) == len(set(ids))
    org.forget()
    org.settle()
    assert org.writes() == []


def test_without_our_fields(bare):
    partner = elena()
    make_order(partner)
    outcome = setup_service.try_start()
    assert "Account.PRM_Id__c" in outcome.missing
    setup_service.start()
    report = bare.sync()
    assert bare.there.count("Account") == 0
    words = [each["reason"] for each in report.waiting if each["mapping"] == "partners.partner"]
    assert words and all(words)
    reason = records.state_of(partner.pk).reasons[0]
    assert reason.words and "Run the Salesforce set-up again" in reason.then
    assert setup_service.set_up().complete
    bare.sync(door="page")
    bare.settle()
    assert bare.there.one("Account", partner.pk)
    all_same(bare, 1)


def test_with_the_fields_and_no_access():
    shown_by(
        "engine/test_rests.py",
        "test_an_object_without_access_rests_and_signs_nobody_out",
        "test_whole_calls_refused_for_want_of_access_sign_nobody_out",
        "test_a_field_that_may_only_be_read_takes_nothing_and_brings_what_is_changed_there",
    )


def test_with_200_required_fields_of_its_own(connected):
    for number in range(200):
        own_field(connected.there, "Account", f"Must_{number:03}__c", "Text", required=True, length=40)
    partner = elena()
    order = make_order(partner)
    outcome = setup_service.try_start()
    (why,) = outcome.whole_refusals
    assert why.count == 1 and "Must_000__c" in why.quote and "Must_199__c" in why.quote
    assert "default value" in why.cure
    connected.settle()
    assert connected.there.count("Account") == connected.there.count("Opportunity") == 0
    (problem,) = connected.problems()
    assert (problem.code, problem.record_id) == ("REQUIRED_FIELD_MISSING", partner.pk)
    assert problem.message and records.state_of(order.pk).state == "held"
    service.read_objects()
    assert len(looking.problems(service.drafted())) == 200
    document = {
        "objects": {PARTNER: {"constants": {f"Must_{number:03}__c": {"value": "x"} for number in range(200)}}}
    }
    service.load(document)
    service.put_in_force()
    connected.settle()
    assert connected.there.one("Account", partner.pk, "Must_117__c")["Must_117__c"] == "x"
    assert connected.problems() == []
    all_same(connected, 1)


def test_with_two_accounts_of_the_same_npi():
    shown_by(
        "adoption/test_adopting.py",
        "test_two_accounts_with_the_same_npi_are_to_decide_and_one_choice_settles_both",
    )


def test_with_an_account_that_carries_another_tenants_id():
    shown_by("adoption/test_adopting.py", "test_another_systems_id_is_never_overwritten")


def test_with_person_accounts_off(connected):
    """A field that only person accounts have is said not to be there, and the mapping is not put in force."""
    service.read_objects()
    if "PersonEmail" in looking.facts_for(service.drafted(), PARTNER):
        pytest.skip("This sandbox org has person accounts.")
    service.choose_field(key=PARTNER, here="email", choice=FieldChoice(there="PersonEmail"))
    with pytest.raises(Refused, match=r"1 problem first.*no field PersonEmail that we may see"):
        service.put_in_force()
    service.discard()
    partner = elena(email="e@x.example")
    connected.settle()
    assert connected.there.one("Account", partner.pk, "PRM_Email__c")["PRM_Email__c"] == "e@x.example"
    all_same(connected, 1)


def test_with_an_inactive_owner():
    shown_by(
        "owners/test_service.py",
        "test_who_is_inactive_there_is_named_and_the_fallback_owns_the_record",
        "test_hidden_users_are_said_and_stop_nothing",
    )


def test_with_a_currency_it_does_not_have(connected):
    """Salesforce's words stand at the order; its partner goes, and the order follows once it is taken."""
    partner = elena()
    order = make_order(partner)
    connected.fault(
        "row_error",
        object="Opportunity",
        code="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        message="Currency ISO Code: bad value for restricted picklist field: CHF",
        fields=[],
    )
    connected.settle()
    (problem,) = connected.problems()
    assert problem.record_id == order.pk and "CHF" in problem.message
    assert connected.there.one("Account", partner.pk) and connected.there.count("Opportunity") == 0
    connected.org.faults.clear()
    type(order).objects.filter(pk=order.pk).update(number="O-2")
    connected.settle()
    assert connected.there.one("Opportunity", order.pk) and connected.there.count("Opportunity") == 1
    assert connected.problems() == []


def test_at_its_api_limit():
    shown_by("engine/test_push.py", "test_the_daily_limit_pauses_and_keeps_the_queue")


@pytest.mark.parametrize(
    "code", ["INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "ORG_IN_MAINTENANCE", "html"]
)
def test_read_only_during_maintenance(connected, later, code):
    partner = elena()
    if code == "html":
        connected.fault("html", status=503, times="always", method="POST")
        words = "503"
    else:
        connected.fault(
            "row_error", object="Account", code=code, message="Salesforce is read-only.", fields=[]
        )
        words = codes.known(code).meaning
    report = connected.sync()
    assert connected.there.count("Account") == 0 and connected.dirty() == 1
    said = report.message + " ".join(each["reason"] for each in report.waiting)
    state = records.state_of(partner.pk)
    said += " ".join(f"{each.words} {each.quote}" for each in state.reasons)
    assert said and (words in said or code == "html"), said
    update_partner(partner.pk, city="Dayton")
    connected.org.faults.clear()
    later(hours=7)
    connected.settle()
    assert connected.there.one("Account", partner.pk, "BillingCity")["BillingCity"] == "Dayton"
    assert connected.problems() == []
    all_same(connected, 1)


def test_a_mapping_to_a_field_that_is_deleted_the_next_day(connected):
    own_field(connected.there, "Account", "Specialty__c", length=80)
    service.read_objects()
    service.choose_field(key=PARTNER, here="specialty", choice=FieldChoice(there="Specialty__c"))
    service.put_in_force()
    partner = elena(specialty="Cardiology")
    connected.settle()
    (field,) = connected.there.call(
        "GET", "tooling/query", params={"q": "SELECT Id FROM CustomField WHERE DeveloperName = 'Specialty'"}
    )["records"]
    connected.there.call("DELETE", f"tooling/sobjects/CustomField/{field['Id']}")
    update_partner(partner.pk, specialty="Oncology", city="Dayton")
    report = connected.sync(door="page")
    connected.settle()
    assert [(each["object"], each["field"]) for each in report.rests] == [("Account", "Specialty__c")]
    assert report.rests[0]["reason"] and report.rests[0]["advice"]
    assert connected.there.one("Account", partner.pk, "BillingCity")["BillingCity"] == "Dayton"
    assert Partner.objects.get(pk=partner.pk).specialty == "Oncology"
    assert any(each.field == "Specialty" for each in records.state_of(partner.pk).reasons)
    service.read_objects()
    assert any(
        "has no field Specialty__c that we may see" in words for words in looking.problems(service.drafted())
    )
    assert not Conflict.objects.exists()
    assert RecordLink.objects.count() == 1
    all_same(connected, 1)


def test_an_adoption_stopped_half_way():
    shown_by("adoption/test_undoing.py", "test_an_adoption_killed_half_way_goes_on_and_doubles_nothing")
    shown_by("adoption/test_adopting.py", "test_an_adoption_whose_first_call_lost_its_answer_doubles_nothing")
    shown_by("adoption/test_newcomers.py", "test_a_kill_between_two_of_them_doubles_none")
