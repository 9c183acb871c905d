import pytest


def test_created_record_reads_back_with_system_fields(api):
    made = api.create("Account", Name="  Clinic  ", Description="", NumberOfEmployees=7)
    body = api.get(f"/sobjects/Account/{made}").json()
    assert body["attributes"] == {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{made}"}
    assert (body["Name"], body["Description"], body["NumberOfEmployees"]) == ("Clinic", None, 7)
    assert body["CreatedById"] == body["OwnerId"] == api.org.integration.id
    assert body["SystemModstamp"].endswith(".000+0000")
    assert body["IsDeleted"] is False
    assert api.get(f"/sobjects/Account/{made[:15]}").json()["Id"] == made


def test_update_moves_the_stamps_even_when_nothing_changes(api):
    made = api.create("Account", Name="A")
    before = api.get(f"/sobjects/Account/{made}").json()
    api.org.clock.advance(10)
    assert api.patch(f"/sobjects/Account/{made}", {"Name": "A"}).status_code == 204
    after = api.get(f"/sobjects/Account/{made}").json()
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["CreatedDate"] == before["CreatedDate"]


def test_null_clears_and_absence_leaves(api):
    made = api.create("Account", Name="A", Phone="1", Website="w")
    assert api.patch(f"/sobjects/Account/{made}", {"Phone": None}).status_code == 204
    body = api.get(f"/sobjects/Account/{made}", params={"fields": "Phone,Website"}).json()
    assert (body["Phone"], body["Website"]) == (None, "w")


@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING"),
        ("Account", {"Name": "   "}, "REQUIRED_FIELD_MISSING"),
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG"),
        ("Account", {"Name": "x", "Nothing": 1}, "INVALID_FIELD"),
        ("Account", {"Name": "x", "IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Account", {"Name": "x", "Id": "001000000000001"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Account", {"Name": "x", "ParentId": "nonsense"}, "MALFORMED_ID"),
        ("Account", {"Name": "x", "ParentId": "003000000000001AAA"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Account", {"Name": "x", "ParentId": "001000000000001AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ("Account", {"Name": "x", "AnnualRevenue": "many"}, "JSON_PARSER_ERROR"),
        ("Account", {"Name": "x", "AnnualRevenue": 1e17}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Contact", {"LastName": "x", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ("Task", {"Subject": "x", "TaskSubtype": "Riddle"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Opportunity", {"Name": "x", "StageName": "Closed Won"}, "REQUIRED_FIELD_MISSING"),
        ("Opportunity", {"Name": "x", "StageName": "y", "CloseDate": "soon"}, "JSON_PARSER_ERROR"),
        ("Event", {"Subject": "x"}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_bad_values_are_refused_and_nothing_is_written(api, name, fields, code):
    answer = api.post(f"/sobjects/{name}", fields)
    assert answer.json()[0]["errorCode"] == code
    assert answer.status_code in (400, 404)
    assert api.query(f"SELECT COUNT() FROM {name}")["totalSize"] == 0


def test_bodies_that_are_no_json_objects_are_refused(api):
    for body in (b"", b"{", b"[]", b'{"Name": NaN}', b"\xff"):
        answer = api.call("POST", "/sobjects/Account", data=body)
        assert api.error(answer) == (400, "JSON_PARSER_ERROR")


def test_unknown_ids_and_objects(api):
    missing = "001000000000001AAA"
    assert api.error(api.get(f"/sobjects/Account/{missing}")) == (404, "NOT_FOUND")
    assert api.error(api.patch(f"/sobjects/Account/{missing}", {})) == (404, "NOT_FOUND")
    assert api.error(api.delete(f"/sobjects/Account/{missing}")) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert api.error(api.get("/sobjects/Account/12")) == (400, "MALFORMED_ID")
    assert api.error(api.get("/sobjects/Acount/describe")) == (404, "NOT_FOUND")
    assert api.error(api.get("/nowhere")) == (404, "NOT_FOUND")
    assert api.error(api.delete("/sobjects/Account")) == (405, "METHOD_NOT_ALLOWED")


def test_deleted_record_refuses_everything_but_is_in_the_bin(api):
    made = api.create("Account", Name="A")
    assert api.delete(f"/sobjects/Account/{made}").status_code == 204
    assert api.error(api.get(f"/sobjects/Account/{made}")) == (404, "NOT_FOUND")
    assert api.error(api.patch(f"/sobjects/Account/{made}", {"Name": "B"})) == (404, "ENTITY_IS_DELETED")
    assert api.error(api.delete(f"/sobjects/Account/{made}")) == (404, "ENTITY_IS_DELETED")
    assert api.rows("SELECT Id FROM Account") == []
    assert api.rows("SELECT Id, IsDeleted FROM Account", "/queryAll") == [{"Id": made, "IsDeleted": True}]
    child = api.post("/sobjects/Contact", {"LastName": "C", "AccountId": made})
    assert api.error(child) == (404, "ENTITY_IS_DELETED")


def test_upsert_by_key_creates_then_updates(keyed):
    path = "/sobjects/Account/PRM_Id__c/a%2Fb%20c"
    first = keyed.patch(path, {"Name": "One"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    second = keyed.patch(path, {"Name": "Two"})
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert keyed.rows("SELECT Name, PRM_Id__c FROM Account") == [{"Name": "Two", "PRM_Id__c": "a/b c"}]
    assert keyed.get(path).json()["Name"] == "Two"
    old = keyed.patch("/services/data/v45.0" + path, {"Name": "Three"})
    assert (old.status_code, old.content) == (204, b"")
    assert keyed.delete(path).status_code == 204
    assert keyed.get(path).status_code == 404


def test_upsert_by_key_refusals(keyed):
    path = "/sobjects/Account/PRM_Id__c/a"
    assert keyed.patch(path, {"Name": "x", "PRM_Id__c": "a"}).status_code == 400
    assert keyed.patch(path, {"Name": "x"}, params={"updateOnly": "true"}).status_code == 404
    assert keyed.patch("/sobjects/Account/Name/a", {"Phone": "1"}).status_code == 404
    assert keyed.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_ambiguous_key_answers_300_and_writes_nothing(api):
    for name in ("One", "Two"):
        api.create("Contact", LastName=name, Email="same@example.com")
    answer = api.patch("/sobjects/Contact/Email/same@example.com", {"Title": "x"})
    assert answer.status_code == 300
    assert len(answer.json()) == 2
    assert api.rows("SELECT Id FROM Contact WHERE Title = 'x'") == []


def test_unique_key_names_the_holder(keyed):
    holder = keyed.create("Account", Name="A", PRM_Id__c="same")
    answer = keyed.post("/sobjects/Account", {"Name": "B", "PRM_Id__c": "SAME"})
    assert keyed.error(answer) == (400, "DUPLICATE_VALUE")
    assert answer.json()[0]["message"].endswith(f"duplicates value on record with id: {holder[:15]}")


def test_parent_by_its_external_id(keyed):
    account = keyed.create("Account", Name="A", PRM_Id__c="p1")
    contact = {"LastName": "C", "Account": {"PRM_Id__c": "p1"}}
    made = keyed.create("Contact", **contact)
    assert keyed.get(f"/sobjects/Contact/{made}").json()["AccountId"] == account
    answer = keyed.post("/sobjects/Contact", {**contact, "Account": {"PRM_Id__c": "p2"}})
    assert keyed.error(answer) == (400, "INVALID_FIELD")
    assert answer.json()[0]["message"] == (
        "Foreign key external ID: p2 not found for field PRM_Id__c in entity Account"
    )
    empty = keyed.post("/sobjects/Contact", {**contact, "Account": {}})
    assert "Foreign key external ID" in empty.json()[0]["message"]


def test_conditional_headers_compare_whole_seconds(api):
    made = api.create("Account", Name="A")
    path = f"/sobjects/Account/{made}"
    seen = api.get(path).headers["Last-Modified"]
    assert api.get(path, headers={"If-Modified-Since": seen}).status_code == 304
    assert api.patch(path, {"Name": "B"}, headers={"If-Unmodified-Since": seen}).status_code == 204
    api.org.clock.advance(3)
    assert api.patch(path, {"Name": "C"}).status_code == 204
    assert api.patch(path, {"Name": "D"}, headers={"If-Unmodified-Since": seen}).status_code == 412
    assert api.patch(path, {"Name": "D"}, headers={"If-Unmodified-Since": "yesterday"}).status_code == 400
    assert api.get(path).json()["Name"] == "C"
