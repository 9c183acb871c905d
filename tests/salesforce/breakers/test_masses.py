"""Fault 14: mass changes wait for a person, and a field that another system rewrites for ever is stopped."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from activities.market.budgets.models import Opportunity
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.clock import now
from prm.core.errors import Refused
from prm.salesforce.breakers import service
from prm.salesforce.engine.models import Outbox, RecordLink, SyncProblem
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.salesforce.inbox import records
from prm.salesforce.runs import run
from prm.tenancy.context import current_actor
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


def caused_by(number):
    """Let what is dirty count as made by a transaction of its own: a test is one transaction."""
    Outbox.objects.update(cause=number)


def test_a_mass_change_that_comes_while_others_are_sent_is_held_as_well(connected, partners, monkeypatch):
    """What was committed after the run began is looked at before the first of it is sent."""
    update_partner(partners[0].pk, city="Easton")
    caused_by(5)
    pushed = run.Pusher._push

    def meanwhile(self, mapping, claimed, rows, *, ahead):
        monkeypatch.setattr(run.Pusher, "_push", pushed)
        with transaction.atomic(), connection.cursor() as cursor:
            Partner.objects.exclude(pk=partners[0].pk).update(phone="")
            cursor.execute("UPDATE salesforce_outbox SET cause = 6 WHERE record_id <> %s", [partners[0].pk])
        return pushed(self, mapping, claimed, rows, ahead=ahead)

    monkeypatch.setattr(run.Pusher, "_push", meanwhile)
    connected.sync()
    assert connected.there.one("Account", partners[0].pk, "BillingCity")["BillingCity"] == "Easton"
    assert phones(connected) == {f"{number}" for number in range(MANY)}
    assert MassChange.objects.get(state="waiting").records == MANY - 1


def test_what_the_engine_looks_at_again_is_no_mass_change_and_hides_none(connected, partners):
    Partner.objects.update(phone="")
    caused_by(8)
    from prm.salesforce.engine import store
    from prm.salesforce.mapping import registry

    store.enqueue(registry.mapping("partners.partner"), [partner.pk for partner in partners])
    assert set(Outbox.objects.values_list("cause", flat=True)) == {8}
    connected.sync()
    assert MassChange.objects.get(state="waiting").records == MANY
    assert not Outbox.objects.exists()
    store.enqueue(registry.mapping("partners.partner"), [partner.pk for partner in partners])
    connected.sync()
    assert MassChange.objects.exclude(state="passed").count() == 1


def test_an_edit_of_a_record_that_is_held_goes_by_itself(connected, partners):
    Partner.objects.update(phone="")
    caused_by(9)
    connected.sync()
    update_partner(partners[0].pk, phone="777")
    caused_by(10)
    connected.sync()
    assert connected.there.one("Account", partners[0].pk, "Phone")["Phone"] == "777"
    assert not HeldChange.objects.filter(record_id=partners[0].pk).exists()
    assert HeldChange.objects.count() == MANY - 1


def test_what_was_taken_over_before_it_was_known_to_be_many_is_taken_back_too(
    connected, partners, monkeypatch
):
    """Refused means refused, also for the pages that had been read when the threshold was passed."""
    from prm.salesforce.engine import pull

    service.set_rules({"cleared_records": 23})
    monkeypatch.setattr(pull, "PAGE", 10)
    for partner in partners:
        connected.there.edit("Account", partner.pk, Phone=None)
    connected.org.clock.advance(5)
    connected.sync(push=False)
    mass = MassChange.objects.get(state="waiting")
    taken = Partner.objects.filter(phone="").count()
    assert (mass.records, 0 < taken < MANY) == (MANY, True)
    service.refuse(mass.pk)
    connected.settle()
    assert not Partner.objects.filter(phone="").exists()
    assert phones(connected) == {f"{number}" for number in range(MANY)}


def clear_one_by_one(connected, partners, by):
    """Clear phones here, each in a transaction of its own, a sync after every few."""
    for number, partner in enumerate(partners):
        update_partner(partner.pk, phone="")
        Outbox.objects.filter(record_id=partner.pk).update(cause=1000 + number, made_by=by)
        if number % 5 == 4:
            connected.sync()
    connected.sync()


def test_many_small_changes_of_one_person_are_a_mass_change_too(connected, partners):
    clear_one_by_one(connected, partners, "A program")
    (mass,) = MassChange.objects.filter(state="waiting")
    assert (mass.kind, mass.cause) == ("cleared", "by A program")
    # What went before there were too many is gone; all others wait.
    cleared = connected.there.query("SELECT Id FROM Account WHERE PRM_Id__c != null AND Phone = null")
    assert len(cleared) + mass.records == MANY
    assert len(cleared) <= 20
    service.refuse(mass.pk)
    connected.settle()
    assert Partner.objects.filter(phone="").count() == len(cleared)


def test_small_changes_of_different_people_or_long_ago_are_none(connected, partners):
    clear_one_by_one(connected, partners[:12], "Ruth")
    clear_one_by_one(connected, partners[12:], "Nils")
    assert not MassChange.objects.filter(state="waiting").exists()
    MassChange.objects.update(since=now() - timedelta(minutes=11))
    for partner in partners[:12]:
        update_partner(partner.pk, phone="5")
    connected.sync()
    clear_one_by_one(connected, partners[:12], "Nils")
    assert not MassChange.objects.filter(state="waiting").exists()
    assert phones(connected) == {None}


def test_many_small_changes_of_one_user_there_are_counted_over_several_readings(connected, partners):
    for number, partner in enumerate(partners):
        connected.there.edit("Account", partner.pk, Phone=None)
        if number % 5 == 4:
            connected.sync(push=False)
    connected.sync(push=False)
    mass = MassChange.objects.get(state="waiting")
    assert (mass.direction, Partner.objects.filter(phone="").count() + mass.records) == ("pull", MANY)
    assert Partner.objects.filter(phone="").count() <= 20


def test_who_made_a_change_is_noted_with_it(connected, partners):
    update_partner(partners[0].pk, phone="9")
    assert Outbox.objects.get().made_by == current_actor().label
