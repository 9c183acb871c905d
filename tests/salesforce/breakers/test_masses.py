"""Fault 14: mass changes wait for a person, and a field that another system rewrites for ever is stopped."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from activities.market.budgets.models import Opportunity
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.errors import Refused
from prm.salesforce.breakers import service
from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.salesforce.inbox import records
from tests.activities.factories import opportunity

MANY = 24


@pytest.fixture
def partners(connected):
    made = [
        create_partner(name=f"Dr. {number}", kind="physician", phone=f"{number}") for number in range(MANY)
    ]
    connected.settle()
    connected.forget()
    return made


def phones(connected):
    return {
        row["Phone"] for row in connected.there.query("SELECT Phone FROM Account WHERE PRM_Id__c != null")
    }


def test_values_cleared_here_at_once_wait_and_everything_else_goes(connected, partners):
    Partner.objects.update(phone="")
    update_partner(partners[0].pk, city="Easton")
    connected.settle()
    (mass,) = MassChange.objects.filter(state="waiting")
    assert (mass.kind, mass.direction, mass.records, mass.total) == ("cleared", "push", MANY, MANY)
    assert phones(connected) == {f"{number}" for number in range(MANY)}
    assert connected.there.one("Account", partners[0].pk, "BillingCity")["BillingCity"] == "Easton"
    state = records.state_of(partners[1].pk)
    assert (state.state, [reason.field for reason in state.reasons]) == ("held", ["Phone"])
    audit = connected.sync(push=False, pull=False, audit=True, repair=True).audit["partners.partner"]
    assert {one["reason"] for one in audit["differences"]} == {
        "Part of a mass change that waits for a person."
    }
    service.approve(mass.pk)
    connected.settle()
    assert phones(connected) == {None}
    assert not HeldChange.objects.exists()
    assert not MassChange.objects.filter(state="waiting").exists()
    with pytest.raises(Refused, match="decided it already"):
        service.refuse(mass.pk)


def test_values_cleared_there_at_once_wait_and_can_be_refused(connected, partners):
    for partner in partners:
        connected.there.edit("Account", partner.pk, Phone=None)
    connected.settle()
    (mass,) = MassChange.objects.filter(state="waiting")
    assert (mass.kind, mass.direction, mass.records) == ("cleared", "pull", MANY)
    assert not Partner.objects.filter(phone="").exists()
    out = StringIO()
    service.refuse(mass.pk)
    connected.settle()
    assert phones(connected) == {f"{number}" for number in range(MANY)}
    call_command("salesforce_mass", "--tenant", "mercy", "--json", stdout=out)
    (shown,) = json.loads(out.getvalue())["mass_changes"]
    assert (shown["state"], shown["changes"]) == ("refused", [])


def test_many_deletions_here_wait_and_refused_they_stay_there(connected, partners):
    for partner in partners:
        opportunity(partner)
    connected.settle()
    Opportunity.objects.all().delete()
    connected.settle()
    (mass,) = MassChange.objects.filter(state="waiting")
    assert (mass.kind, mass.records) == ("deleted", MANY)
    assert connected.there.count("Opportunity") == MANY
    assert not Outbox.objects.exists()
    service.refuse(mass.pk)
    connected.settle()
    assert connected.there.count("Opportunity") == MANY
    assert RecordLink.objects.filter(mapping="activities.opportunity", state="gone_here").count() == MANY


def test_a_threshold_of_the_tenant_counts_and_changed_values_may_go_by_default(connected, partners):
    Partner.objects.update(phone="555")
    connected.settle()
    assert phones(connected) == {"555"}
    service.set_rules({"changed_records": 20})
    Partner.objects.update(phone="556")
    connected.settle()
    assert phones(connected) == {"555"}
    service.refuse(MassChange.objects.get(state="waiting").pk)
    connected.settle()
    assert set(Partner.objects.values_list("phone", flat=True)) == {"555"}
    with pytest.raises(Refused, match="no threshold"):
        service.set_rules({"wishes": 3})


def test_a_field_that_both_systems_rewrite_is_stopped_with_both_values(connected):
    partner = create_partner(name="Dr. Chow", kind="physician", phone="0")
    connected.settle()
    service.set_rules({"loop_times": 3})
    for number in range(5):
        update_partner(partner.pk, phone=f"ours {number}")
        connected.sync()
        connected.there.edit("Account", partner.pk, Phone=f"theirs {number}")
        connected.sync()
    problem = SyncProblem.objects.get(kind="loop")
    assert (problem.field, "again and again" in problem.message) == ("Phone", True)
    (conflict,) = [one for one in connected.conflicts() if one.state == "open"]
    assert {conflict.ours.split()[0], conflict.theirs.split()[0]} == {"ours", "theirs"}
    connected.forget()
    connected.settle()
    assert connected.writes() == []
