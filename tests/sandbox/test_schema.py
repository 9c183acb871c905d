import pytest

from prm.sandbox.org import SandboxOrg

from .conftest import TEXT_KEY


def field_of(api, name, field):
    found = [each for each in api.get(f"/sobjects/{name}/describe").json()["fields"] if each["name"] == field]
    return found[0] if found else None


def test_new_field_is_invisible_until_it_is_granted(api):
    api.add_field("Account.PRM_Id__c")
    assert field_of(api, "Account", "PRM_Id__c") is None
    refused = api.get("/query", params={"q": "SELECT PRM_Id__c FROM Account"})
    assert api.error(refused) == (400, "INVALID_FIELD")
    assert "No such column 'PRM_Id__c' on entity 'Account'" in refused.json()[0]["message"]
    written = api.post("/sobjects/Account", {"Name": "A", "PRM_Id__c": "1"})
    assert api.error(written) == (400, "INVALID_FIELD")
    assert api.upsert("Account", "PRM_Id__c", [{"PRM_Id__c": "1", "Name": "A"}]).status_code == 404

    api.grant("Account.PRM_Id__c", edit=False)
    assert field_of(api, "Account", "PRM_Id__c")["updateable"] is False
    written = api.post("/sobjects/Account", {"Name": "A", "PRM_Id__c": "1"})
    assert api.error(written) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")

    permission = api.rows("SELECT Id FROM FieldPermissions")[0]["Id"]
    assert api.patch(f"/sobjects/FieldPermissions/{permission}", {"PermissionsEdit": True}).status_code == 204
    described = field_of(api, "Account", "PRM_Id__c")
    wanted = {"externalId": True, "unique": True, "length": 64, "type": "string", "updateable": True}
    assert wanted.items() <= described.items()
    assert api.create("Account", Name="A", PRM_Id__c="1")


def test_permission_set_that_is_not_assigned_grants_nothing(api):
    api.add_field("Account.PRM_Id__c")
    api.grant("Account.PRM_Id__c")
    assignment = api.rows("SELECT Id FROM PermissionSetAssignment")[0]["Id"]
    assert field_of(api, "Account", "PRM_Id__c")
    assert api.delete(f"/sobjects/PermissionSetAssignment/{assignment}").status_code == 204
    assert field_of(api, "Account", "PRM_Id__c") is None


def test_activity_fields_are_granted_on_task_and_event_each(api):
    api.add_field("Activity.PRM_Id__c")
    api.grant("Task.PRM_Id__c")
    assert field_of(api, "Task", "PRM_Id__c")
    assert field_of(api, "Event", "PRM_Id__c") is None
    body = {"FullName": "Task.Other__c", "Metadata": TEXT_KEY}
    assert api.post("/tooling/sobjects/CustomField", body).status_code == 400


def test_custom_object_needs_object_permissions(api):
    metadata = {
        "label": "Insight",
        "pluralLabel": "Insights",
        "nameField": {"type": "Text", "label": "Name"},
        "deploymentStatus": "Deployed",
        "sharingModel": "ReadWrite",
    }
    body = {"FullName": "PRM_Insight__c", "Metadata": metadata}
    assert api.post("/tooling/sobjects/CustomObject", body).status_code == 201
    assert api.error(api.post("/tooling/sobjects/CustomObject", body)) == (400, "DUPLICATE_DEVELOPER_NAME")
    assert api.get("/sobjects/PRM_Insight__c/describe").status_code == 404
    asked = api.get("/query", params={"q": "SELECT Id FROM PRM_Insight__c"})
    assert api.error(asked) == (400, "INVALID_TYPE")
    api.add_field(
        "PRM_Insight__c.Partner__c",
        {"type": "Lookup", "label": "Partner", "referenceTo": "Account", "relationshipName": "Insights"},
    )
    rights = {f"Permissions{right}": True for right in ("Read", "Create", "Edit", "Delete")}
    api.create("ObjectPermissions", ParentId=api.permission_set(), SobjectType="PRM_Insight__c", **rights)
    api.grant("PRM_Insight__c.Partner__c")
    account = api.create("Account", Name="Clinic")
    made = api.create("PRM_Insight__c", Name="One", Partner__c=account)
    assert made.startswith("a0")
    assert (
        api.query("SELECT Partner__r.Name FROM PRM_Insight__c")["records"][0]["Partner__r"]["Name"]
        == "Clinic"
    )


def test_schema_and_rows_survive_reopening(tmp_path):
    from prm.sandbox.server import SandboxServer

    from .conftest import Api

    path = tmp_path / "org.sqlite3"
    with SandboxServer(SandboxOrg(path)) as server:
        api = Api(server)
        api.key_on("Account")
        api.create("Account", Name="Kept", PRM_Id__c="k")
        organization = server.org.organization_id
        authorization = api.session.headers["Authorization"]
    with SandboxServer(SandboxOrg(path)) as server:
        api = Api(server)
        api.session.headers["Authorization"] = authorization
        assert server.org.organization_id == organization
        assert api.rows("SELECT Name, PRM_Id__c FROM Account") == [{"Name": "Kept", "PRM_Id__c": "k"}]


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
    assert field_of(keyed, "Account", "PRM_Id__c")["label"] == "New"
    number = {"type": "Number", "label": "x", "precision": 5, "scale": 0}
    assert keyed.patch(path, {"Metadata": number}).status_code == 400
    assert keyed.delete(path).status_code == 204
    assert field_of(keyed, "Account", "PRM_Id__c") is None


def test_describe_answers_304_until_the_schema_changes(api):
    api.org.clock.advance(5)
    modified = api.get("/sobjects/Account/describe").headers["Last-Modified"]
    headers = {"If-Modified-Since": modified}
    assert api.get("/sobjects/Account/describe", headers=headers).status_code == 304
    api.org.clock.advance(5)
    api.add_field("Account.PRM_Id__c")
    assert api.get("/sobjects/Account/describe", headers=headers).status_code == 200


def test_describe_global_lists_what_the_user_sees(api):
    names = {each["name"]: each for each in api.get("/sobjects").json()["sobjects"]}
    assert {"Account", "Opportunity", "Event", "Task", "PermissionSet"} <= set(names)
    assert names["Account"]["keyPrefix"] == "001"
    assert names["OpportunityStage"]["createable"] is False


def test_required_custom_field_is_visible_and_needed_at_once(api):
    api.add_field("Account.Must__c", {"type": "Text", "length": 10, "label": "Must", "required": True})
    answer = api.post("/sobjects/Account", {"Name": "A"})
    assert api.error(answer) == (400, "REQUIRED_FIELD_MISSING")
    assert answer.json()[0]["fields"] == ["Must__c"]


def test_field_permissions_name_real_fields_once(keyed):
    again = {
        "ParentId": keyed.permission_set(),
        "SobjectType": "Account",
        "Field": "Account.PRM_Id__c",
        "PermissionsRead": True,
    }
    assert keyed.error(keyed.post("/sobjects/FieldPermissions", again)) == (400, "DUPLICATE_VALUE")
    unknown = {**again, "Field": "Account.Nothing__c"}
    refused = keyed.post("/sobjects/FieldPermissions", unknown)
    assert keyed.error(refused) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
