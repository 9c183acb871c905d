import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.schema.models import Schema
from prm.sandbox.schema.sales import sales_entities
from prm.sandbox.tooling.metadata import check_name, field_from, object_from

SCHEMA = Schema(sales_entities(), [])
PICKLIST = {
    "restricted": True,
    "valueSetDefinition": {"value": [{"fullName": "a", "default": True}, {"fullName": "b", "label": "B"}]},
}


def made(**metadata):
    return field_from(SCHEMA, "New__c", {"label": "New", **metadata})


@pytest.mark.parametrize(
    ("metadata", "wanted"),
    [
        ({"type": "Text", "length": "64"}, {"type": "string", "length": 64}),
        ({"type": "TextArea"}, {"type": "textarea", "length": 255}),
        ({"type": "LongTextArea", "length": 1000, "visibleLines": 3}, {"type": "textarea", "length": 1000}),
        ({"type": "Number", "precision": 5, "scale": 2}, {"type": "double", "precision": 5, "scale": 2}),
        ({"type": "Currency", "precision": 18, "scale": 2}, {"type": "currency"}),
        ({"type": "Percent", "precision": 3, "scale": 0}, {"type": "percent"}),
        ({"type": "Date"}, {"type": "date", "length": 0}),
        ({"type": "DateTime"}, {"type": "datetime"}),
        ({"type": "Email", "unique": True}, {"type": "email", "length": 80, "unique": True}),
        ({"type": "Phone"}, {"type": "phone", "length": 40}),
        ({"type": "Url"}, {"type": "url", "length": 255}),
        ({"type": "Checkbox", "defaultValue": "TRUE"}, {"type": "boolean", "default": True}),
        (
            {"type": "Picklist", "valueSet": PICKLIST},
            {"type": "picklist", "default": "a", "restricted": True},
        ),
        ({"type": "MultiselectPicklist", "valueSet": PICKLIST}, {"type": "multipicklist", "length": 4099}),
        (
            {"type": "Lookup", "referenceTo": "account", "relationshipName": "News"},
            {"reference_to": ("Account",), "relationship": "New__r", "required": False, "cascade": False},
        ),
        (
            {"type": "MasterDetail", "referenceTo": "Account", "relationshipName": "News"},
            {"required": True, "cascade": True},
        ),
        ({"type": "Text", "length": 9, "caseSensitive": True, "externalId": True}, {"case_sensitive": True}),
        (
            {"type": "Date", "caseSensitive": True, "required": True},
            {"case_sensitive": False, "required": True},
        ),
    ],
)
def test_metadata_says_what_a_field_is(metadata, wanted):
    field = made(**metadata)
    assert {name: getattr(field, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"type": "Text", "length": True}, "missing: length"),
        ({"type": "Number", "precision": 19, "scale": 0}, "precision must be between 1 and 18"),
        ({"type": "Number", "precision": 3, "scale": 4}, "scale must be between 0 and 3"),
        ({"type": "Lookup", "referenceTo": "Nothing", "relationshipName": "x"}, "valid sObject type"),
        ({"type": "Lookup", "referenceTo": "Account"}, "relationshipName"),
        ({"type": "Picklist", "valueSet": {"valueSetDefinition": {"value": []}}}, "picklist value"),
        ({"type": "Checkbox", "defaultValue": "false", "unique": True}, "neither unique"),
        ({}, "(none)"),
    ],
)
def test_metadata_that_cannot_be_is_refused_with_a_reason(metadata, reason):
    with pytest.raises(SandboxError) as refused:
        made(**metadata)
    assert reason in refused.value.message


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,30}__c", fullmatch=True))
def test_a_name_of_letters_and_digits_is_a_name(name):
    check_name(name)


@pytest.mark.parametrize("name", ["X", "X_c", "1X__c", "X__y__c", "X-Y__c", "X__c ", "", "x" * 41 + "__c"])
def test_other_names_are_refused(name):
    with pytest.raises(SandboxError):
        check_name(name)


def test_an_object_has_a_name_and_an_owner_and_may_number_itself():
    entity = object_from("Thing__c", "a00", {"nameField": {"type": "AutoNumber", "label": "No."}})
    assert (entity.title, entity.custom, "OwnerId" in entity.fields) == ("Thing", True, True)
    name = entity.fields["Name"]
    assert (name.label, name.createable, name.updateable) == ("No.", False, False)
