"""The tenant's own fields as fields of the organisation: both ways for partners, there for visits and orders."""

import pytest

from partners.directory.models import Partner
from partners.directory.service import create_partner, set_own
from prm.ownfields import values as own_values
from prm.ownfields.service import add_field, change_field
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import FieldChoice, of_json
from prm.tenancy.context import current_tenant
from tests.salesforce.fieldmap.conftest import own_field
from tests.salesforce.test_apps import make_order, make_visit

PARTNER, ORDER, MEETING = "partners.partner", "orders.order", "activities.meeting"


def own(record, of="partner"):
    return own_values.values_of(of, [record.pk])[record.pk]


def choose(key, here, there, **chosen):
    service.choose_field(key=key, here=here, choice=FieldChoice(there=there, **chosen))


@pytest.fixture
def fields(there):
    """A number, a date, a text and a choice of partners, and the organisation's fields for them, mapped and in force."""
    add_field(of="partner", name="Beds", type="number")
    add_field(of="partner", name="Opened", type="date")
    add_field(of="partner", name="Motto", type="text")
    add_field(of="partner", name="Size", type="choice", choices=["Large", "Small"])
    own_field(there.there, "Account", "Beds__c", "Number", precision=18, scale=0)
    own_field(there.there, "Account", "Opened__c", "Date")
    own_field(there.there, "Account", "Motto__c")
    own_field(there.there, "Account", "Size__c", "Picklist", ["Large", "Little"])
    service.read_objects()
    choose(PARTNER, "own_beds", "Beds__c")
    choose(PARTNER, "own_opened", "Opened__c")
    choose(PARTNER, "own_motto", "Motto__c")
    choose(PARTNER, "own_size", "Size__c", table=(("Small", "Little"),))
    service.put_in_force()
    return there


NAMES = ("Beds__c", "Opened__c", "Motto__c", "Size__c")


def test_they_go_there_and_come_back(fields):
    said = {"beds": "12", "opened": "2026-01-31", "motto": "Care", "size": "Small"}
    partner = create_partner(name="Lakeview", kind="hospital", own=said)
    fields.settle()
    row = fields.there.one("Account", partner.pk, *NAMES)
    assert [row[name] for name in NAMES] == [12, "2026-01-31", "Care", "Little"]
    fields.there.edit(
        "Account", partner.pk, Beds__c=20, Opened__c="2026-02-01", Motto__c=None, Size__c="Large"
    )
    fields.settle()
    assert own(partner) == {"beds": "20", "opened": "2026-02-01", "size": "large"}
    set_own({partner.pk: {"beds": "", "size": "small"}})
    assert Outbox.objects.filter(record_id=partner.pk).exists()
    fields.settle()
    row = fields.there.one("Account", partner.pk, *NAMES)
    assert [row[name] for name in NAMES] == [None, "2026-02-01", None, "Little"]
    fields.forget()
    fields.settle()
    assert fields.writes() == [] and not SyncProblem.objects.exists() and not Conflict.objects.exists()


def test_a_choice_that_is_none_here_is_a_problem_of_its_field_and_holds_nothing_else(fields):
    partner = create_partner(name="Lakeview", kind="hospital", own={"size": "Large"})
    fields.settle()
    (field,) = (row for row in fields.there.call(
        "GET", "tooling/query", params={"q": "SELECT Id FROM CustomField WHERE DeveloperName = 'Size'"}
    )["records"])  # fmt: skip
    assert field["Id"]
    # A value that the list there has and nobody mapped: the word is no choice here.
    fields.org.store.execute('UPDATE "Account" SET "Size__c" = ?', ("Huge",))
    fields.there.edit("Account", partner.pk, BillingCity="Dayton")
    fields.settle()
    (problem,) = fields.problems()
    assert problem.field == "Size__c" and "is no choice here" in problem.message
    assert Partner.objects.get().city == "Dayton" and own(partner) == {"size": "large"}


def test_a_list_there_that_lacks_a_choice_is_said_before(there):
    add_field(of="partner", name="Size", type="choice", choices=["Large", "Small"])
    own_field(there.there, "Account", "Size__c", "Picklist", ["Large"])
    service.read_objects()
    create_partner(name="Lakeview", kind="hospital", own={"size": "Small"})
    choose(PARTNER, "own_size", "Size__c")
    assert any(
        "“Small” is not among the 1 values. 1 record would be held." in words
        for words in looking.problems(service.drafted())
    )


def test_a_type_that_does_not_fit_is_refused_in_words(there):
    add_field(of="partner", name="Beds", type="number")
    own_field(there.there, "Account", "When__c", "Date")
    service.read_objects()
    choose(PARTNER, "own_beds", "When__c")
    assert any("Beds does not fit in it." in words for words in looking.problems(service.drafted()))


def test_a_word_that_is_changed_here_goes_there(fields):
    service.choose_field(key=PARTNER, here="own_size", choice=FieldChoice(there="Motto__c", direction="push"))
    service.choose_field(key=PARTNER, here="own_motto", choice=FieldChoice())
    service.put_in_force()
    partner = create_partner(name="Lakeview", kind="hospital", own={"size": "Large"})
    fields.settle()
    (field,) = (each for each in own_values.fields_of(current_tenant(), "partner") if each.key == "size")
    change_field(field.pk, words=[("large", "Very large"), ("small", "Small")])
    fields.settle()
    assert fields.there.one("Account", partner.pk, "Motto__c")["Motto__c"] == "Very large"


def test_those_of_orders_and_visits_go_there(there, mercy):
    add_field(of="order", name="Ward", type="text")
    add_field(of="visit", name="Room", type="text")
    own_field(there.there, "Opportunity", "Ward__c")
    service.read_objects()
    choose(ORDER, "own_ward", "Ward__c")
    choose(MEETING, "own_room", "Location")
    service.put_in_force()
    partner = create_partner(name="Lakeview", kind="hospital")
    order, visit = make_order(partner), make_visit(partner, mercy.rep)
    own_values.write("order", {order.pk: {"ward": "West"}})
    own_values.write("visit", {visit.pk: {"room": "12"}})
    there.settle()
    assert there.there.one("Opportunity", order.pk, "Ward__c")["Ward__c"] == "West"
    assert there.there.one("Event", visit.pk, "Location")["Location"] == "12"
    own_values.write("order", {order.pk: {"ward": ""}})
    there.settle()
    assert there.there.one("Opportunity", order.pk, "Ward__c")["Ward__c"] is None


def test_a_field_that_is_put_away_here_the_next_day_is_said_and_leaves_with_the_next_version(fields):
    partner = create_partner(name="Lakeview", kind="hospital", own={"beds": "12"})
    fields.settle()
    (field,) = (each for each in own_values.fields_of(current_tenant(), "partner") if each.key == "beds")
    change_field(field.pk, is_archived=True)
    registry.forget()
    fields.there.edit("Account", partner.pk, Beds__c=99, BillingCity="Dayton")
    fields.settle()
    assert Partner.objects.get().city == "Dayton"
    assert fields.there.one("Account", partner.pk, "Beds__c")["Beds__c"] == 99
    (look,) = (one for one in looking.look(service.drafted(), [PARTNER]) if one.mapping.key == PARTNER)
    assert any(
        "“own_beds” was mapped to Beds__c and is no field here any more." in each.words
        for each in look.troubles
    )
    draft = service.choose_field(key=PARTNER, here="phone", choice=FieldChoice(direction="push"))
    assert "own_beds, which is no field here any more, is left out." in draft.summary
    assert "own_beds" not in of_json(draft.content).of(PARTNER).fields
    service.put_in_force()
    assert not SyncProblem.objects.exists()
