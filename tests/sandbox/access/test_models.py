from tests.sandbox.conftest import TEXT_KEY


def test_new_field_is_invisible_until_it_is_granted(api):
    api.add_field("Account.PRM_Id__c")
    assert api.field("Account", "PRM_Id__c") is None
    refused = api.get("/query", params={"q": "SELECT PRM_Id__c FROM Account"})
    assert api.error(refused) == (400, "INVALID_FIELD")
    assert "No such column 'PRM_Id__c' on entity 'Account'" in refused.json()[0]["message"]
    written = api.post("/sobjects/Account", {"Name": "A", "PRM_Id__c": "1"})
    assert api.error(written) == (400, "INVALID_FIELD")
    assert api.upsert("Account", "PRM_Id__c", [{"PRM_Id__c": "1", "Name": "A"}]).status_code == 404

    api.grant("Account.PRM_Id__c", edit=False)
    assert api.field("Account", "PRM_Id__c")["updateable"] is False
    written = api.post("/sobjects/Account", {"Name": "A", "PRM_Id__c": "1"})
    assert api.error(written) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")

    permission = api.rows("SELECT Id FROM FieldPermissions")[0]["Id"]
    assert api.patch(f"/sobjects/FieldPermissions/{permission}", {"PermissionsEdit": True}).status_code == 204
    described = api.field("Account", "PRM_Id__c")
    wanted = {"externalId": True, "unique": True, "length": 64, "type": "string", "updateable": True}
    assert wanted.items() <= described.items()
    assert api.create("Account", Name="A", PRM_Id__c="1")


def test_permission_set_that_is_not_assigned_grants_nothing(api):
    api.add_field("Account.PRM_Id__c")
    api.grant("Account.PRM_Id__c")
    assignment = api.rows("SELECT Id FROM PermissionSetAssignment")[0]["Id"]
    assert api.field("Account", "PRM_Id__c")
    assert api.delete(f"/sobjects/PermissionSetAssignment/{assignment}").status_code == 204
    assert api.field("Account", "PRM_Id__c") is None


def test_activity_fields_are_granted_on_task_and_event_each(api):
    api.add_field("Activity.PRM_Id__c")
    api.grant("Task.PRM_Id__c")
    assert api.field("Task", "PRM_Id__c")
    assert api.field("Event", "PRM_Id__c") is None
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
