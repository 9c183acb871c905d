"""Another mapping, against an organisation with fields of its own: drafted, checked, tried, in force, and back."""

import pytest

from orders.book.models import Order
from partners.directory.models import Partner
from partners.directory.service import create_partner, update_partner
from prm.core.errors import Refused
from prm.mapping import Way, Winner
from prm.salesforce.engine.models import Conflict, Outbox, RecordLink, SyncProblem
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import Choices, Constant, FieldChoice, ObjectChoice, of_json
from prm.salesforce.mapping.models import MappingVersion
from tests.salesforce.fieldmap.conftest import own_field
from tests.salesforce.test_apps import make_order

PARTNER, ORDER = "partners.partner", "orders.order"


def choose(here, key=PARTNER, **chosen):
    return service.choose_field(key=key, here=here, choice=FieldChoice(**chosen))


def in_force(here, key=PARTNER, **chosen):
    choose(here, key, **chosen)
    return service.put_in_force()


def problems():
    return looking.problems(service.drafted())


def elena(**values):
    return create_partner(name="Elena", kind="physician", **values)


def specialty_there(there, partner):
    return there.there.one("Account", partner.pk, "PRM_Specialty__c")["PRM_Specialty__c"]


# --- drafts -----------------------------------------------------------------------------------------


def test_a_draft_changes_nothing(there):
    partner = elena(phone="555 010 2217")
    draft = choose("phone", way=Way.DIGITS)
    assert (draft.number, draft.state) == (2, "draft")
    assert draft.summary == "Phone: digits only instead of as it is."
    there.settle()
    assert there.there.one("Account", partner.pk, "Phone")["Phone"] == "555 010 2217"
    assert registry.mappings() == registry.mappings_of(Choices())


def test_choosing_what_is_in_force_is_no_draft(there):
    choose("phone", way=Way.DIGITS)
    assert choose("phone") is None
    assert not MappingVersion.objects.exists()


def test_there_is_one_draft_and_it_grows(there):
    choose("phone", way=Way.DIGITS)
    draft = choose("name", winner=Winner.HERE)
    assert MappingVersion.objects.count() == 1
    assert set(of_json(draft.content).of(PARTNER).fields) == {"phone", "name"}
    service.discard()
    assert not MappingVersion.objects.exists()


@pytest.mark.parametrize(
    "here,chosen,words",
    [
        ("shoe size", {}, "have no field “shoe size”"),
        ("tier", {"direction": "both"}, "choose one of push, off"),
        ("name", {"direction": "off"}, "choose one of both, push, pull"),
    ],
)
def test_what_cannot_be_is_refused(there, here, chosen, words):
    with pytest.raises(Refused, match=words):
        choose(here, **{"default": "x", **chosen})


@pytest.mark.parametrize("here", ["stage", "close_date", "amount", "partner", "name"])
def test_what_an_order_is_counted_and_found_by_stays(there, here):
    with pytest.raises(Refused):
        choose(here, ORDER, direction="off")


def test_an_unknown_mapping_is_refused(there):
    with pytest.raises(Refused, match="No mapping is called"):
        choose("x", "no.such")
    with pytest.raises(Refused, match="No mapping is called"):
        service.load({"objects": {"no.such": {"sobject": "Deal__c"}}})


# --- in force ----------------------------------------------------------------------------------------


def test_a_partners_specialty_goes_to_the_customers_own_field_and_back(there):
    own_field(there.there, "Account", "Specialty__c", length=80)
    service.read_objects()
    partner = elena(specialty="Cardiology")
    there.settle()
    in_force("specialty", there="Specialty__c", winner=Winner.SALESFORCE)
    there.settle()
    row = there.there.one("Account", partner.pk, "Specialty__c", "PRM_Specialty__c")
    assert (row["Specialty__c"], row["PRM_Specialty__c"]) == ("Cardiology", "Cardiology")
    there.there.edit("Account", partner.pk, Specialty__c="Oncology", PRM_Specialty__c="left alone")
    there.settle()
    assert Partner.objects.get(pk=partner.pk).specialty == "Oncology"
    there.forget()
    there.settle()
    assert there.writes() == []


def test_values_go_by_the_table_and_come_back_by_it(there):
    own_field(there.there, "Account", "Field__c", "Picklist", ["Heart", "Brain"])
    service.read_objects()
    first, second = (
        elena(specialty="Cardiology"),
        create_partner(name="Otto", kind="physician", specialty="Sleep"),
    )
    choose("specialty", there="Field__c", table=(("Cardiology", "Heart"),))
    assert next(words for words in problems() if "Sleep" in words).startswith(
        "Partners, Specialty: “Sleep” is not among the 2 values. 1 record would be held."
    )
    with pytest.raises(Refused, match="1 problem first"):
        service.put_in_force()
    service.choose_value(key=PARTNER, here="specialty", ours="Sleep", theirs="Brain")
    assert problems() == []
    service.put_in_force()
    there.settle()
    assert there.there.one("Account", first.pk, "Field__c")["Field__c"] == "Heart"
    assert there.there.one("Account", second.pk, "Field__c")["Field__c"] == "Brain"
    there.there.edit("Account", second.pk, Field__c="Heart")
    there.settle()
    assert Partner.objects.get(pk=second.pk).specialty == "Cardiology"
    assert SyncProblem.objects.count() == 0 and Conflict.objects.count() == 0


def test_a_required_field_without_counterpart_is_said_and_filled(there):
    own_field(there.there, "Account", "Segment__c", "Picklist", ["Provider", "Other"], required=True)
    service.read_objects()
    assert any("“Segment” is required there" in words for words in problems())
    service.choose_constant(key=PARTNER, there="Segment__c", value="Provider")
    assert problems() == []
    service.put_in_force()
    partner = elena()
    there.settle()
    assert there.there.one("Account", partner.pk, "Segment__c")["Segment__c"] == "Provider"
    assert SyncProblem.objects.count() == 0


def test_the_stages_of_orders_are_the_customers(there):
    choose("stage", ORDER, table=(("Closed Won", "Proposal/Price Quote"), ("Closed Lost", "Closed Lost")))
    service.put_in_force()
    order = make_order(elena())
    there.settle()
    assert there.there.one("Opportunity", order.pk, "StageName")["StageName"] == "Proposal/Price Quote"
    assert registry.mapping(ORDER).sums.counts == "Proposal/Price Quote"
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    there.settle()
    assert there.there.one("Opportunity", order.pk, "StageName")["StageName"] == "Closed Lost"


def test_another_spelling_there_stays_and_new_values_go_in_the_new_form(there):
    first, second = elena(phone="555 010 2217"), create_partner(name="Otto", kind="physician")
    there.settle()
    in_force("phone", way=Way.DIGITS)
    update_partner(second.pk, phone="555 010 4410")
    there.settle()
    assert there.there.one("Account", first.pk, "Phone")["Phone"] == "555 010 2217"
    assert there.there.one("Account", second.pk, "Phone")["Phone"] == "5550104410"
    assert Partner.objects.get(pk=second.pk).phone == "555 010 4410"


def test_a_field_that_is_off_is_left_alone_on_both_sides(there):
    partner = elena(phone="1")
    there.settle()
    in_force("phone", direction="off")
    update_partner(partner.pk, phone="2")
    there.there.edit("Account", partner.pk, Phone="3")
    there.settle()
    assert there.there.one("Account", partner.pk, "Phone")["Phone"] == "3"
    assert Partner.objects.get(pk=partner.pk).phone == "2"


@pytest.mark.parametrize("theirs_is_later", [True, False])
def test_the_newest_wins(there, theirs_is_later):
    partner = elena(city="Easton")
    there.settle()
    in_force("city", winner=Winner.NEWEST)
    there.settle()
    update_partner(partner.pk, city="Lakeview")
    there.org.clock.advance(60)
    there.there.edit("Account", partner.pk, BillingCity="Dayton")
    if not theirs_is_later:
        long_ago = "2020" + there.org.clock.stamp()[4:]
        there.org.store.execute('UPDATE "Account" SET "SystemModstamp" = ?', (long_ago,))
    there.settle()
    kept = "Dayton" if theirs_is_later else "Lakeview"
    assert there.there.one("Account", partner.pk, "BillingCity")["BillingCity"] == kept
    assert Partner.objects.get(pk=partner.pk).city == kept
    (conflict,) = Conflict.objects.all()
    assert (conflict.winner, conflict.state) == ("salesforce" if theirs_is_later else "here", "settled")


def test_going_back_is_a_draft_and_compares_anew(there):
    partner = elena(specialty="Cardiology")
    there.settle()
    in_force("specialty", table=(("Cardiology", "Heart"),))
    there.settle()
    assert specialty_there(there, partner) == "Heart"
    draft = service.back_to(1)
    assert draft.number == 3 and draft.summary == "Specialty: as it is instead of Cardiology → Heart."
    with pytest.raises(Refused, match="There is a draft already"):
        service.back_to(2)
    service.put_in_force()
    there.settle()
    assert specialty_there(there, partner) == "Cardiology"
    states = dict(MappingVersion.objects.values_list("number", "state"))
    assert states == {2: "past", 3: "in_force"}
    with pytest.raises(Refused, match="no version 9"):
        service.back_to(9)


def test_another_field_here_in_the_same_place_agrees_anew(there):
    own_field(there.there, "Account", "Where__c", length=80)
    service.read_objects()
    partner = elena(city="Easton", region="Ohio")
    there.settle()
    in_force("city", there="Where__c")
    there.settle()
    service.load(Choices().with_field(PARTNER, "region", FieldChoice(there="Where__c")).as_json())
    service.put_in_force()
    assert "Where__c" not in RecordLink.objects.get(record_id=partner.pk).agreed
    there.settle()
    # Both sides hold something, and nothing was agreed: the winner of the field decides.
    assert Partner.objects.get(pk=partner.pk).region == "Easton"
    assert [one.theirs for one in Conflict.objects.all()] == ["Easton"]


def test_conflicts_and_problems_of_a_field_that_is_mapped_no_longer_are_over(there):
    partner = elena(specialty="Cardiology")
    there.settle()
    update_partner(partner.pk, specialty="Neurology")
    there.there.edit("Account", partner.pk, PRM_Specialty__c="Oncology")
    there.settle()
    assert Conflict.objects.filter(state="open").count() == 1
    in_force("specialty", direction="off")
    assert Conflict.objects.filter(state="open").count() == 0
    there.settle()
    assert Outbox.objects.count() == 0


def test_a_mapped_field_that_is_deleted_the_next_day_rests_and_holds_nobody(there):
    own_field(there.there, "Account", "Specialty__c", length=80)
    service.read_objects()
    partner = elena(specialty="Cardiology")
    in_force("specialty", there="Specialty__c")
    there.settle()
    there.org.shaping.change({"field": "Account.Specialty__c", "see": False})
    update_partner(partner.pk, specialty="Neurology", phone="7")
    there.settle()
    assert there.there.one("Account", partner.pk, "Phone")["Phone"] == "7"
    service.read_objects()
    assert any(
        "no field Specialty__c that we may see" in words
        for words in looking.problems(registry.choices_in_force())
    )


def test_another_object_only_while_nothing_is_linked(there):
    elena()
    there.settle()
    with pytest.raises(Refused, match="already"):
        service.choose_object(key=PARTNER, sobject="Contact")
    draft = service.choose_object(key="activities.insight", sobject="Deal__c")
    assert draft.summary == "Insights: kept as Deal__c instead of PRM_Insight__c."
    service.read_objects()
    assert any("does not show us the object Deal__c" in words for words in problems())


# --- dry run -----------------------------------------------------------------------------------------


def test_a_dry_run_says_what_the_draft_would_change_and_writes_nothing(there):
    elena(specialty="Cardiology")
    there.settle()
    choose("specialty", table=(("Cardiology", "Heart"),))
    there.forget()
    outcome = service.try_draft()
    assert there.writes() == []
    assert outcome.total("change") == 1
    (example,) = outcome.examples
    assert (example.field, example.before, example.after) == ("Specialty", "Cardiology", "Heart")
    assert registry.mappings() == registry.mappings_of(Choices())


def test_without_a_connection_there_is_nothing_to_try(in_mercy):
    for work in (service.try_draft, service.read_objects):
        with pytest.raises(Refused, match="not connected"):
            work()
    with pytest.raises(Refused, match="There is no draft"):
        service.put_in_force()


def test_a_document_is_taken_whole(there):
    document = Choices(objects={PARTNER: ObjectChoice(constants={"Site": Constant(value="PRM")})}).as_json()
    draft = service.load(document)
    assert draft.summary == "Account Site always “PRM”." or draft.summary.endswith("always “PRM”.")
    service.put_in_force()
    assert service.load(document) is None
    assert service.drafted().as_json()["objects"][PARTNER]["constants"]["Site"]["value"] == "PRM"
