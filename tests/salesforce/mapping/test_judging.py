"""What stands against a mapping, by what an organisation says of its fields. No database."""

from collections import Counter

import pytest

from prm.mapping import Direction, Field, Kind, Mapping, Parent, Touch
from prm.salesforce.mapping.choices import Constant, FieldChoice, ObjectChoice, Shape, tailored
from prm.salesforce.mapping.facts import facts_of, kind_of, record_types_of, shape_of, words_of
from prm.salesforce.mapping.judging import Seen, fits, troubles

DECLARED = Mapping(
    key="a.thing",
    singular="thing",
    plural="things",
    sobject="Account",
    read=lambda _ids: {},
    apply=lambda _changes: None,
    touched_by=(Touch(table="a_thing", watch=()),),
    parents=(Parent(here="up", there="ParentId", mapping="a.thing", required=False),),
    fields=(
        Field(here="name", there="Name", direction=Direction.BOTH),
        Field(here="tier", there="PRM_Tier__c", length=20),
        Field(here="score", there="PRM_Score__c", kind=Kind.NUMBER, scale=1),
    ),
)


def described(name, kind="string", **values):
    return {
        "name": name,
        "label": name,
        "type": kind,
        "createable": True,
        "updateable": True,
        "nillable": True,
        **values,
    }


def picklist(name, *values, restricted=True, **more):
    listed = [{"value": one, "active": True} for one in values] + [{"value": "Old", "active": False}]
    return described(name, "picklist", picklistValues=listed, restrictedPicklist=restricted, **more)


BASE = [
    described("PRM_Id__c", length=36),
    described("Name", length=255, nillable=False),
    described("PRM_Tier__c", length=20),
    described("PRM_Score__c", "double", precision=18, scale=1),
    described("ParentId", "reference", referenceTo=["Account"]),
]


def found(choice=None, *more, values=None, without=()):
    about = {"fields": [*(one for one in BASE if one["name"] not in without), *more]}
    types = {"Customer": "012000000000001AAA"}
    mapped = tailored(DECLARED, choice or ObjectChoice(), types)
    seen = Seen("Account", facts_of(about), types, {"a.thing": "Account"}, values or {})
    return [
        (one.place, one.words, one.blocks)
        for one in troubles(DECLARED, choice or ObjectChoice(), mapped, seen)
    ]


def to(here, there, shape=None, **chosen):
    return ObjectChoice(fields={here: FieldChoice(there=there, shape=shape or Shape(), **chosen)})


def test_what_fits_has_nothing_against_it():
    assert found() == []


def test_an_object_that_we_do_not_see():
    seen = Seen("", {}, {}, {}, {})
    (only,) = troubles(DECLARED, ObjectChoice(), DECLARED, seen)
    assert only.place == "" and "does not show us" in only.words
    assert not only.blocks, "it would hold up the choices of all other objects"
    chosen = ObjectChoice(sobject="Deal__c")
    (only,) = troubles(DECLARED, chosen, tailored(DECLARED, chosen), seen)
    assert only.blocks and "Deal__c" in only.words


def test_a_field_that_is_gone_blocks_and_one_that_the_set_up_makes_does_not():
    assert found(to("tier", "Gone__c"))[0][::2] == ("tier", True)
    assert found(without=["PRM_Tier__c"]) == [
        ("tier", "Not there yet, or not visible to us: the set-up makes it.", False)
    ]


def test_a_value_that_does_not_fit_in_the_kind():
    ((place, words, blocks),) = found(to("tier", "Born__c"), described("Born__c", "date"))
    assert (place, blocks) == ("tier", True) and "does not fit" in words
    assert found(to("score", "Note__c"), described("Note__c", length=40)) == []


def test_what_may_only_be_read_or_is_a_formula():
    (closed,) = found(to("tier", "A__c"), described("A__c", updateable=False, createable=False, length=80))
    (formula,) = found(to("tier", "A__c"), described("A__c", calculated=True, createable=False, length=80))
    assert "read it and not change it" in closed[1] and "formula" in formula[1]
    assert (
        found(
            to("name", "A__c", direction="pull"),
            described("A__c", calculated=True, length=255),
            without=["Name"],
        )
        == []
    )


def test_a_shorter_field_is_said_and_holds_nobody():
    ((place, words, blocks),) = found(
        to("name", "Short__c", Shape(length=255)), described("Short__c", length=10), without=["Name"]
    )
    assert (place, blocks) == ("name", False) and words.startswith("10 characters fit there")


def test_values_that_a_restricted_list_lacks_are_counted():
    values = {"tier": Counter({"High": 5, "Sleep": 2, "Rest": 1})}
    shape = Shape(kind=Kind.PICKLIST)
    ((place, words, blocks),) = found(
        to("tier", "T__c", shape), picklist("T__c", "High", "Low"), values=values
    )
    assert (place, blocks) == ("tier", True)
    assert words == "“Sleep” and 1 more are not among the 2 values. 3 records would be held."
    table = (("Sleep", "Low"), ("Rest", ""))
    assert found(to("tier", "T__c", shape, table=table), picklist("T__c", "High", "Low"), values=values) == []
    assert found(to("tier", "T__c", shape), picklist("T__c", "High", restricted=False), values=values) == []


def test_a_required_field_that_nothing_fills():
    needed = picklist("Segment__c", "A", "B", nillable=False)
    assert found(None, needed) == [
        ("Segment__c", "“Segment__c” is required there, and nothing here fills it.", True)
    ]
    always = Constant(value="A", shape=Shape(kind=Kind.PICKLIST))
    assert found(ObjectChoice(constants={"Segment__c": always}), needed) == []
    wrong = Constant(value="C", shape=Shape(kind=Kind.PICKLIST))
    assert (
        found(ObjectChoice(constants={"Segment__c": wrong}), needed)[0][1] == "“C” is not in the list there."
    )


@pytest.mark.parametrize("free", [{"defaultedOnCreate": True}, {"createable": False}, {"type": "boolean"}])
def test_what_salesforce_fills_itself_is_not_required_of_us(free):
    assert found(None, described("Free__c", **{"nillable": False, **free})) == []


def test_a_default_must_be_a_value_of_the_field():
    number = described("N__c", "double", precision=5, scale=0)
    (trouble,) = found(to("score", "N__c", Shape(kind=Kind.NUMBER), default="many"), number)
    assert trouble[2] and "cannot stand for nothing" in trouble[1]
    assert found(to("score", "N__c", Shape(kind=Kind.NUMBER), default="3"), number) == []


def test_two_rows_for_one_field_are_one_too_many():
    assert found(to("tier", "Name")) == [("name", "Name is filled by Tier already.", True)]
    constant = ObjectChoice(constants={"Name": Constant(value="x")})
    assert found(constant) == [("Name", "Name is filled by Name already.", True)]


def test_record_types_by_name():
    shape = Shape(kind=Kind.RECORD_TYPE)
    about = described("RecordTypeId", "reference", referenceTo=["RecordType"])
    values = {"tier": Counter({"High": 5})}
    (trouble,) = found(to("tier", "RecordTypeId", shape), about, values=values)
    assert trouble[1] == "“High” is not among the 1 record types. 5 records would be held."
    assert found(to("tier", "RecordTypeId", shape, table=(("High", "Customer"),)), about, values=values) == []


def test_a_reference_goes_to_the_right_object():
    other = described("Boss__c", "reference", referenceTo=["Contact"])
    (trouble,) = found(ObjectChoice(fields={"up": FieldChoice(there="Boss__c")}), other)
    assert trouble == ("up", "“Boss__c” does not refer to Account.", True)


@pytest.mark.parametrize(
    "ours,theirs,back,good",
    [
        (Kind.TEXT, Kind.PHONE, True, True),
        (Kind.NUMBER, Kind.CURRENCY, True, True),
        (Kind.NUMBER, Kind.TEXT, False, True),
        (Kind.NUMBER, Kind.TEXT, True, False),
        (Kind.TEXT, Kind.NUMBER, False, False),
        (Kind.DATE, Kind.MOMENT, False, False),
        (Kind.TEXT, Kind.RECORD_TYPE, False, True),
        (Kind.TEXT, Kind.RECORD_TYPE, True, False),
    ],
)
def test_which_kinds_fit(ours, theirs, back, good):
    assert fits(ours, theirs, comes_back=back) is good


@pytest.mark.parametrize(
    "each,words",
    [
        (described("A", length=80, nillable=False), "text 80, required"),
        (picklist("A", "x", "y"), "picklist of 2, only these"),
        (described("A", "currency", precision=18, scale=2), "money 16.2"),
        (described("A", "double", precision=5, calculated=True), "number 5.0, formula"),
        (
            described("A", "reference", referenceTo=["User"], updateable=False),
            "user, we may only read it",
        ),
        (described("A", length=10, unique=True, externalId=True), "text 10, unique, external id"),
    ],
)
def test_fields_in_words(each, words):
    assert words_of("A", facts_of({"fields": [each]})["A"]) == words


def test_what_no_value_of_ours_fits_in_is_no_shape():
    facts = facts_of({"fields": [described("OwnerId", "reference"), described("RecordTypeId", "reference")]})
    assert shape_of("OwnerId", facts["OwnerId"]) is None
    assert kind_of("RecordTypeId", facts["RecordTypeId"]) is Kind.RECORD_TYPE


def test_record_types_that_we_may_use():
    infos = [
        {"developerName": "Customer", "recordTypeId": "1", "available": True, "master": False},
        {"developerName": "Hidden", "recordTypeId": "2", "available": False, "master": False},
        {"developerName": "Master", "recordTypeId": "3", "available": True, "master": True},
    ]
    assert record_types_of({"recordTypeInfos": infos}) == {"Customer": "1"}
    assert record_types_of({}) == {}
