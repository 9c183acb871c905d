"""What a tenant chooses of a mapping, and the mapping that follows. No database."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.core.errors import Refused
from prm.mapping import Direction, Field, Kind, Mapping, Parent, Sums, Touch, Way, Winner
from prm.salesforce.mapping import registry
from prm.salesforce.mapping.choices import (
    Choices,
    Constant,
    FieldChoice,
    ObjectChoice,
    Shape,
    of_json,
    tailored,
    tailored_all,
)

OWN = Field(here="own:12", there="", label="Bed count", kind=Kind.NUMBER, direction=Direction.BOTH)


def declared(**values):
    values = {
        "key": "a.thing",
        "singular": "thing",
        "plural": "things",
        "sobject": "Account",
        "read": lambda _ids: {},
        "apply": lambda _changes: None,
        "touched_by": (Touch(table="a_thing", watch=()),),
        "parents": (Parent(here="owner", there="ParentId", mapping="a.thing", required=False),),
        "sums": Sums(day="day", amount="amount", state="stage", counts="Closed Won"),
        "fields": (
            Field(here="name", there="Name", direction=Direction.BOTH),
            Field(here="stage", there="StageName", kind=Kind.PICKLIST),
            Field(here="day", there="CloseDate", kind=Kind.DATE),
            Field(here="amount", there="Amount", kind=Kind.CURRENCY, scale=2),
            Field(here="tier", there="PRM_Tier__c", label="Tier"),
        ),
        "offers": lambda: [OWN],
        **values,
    }
    return Mapping(**values)


def choose(choice, **values):
    return tailored(declared(**values), choice, {"Customer": "012000000000001AAA"})


def one(here, **chosen):
    return ObjectChoice(fields={here: FieldChoice(**chosen)})


def test_what_nobody_chose_is_as_declared():
    plain = declared()
    assert tailored(plain, ObjectChoice()) == plain
    every = registry.mappings()
    assert tailored_all(list(every.values()), Choices(), {}) == list(every.values())


def test_a_field_of_the_organisations_own_is_none_that_we_make():
    shape = Shape(kind=Kind.PICKLIST, length=40, label="Class")
    mapped = choose(one("tier", there="Class__c", shape=shape, winner=Winner.NEWEST))
    field = mapped.field("tier")
    assert (field.there, field.kind, field.length, field.custom) == ("Class__c", Kind.PICKLIST, 40, False)
    assert field.words == "Tier"
    assert declared().field("tier").custom


def test_nothing_comes_back_that_the_app_does_not_take():
    assert choose(one("tier", direction="both")).field("tier").direction is Direction.PUSH
    assert choose(one("name", direction="pull")).field("name").direction is Direction.PULL


def test_what_is_off_is_in_no_call():
    mapped = choose(one("tier", direction="off"))
    assert mapped.column("PRM_Tier__c") is None
    assert choose(one("owner", direction="off")).parents == ()


def test_an_offer_takes_part_only_once_it_is_chosen():
    assert all(each.here != OWN.here for each in choose(ObjectChoice()).fields)
    mapped = choose(one(OWN.here, there="Beds__c", shape=Shape(kind=Kind.NUMBER, scale=0)))
    assert mapped.field(OWN.here).there == "Beds__c" and mapped.field(OWN.here).pulls


def test_a_constant_always_goes_and_yields_to_a_field_that_is_mapped():
    mapped = choose(
        ObjectChoice(constants={"Segment__c": Constant(value="Provider"), "Name": Constant(value="x")})
    )
    assert mapped.normals({"name": "Elena"})[0] == {
        "Name": "Elena", "StageName": None, "CloseDate": None, "Amount": None, "PRM_Tier__c": None,
        "Segment__c": "Provider",
    }  # fmt: skip


def test_what_is_chosen_goes_before_what_is_declared_in_the_same_place():
    mapped = choose(one("tier", there="Name"))
    assert [(each.here, each.there) for each in mapped.fields if each.there == "Name"] == [("tier", "Name")]


def test_what_is_counted_is_counted_by_the_customers_word():
    mapped = choose(one("stage", table=(("Closed Won", "Booked"), ("Closed Lost", "Gone"))))
    assert mapped.sums.counts == "Booked"
    assert mapped.normals({"stage": "Closed Lost"})[0]["StageName"] == "Gone"


def test_the_title_follows_its_field():
    assert choose(one("name", there="Legal_Name__c")).title == "Legal_Name__c"


def test_record_types_are_named_by_developer_name():
    shape = Shape(kind=Kind.RECORD_TYPE)
    table = (("High", "Customer"), ("Low", "Prospect"))
    mapped = choose(one("tier", there="RecordTypeId", shape=shape, table=table))
    field = mapped.field("tier")
    assert field.ours("High") == "012000000000001AAA" and field.unfit(field.ours("High")) == ""
    assert "no record type “Prospect”" in field.unfit(field.ours("Low"))
    always = choose(ObjectChoice(constants={"RecordTypeId": Constant(value="Customer", shape=shape)}))
    assert always.normals({})[0]["RecordTypeId"] == "012000000000001AAA"


def test_another_object_is_not_made_by_us():
    mapped = choose(ObjectChoice(sobject="Deal__c"))
    assert (mapped.sobject, mapped.custom_object, mapped.there_words) == ("Deal__c", None, "Deal__c")


@pytest.mark.parametrize(
    "document,place",
    [
        ([], "The mapping"),
        ({"format": 2}, "format"),
        ({"objects": {"a": {"fields": {"x": {"there": "no spaces allowed"}}}}}, "x → there"),
        ({"objects": {"a": {"fields": {"x": {"winner": "nobody"}}}}}, "x → winner"),
        ({"objects": {"a": {"fields": {"x": {"surprise": 1}}}}}, "x → surprise"),
        ({"objects": {"a": {"constants": {"1x": {"value": "a"}}}}}, "constants"),
    ],
)
def test_a_document_that_is_wrong_is_refused_with_the_place(document, place):
    with pytest.raises(Refused) as refused:
        of_json(document)
    assert place in refused.value.message


pairs = st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=4).map(tuple)
fields = st.builds(
    FieldChoice,
    there=st.sampled_from(["", "A__c", "Phone"]),
    direction=st.sampled_from([None, "push", "off"]),
    winner=st.sampled_from([None, *Winner]),
    way=st.sampled_from(list(Way)),
    table=pairs,
    default=st.text(max_size=20),
)


@given(st.dictionaries(st.sampled_from(["name", "tier"]), fields))
def test_a_document_comes_back_as_it_was(chosen):
    choices = Choices().with_object("a.thing", ObjectChoice(fields=chosen))
    assert of_json(json.loads(json.dumps(choices.as_json()))) == choices


def test_a_choice_that_chooses_nothing_is_none():
    choices = Choices().with_field("a.thing", "tier", FieldChoice(default="x"))
    assert choices.with_field("a.thing", "tier", FieldChoice()) == Choices()
    assert (
        choices.with_constant("a.thing", "A__c", Constant(value="1")).with_constant("a.thing", "A__c", None)
        == choices
    )
