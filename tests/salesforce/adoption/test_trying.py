"""The dry run: what it counts, names and says would be refused; and that it writes nothing."""

from dataclasses import replace

import pytest

from partners.directory.service import create_partner, update_partner
from prm.salesforce.adoption.checks import Described, refusals
from prm.salesforce.adoption.outcome import Outcome
from prm.salesforce.engine.models import Connection, Outbox, RecordLink, SyncSchedule
from prm.salesforce.mapping import registry
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import bound_tenant
from tests.salesforce.conftest import Link, There
from tests.salesforce.test_apps import make_order


def credentials(server):
    return {
        "login_url": server.url,
        "client_id": server.client_id,
        "client_secret": server.client_secret,
    }


@pytest.fixture
def resting(furnished_server):
    """Connected to an organisation that has all fields, and not started."""
    setup_service.connect(**credentials(furnished_server))
    setup_service.set_up()
    link = Link(furnished_server, There(furnished_server))
    link.forget()
    return link


def counts(outcome, here="partners"):
    (found,) = [one for one in outcome.objects if one.here == here]
    return {
        what: getattr(found, what) for what in ("link", "create", "change", "refused", "left_out", "same")
    }


def test_a_new_connection_rests_and_captures_nothing(resting):
    assert Connection.objects.get().is_resting
    assert not SyncSchedule.objects.get().is_active
    create_partner(name="A", kind="agent")
    assert Outbox.objects.count() == 0
    report = resting.sync(patient=True)
    assert report.failed and "salesforce_start" in report.message
    assert resting.there.count("Account") == 0
    assert resting.writes() == []


def test_it_counts_what_would_be_created_and_writes_nothing(resting):
    create_partner(name="A", kind="agent")
    create_partner(name="B", kind="agent")
    outcome = setup_service.try_start()
    assert counts(outcome) == {"link": 0, "create": 2, "change": 0, "refused": 0, "left_out": 0, "same": 0}
    assert outcome.objects[0].names["create"] == ["A", "B"]
    assert "create 2 records" in outcome.sentence
    assert outcome.missing == outcome.unseen == []
    assert not outcome.used_elsewhere
    assert {entry["method"] for entry in resting.entries()} <= {"GET", "POST"}
    assert resting.writes() == []
    assert RecordLink.objects.count() == 0
    assert Outcome.of_json(outcome.as_json()) == outcome


def test_what_is_there_already_is_compared_by_the_rules_of_the_fields(resting):
    partner = create_partner(name="A", kind="agent", phone="1")
    setup_service.start()
    resting.settle()
    setup_service.disconnect()
    setup_service.connect(**credentials(resting.server))
    assert counts(setup_service.try_start())["same"] == 1
    update_partner(partner.pk, phone="2")
    resting.there.edit("Account", partner.pk, BillingCity="Easton")
    outcome = setup_service.try_start()
    assert counts(outcome) == {"link": 0, "create": 0, "change": 1, "refused": 0, "left_out": 0, "same": 0}
    changed = {one.field: (one.before, one.after, one.where) for one in outcome.examples}
    assert changed == {"Phone": ("1", "2", "there"), "City": ("", "Easton", "here")}


def test_a_required_field_without_a_counterpart_is_said_and_its_children_are_left_out(resting):
    make_order(create_partner(name="A", kind="agent"))
    fields = resting.org.schema.entities["account"].fields
    fields["Site"] = replace(fields["Site"], required=True)
    resting.org.access.changed()
    outcome = setup_service.try_start()
    assert counts(outcome)["refused"] == 1
    assert counts(outcome, "orders")["left_out"] == 1
    (why,) = outcome.whole_refusals
    assert (why.count, why.names) == (1, ["A"])
    assert why.quote == "REQUIRED_FIELD_MISSING: Required fields are missing: [Site]"
    assert "default value" in why.cure


def test_before_the_set_up_it_names_what_is_missing(bound, server):
    setup_service.connect(**credentials(server))
    create_partner(name="A", kind="agent")
    outcome = setup_service.try_start()
    assert "Account.PRM_Id__c" in outcome.missing and "PRM_Insight__c" in outcome.missing
    assert outcome.unseen == []
    assert counts(outcome)["create"] == 1


def test_another_tenant_of_the_same_organisation_is_told_and_not_named(resting, anchor):
    with bound_tenant(anchor.tenant):
        setup_service.connect(**credentials(resting.server))
        assert setup_service.try_start().used_elsewhere
        setup_service.disconnect()
    assert not setup_service.try_start().used_elsewhere


# --- what a description tells -------------------------------------------------------------------


def about(**traits):
    return {
        "createable": True, "updateable": True, "nillable": True, "defaultedOnCreate": False, "type": "string",
        "length": 255, **traits,
    }  # fmt: skip


@pytest.mark.parametrize(
    "traits,value,code,whole",
    [
        ({}, "x", None, False),
        ({"length": 3}, "long", "STRING_TOO_LONG", False),
        ({"length": 3, "nillable": False}, "long", "STRING_TOO_LONG", True),
        ({"createable": False}, "x", "INVALID_FIELD_FOR_INSERT_UPDATE", False),
        (
            {
                "restrictedPicklist": True,
                "type": "picklist",
                "picklistValues": [{"value": "y", "active": True}],
            },
            "x",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            False,
        ),
        (
            {
                "restrictedPicklist": True,
                "type": "picklist",
                "picklistValues": [{"value": "x", "active": False}],
            },
            "x",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            False,
        ),
    ],
)
def test_what_a_field_would_refuse(traits, value, code, whole):
    one = registry.mapping("partners.partner")
    described = Described({"name": "Account", "fields": [{"name": "Phone", **about(**traits)}]})
    found = list(refusals(one, described, {"Phone": value}, creates=True, parents=set()))
    assert [(each.code, each.whole) for each in found] == ([(code, whole)] if code else [])
