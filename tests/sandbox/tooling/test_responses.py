import pytest

from tests.sandbox.conftest import TEXT_KEY


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({"type": "Text", "label": "x"}, "length"),
        ({"type": "Text", "label": "x", "length": 300}, "between 1 and 255"),
        ({"type": "Text", "length": 10}, "label"),
        ({"type": "Number", "label": "x", "precision": 10}, "scale"),
        ({"type": "LongTextArea", "label": "x", "length": 1000}, "visibleLines"),
        ({"type": "Checkbox", "label": "x"}, "defaultValue"),
        ({"type": "Picklist", "label": "x"}, "picklist value"),
        ({"type": "Date", "label": "x", "externalId": True}, "external id"),
        ({"type": "Riddle", "label": "x"}, "Riddle"),
    ],
)
def test_bad_field_metadata_is_refused_with_a_reason(api, metadata, text):
    answer = api.post("/tooling/sobjects/CustomField", {"FullName": "Account.Bad__c", "Metadata": metadata})
    assert api.error(answer) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert text in answer.json()[0]["message"]


def test_field_names_objects_and_repeats_are_checked(api):
    for name, code in (
        ("Account.NoSuffix", "FIELD_INTEGRITY_EXCEPTION"),
        ("Nowhere.X__c", "INVALID_INPUT"),
        ("X__c", "FIELD_INTEGRITY_EXCEPTION"),
    ):
        answer = api.post("/tooling/sobjects/CustomField", {"FullName": name, "Metadata": TEXT_KEY})
        assert api.error(answer) == (400, code)
    api.add_field("Account.X__c")
    again = api.post("/tooling/sobjects/CustomField", {"FullName": "Account.X__c", "Metadata": TEXT_KEY})
    assert api.error(again) == (400, "DUPLICATE_DEVELOPER_NAME")


def test_tooling_query_finds_fields_by_object(api):
    made = api.add_field("Account.PRM_Id__c")
    found = api.rows(
        "SELECT Id, DeveloperName, Metadata FROM CustomField"
        " WHERE TableEnumOrId = 'Account' AND DeveloperName = 'PRM_Id'",
        "/tooling/query",
    )
    assert found == [{"Id": made, "DeveloperName": "PRM_Id", "Metadata": TEXT_KEY}]
    definitions = api.rows(
        "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Account'"
    )
    assert {"QualifiedApiName": "PRM_Id__c"} in definitions
    assert api.get(f"/tooling/sobjects/CustomField/{made}").json()["FullName"] == "Account.PRM_Id__c"


def test_tooling_queries_have_the_real_ones_restrictions(api):
    for name in ("A__c", "B__c"):
        api.add_field(f"Account.{name}")
    for soql in ("SELECT Id, Metadata FROM CustomField", "SELECT QualifiedApiName FROM FieldDefinition"):
        answer = api.get("/tooling/query", params={"q": soql})
        assert api.error(answer) == (400, "MALFORMED_QUERY")
    assert len(api.rows("SELECT Id FROM CustomField", "/tooling/query")) == 2


def test_field_can_change_its_label_and_go(keyed):
    made = keyed.rows("SELECT Id FROM CustomField", "/tooling/query")[0]["Id"]
    path = f"/tooling/sobjects/CustomField/{made}"
    assert keyed.patch(path, {"Metadata": {**TEXT_KEY, "label": "New"}}).status_code == 204
    assert keyed.field("Account", "PRM_Id__c")["label"] == "New"
    number = {"type": "Number", "label": "x", "precision": 5, "scale": 0}
    assert keyed.patch(path, {"Metadata": number}).status_code == 400
    assert keyed.delete(path).status_code == 204
    assert keyed.field("Account", "PRM_Id__c") is None
