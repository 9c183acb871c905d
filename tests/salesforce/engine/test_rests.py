"""Fault 5: each object and each field fails by itself, says since when, and comes back."""

from datetime import timedelta

import pytest

from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.clock import now
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.shapes import rules
from prm.salesforce.shapes.models import ObjectShape
from prm.salesforce.shapes.queries import rests
from tests.activities import factories as make
from tests.salesforce.test_apps import make_order

PARTNER = registry.mapping("partners.partner")


def facts(**fields):
    described = [{"name": name, "type": kind} for name, kind in fields.items()]
    found = rules.facts_of({"label": "X", "fields": described})
    assert found
    return found


def whole(mapping):
    kinds = {"Number": "double", "Currency": "currency", "Percent": "percent", "Owner": "reference"}
    fields = {one.there: kinds.get(one.kind.value, "string") for one in mapping.fields}
    return {**fields, mapping.external_id: "string", **{one.there: "reference" for one in mapping.parents}}


# --- the rule, pure -------------------------------------------------------------------------------


def test_a_field_that_is_not_there_rests_and_the_others_do_not():
    there = whole(PARTNER)
    del there["Phone"]
    found = rules.resting(PARTNER, facts(**there))
    assert found == {"Phone": rules.Why.UNSEEN}
    left = rules.effective(PARTNER, [("Phone", "unseen")])
    assert {one.there for one in PARTNER.columns} - {one.there for one in left.columns} == {"Phone"}


def test_a_field_of_another_type_rests():
    there = whole(PARTNER) | {"PRM_Score__c": "string", "Phone": "double", "ParentId": "string"}
    assert set(rules.resting(PARTNER, facts(**there)).values()) == {rules.Why.TYPE}
    assert set(rules.resting(PARTNER, facts(**there))) == {"PRM_Score__c", "Phone", "ParentId"}


def test_what_a_description_does_not_say_is_possible():
    there = dict.fromkeys(whole(PARTNER), "")
    assert rules.resting(PARTNER, facts(**there)) == {}


def test_a_field_that_may_only_be_read_is_still_read():
    left = rules.effective(PARTNER, [("Phone", "read_only")])
    assert "Phone" in {one.there for one in left.pulled}
    assert "Phone" not in {one.there for one in left.written}


@pytest.mark.parametrize("lost", ["", "PRM_Id__c"])
def test_without_its_object_or_its_key_nothing_is_left(lost):
    assert rules.effective(PARTNER, [(lost, "unseen")]) is None


def test_without_its_required_parent_nothing_new_is_made():
    order = registry.mapping("orders.order")
    left = rules.effective(order, [("AccountId", "unseen")])
    assert not left.creates
    assert left.written


@pytest.mark.parametrize("lost", ["Amount", "CloseDate", "StageName"])
def test_without_what_it_is_counted_by_it_cannot_be_counted_and_the_rest_goes_on(lost):
    order = registry.mapping("orders.order")
    left = rules.effective(order, [(lost, "unseen")])
    assert left.sums is None
    assert left.written
    assert rules.effective(order, [("AccountId", "unseen")]).sums == order.sums


# --- against an organisation -----------------------------------------------------------------------


@pytest.fixture
def pair(connected):
    """A partner in step, with a visit and an order."""
    partner = create_partner(name="A", kind="agent", phone="1", city="X")
    make_order(partner)
    connected.settle()
    connected.forget()
    return partner


def access(connected, **wanted):
    connected.org.shaping.change(wanted)


def back(connected):
    connected.org.shaping.restore()


def names(found=None):
    return {(each.sobject, each.field) for each in rests()}


def test_nothing_rests_in_an_organisation_that_is_set_up(pair):
    assert not rests()
    assert ObjectShape.objects.count() == 6


def test_a_hidden_field_rests_and_everything_else_goes_on(connected, pair):
    access(connected, field="Account.Phone", see=False)
    update_partner(pair.pk, phone="2", city="Y")
    connected.there.edit("Account", pair.pk, Website="https://w.example")
    report = connected.settle()
    assert names() == {("Account", "Phone")}
    row = connected.there.one("Account", pair.pk, "BillingCity")
    assert row["BillingCity"] == "Y"
    pair.refresh_from_db()
    assert (pair.website, pair.phone) == ("https://w.example", "2")
    assert not connected.problems()
    assert Connection.objects.get().state == "connected"
    assert not report.failed
    assert not report.as_json()["done"]
    assert report.rests[0]["field"] == "Phone"


def test_a_field_that_comes_back_brings_both_sides_edits(connected, pair):
    other = create_partner(name="B", kind="agent", phone="1")
    connected.settle()
    access(connected, field="Account.Phone", see=False)
    connected.settle()
    update_partner(pair.pk, phone="2")
    connected.org.administration.change(
        {"op": "update", "object": "Account", "id": link_of(other).sf_id, "fields": {"Phone": "3"}}
    )
    connected.settle()
    back(connected)
    connected.sync(door="command")
    connected.settle()
    assert not rests()
    assert connected.there.one("Account", pair.pk, "Phone")["Phone"] == "2"
    other.refresh_from_db()
    assert other.phone == "3"
    assert not connected.conflicts()


def link_of(record):
    return RecordLink.objects.get(record_id=record.pk)


def test_a_field_that_was_made_anew_empties_nothing_here(connected, pair):
    access(connected, field="Account.PRM_Specialty__c", see=False)
    update_partner(pair.pk, specialty="Cardiology")
    back(connected)
    connected.settle()
    access(connected, field="Account.PRM_Specialty__c", see=False)
    update_partner(pair.pk, phone="3")
    connected.settle()
    connected.org.store.execute('UPDATE "Account" SET "PRM_Specialty__c" = NULL')
    back(connected)
    connected.sync(door="command")
    connected.settle()
    assert Partner.objects.get(pk=pair.pk).specialty == "Cardiology"
    assert connected.there.one("Account", pair.pk, "PRM_Specialty__c")["PRM_Specialty__c"] == "Cardiology"


def test_a_renamed_field_rests_until_it_has_its_name_again(connected, pair):
    access(connected, field="Account.PRM_Specialty__c", rename="PRM_Special__c")
    update_partner(pair.pk, specialty="Cardiology", phone="9")
    connected.settle()
    assert names() == {("Account", "PRM_Specialty__c")}
    assert connected.there.one("Account", pair.pk, "Phone")["Phone"] == "9"
    assert "give it" in rests()[0].advice or "set-up" in rests()[0].advice


def test_a_field_that_may_only_be_read_takes_nothing_and_brings_what_is_changed_there(connected, pair):
    access(connected, field="Account.Phone", edit=False)
    update_partner(pair.pk, phone="2", city="Y")
    connected.settle()
    assert names() == {("Account", "Phone")}
    assert connected.there.one("Account", pair.pk, "BillingCity")["BillingCity"] == "Y"
    assert not connected.problems()
    connected.forget()
    connected.settle()
    assert connected.writes() == []
    back(connected)
    connected.sync(door="command")
    connected.settle()
    assert connected.there.one("Account", pair.pk, "Phone")["Phone"] == "2"


def test_an_object_without_access_rests_and_signs_nobody_out(connected, pair):
    access(connected, object="Opportunity", take=["read"])
    update_partner(pair.pk, phone="2")
    make.opportunity(pair)
    report = connected.settle()
    assert names() == {("Opportunity", "")}
    assert Connection.objects.get().state == "connected"
    assert connected.there.one("Account", pair.pk, "Phone")["Phone"] == "2"
    assert not connected.problems()
    assert {each["kind"] for each in report.waiting} == {"rests"}
    assert not connected.has_work()
    back(connected)
    connected.sync(door="command")
    connected.settle()
    assert connected.there.count("Opportunity") == 2
    assert not rests()


def test_whole_calls_refused_for_want_of_access_sign_nobody_out(connected, pair):
    update_partner(pair.pk, phone="2")
    body = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}]
    connected.fault("status", status=403, body=body, path="composite", times=1)
    connected.sync()
    connected.sync()
    assert Connection.objects.get().state == "connected"


def test_a_lost_object_is_seen_daily_and_what_rests_each_quarter_of_an_hour(connected, pair):
    access(connected, field="Event.Description", see=False)
    connected.settle()
    assert not rests()
    ObjectShape.objects.update(looked_at=now() - timedelta(hours=25))
    connected.settle()
    assert names() == {("Event", "Description")}
    back(connected)
    connected.settle()
    assert names() == {("Event", "Description")}
    ObjectShape.objects.update(looked_at=now() - timedelta(minutes=16))
    connected.settle()
    assert not rests()
