"""Person accounts and record types of the sandbox org: what describe shows, what is refused, the contact behind."""

import pytest

TYPES = [
    {"object": "Account", "name": "Clinic", "default": True},
    {"object": "Account", "name": "Hidden", "available": False},
    {"object": "Account", "name": "Old", "active": False},
    {"object": "Account", "name": "Doctor", "person": True, "default": True},
    {"object": "Opportunity", "name": "Referral"},
]


@pytest.fixture
def persons(api):
    api.create("Account", Name="Before")
    api.org.features.turn({"persons": True, "record_types": TYPES})
    return api


def types_of(api, sobject="Account"):
    infos = api.get(f"/sobjects/{sobject}/describe").json()["recordTypeInfos"]
    return {each["developerName"]: each for each in infos}


def doctor(api, **more):
    return api.create("Account", FirstName="Ann", LastName="Roe", **more)


def refused(answer):
    assert answer.status_code >= 400, answer.text
    error = answer.json()[0]
    return error["errorCode"], error.get("fields")


def test_without_them_there_is_no_word_of_them(api):
    for name in ("IsPersonAccount", "PersonEmail", "RecordTypeId"):
        assert api.field("Account", name) is None
    assert [*types_of(api)] == ["Master"]


def test_describe_says_which_types_this_user_has(persons):
    found = types_of(persons)
    assert {name: one["available"] for name, one in found.items()} == {
        "Clinic": True, "Hidden": False, "Old": False, "Doctor": True, "Master": True,
    }  # fmt: skip
    assert (found["Clinic"]["defaultRecordTypeMapping"], found["Old"]["active"]) == (True, False)
    assert persons.field("Opportunity", "RecordTypeId") and persons.field("Contact", "RecordTypeId") is None
    assert persons.field("Account", "IsPersonAccount")["updateable"] is False
    listed = persons.rows(
        "SELECT DeveloperName FROM RecordType WHERE IsPersonType = true AND SobjectType = 'Account'"
    )
    assert listed == [{"DeveloperName": "Doctor"}]


def test_a_person_has_a_name_of_parts_and_a_contact_behind(persons):
    made = doctor(persons, PersonEmail="ann@x.org", PersonMailingCity="Salem")
    (row,) = persons.rows(f"SELECT Name, IsPersonAccount, PersonContactId FROM Account WHERE Id = '{made}'")
    assert (row["Name"], row["IsPersonAccount"]) == ("Ann Roe", True)
    contact = f"SELECT Name, Email, MailingCity, IsPersonAccount, AccountId FROM Contact WHERE Id = '{row['PersonContactId']}'"
    assert persons.rows(contact) == [
        {"Name": "Ann Roe", "Email": "ann@x.org", "MailingCity": "Salem", "IsPersonAccount": True, "AccountId": made}
    ]  # fmt: skip
    persons.patch(f"/sobjects/Account/{made}", {"LastName": "Poe"})
    assert persons.rows(contact)[0]["Name"] == "Ann Poe"
    persons.delete(f"/sobjects/Account/{made}")
    assert persons.rows(contact) == []


def test_what_is_of_the_other_sort_of_account_is_refused(persons):
    business, person = persons.create("Account", Name="Clinic"), doctor(persons)
    bad = "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused(persons.patch(f"/sobjects/Account/{person}", {"Name": "X"})) == (bad, ["Name"])
    assert refused(persons.patch(f"/sobjects/Account/{business}", {"PersonEmail": "a@b.org"})) == (
        bad,
        ["PersonEmail"],
    )
    assert refused(persons.post("/sobjects/Account", {"FirstName": "Ann"})) == (
        "REQUIRED_FIELD_MISSING",
        ["LastName"],
    )
    assert refused(persons.patch(f"/sobjects/Account/{person}", {"ParentId": business}))[0] == (
        "FIELD_INTEGRITY_EXCEPTION"
    )
    assert refused(persons.post("/sobjects/Contact", {"LastName": "X", "AccountId": person}))[0] == (
        "INVALID_PERSON_ACCOUNT_OPERATION"
    )


@pytest.mark.parametrize("name", ["Hidden", "Old"])
def test_a_type_that_is_not_this_users_is_refused(persons, name):
    record_type = types_of(persons)[name]["recordTypeId"]
    answer = persons.post("/sobjects/Account", {"Name": "X", "RecordTypeId": record_type})
    assert refused(answer) == ("INVALID_CROSS_REFERENCE_KEY", ["RecordTypeId"])
    assert "this ID value isn't valid for the user" in answer.json()[0]["message"]


def test_without_one_a_new_record_has_the_default(persons):
    persons.create("Account", Name="New")
    doctor(persons)
    rows = persons.rows("SELECT Name, RecordTypeId FROM Account ORDER BY Name")
    ids = {name: one["recordTypeId"] for name, one in types_of(persons).items()}
    assert [(row["Name"], row["RecordTypeId"]) for row in rows] == [
        ("Ann Roe", ids["Doctor"]), ("Before", None), ("New", ids["Clinic"]),
    ]  # fmt: skip


def test_one_becomes_the_other_by_its_record_type_alone(persons):
    business = persons.create("Account", Name="Ann Roe Practice")
    to_person = {"RecordTypeId": types_of(persons)["Doctor"]["recordTypeId"]}
    path = f"/sobjects/Account/{business}"
    assert refused(persons.patch(path, to_person))[0] == "INVALID_PERSON_ACCOUNT_OPERATION"
    persons.create("Contact", FirstName="Ann", LastName="Roe", AccountId=business)
    assert refused(persons.patch(path, {**to_person, "Phone": "1"}))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert persons.patch(path, to_person).status_code == 204
    row = f"SELECT Name, IsPersonAccount FROM Account WHERE Id = '{business}'"
    assert persons.rows(row) == [{"Name": "Ann Roe", "IsPersonAccount": True}]
    back = {"RecordTypeId": types_of(persons)["Clinic"]["recordTypeId"]}
    assert persons.patch(path, back).status_code == 204
    assert persons.rows(row) == [{"Name": "Ann Roe", "IsPersonAccount": False}]


def test_they_go_with_picklists_of_places_and_stay(persons):
    persons.org.features.turn({"places": True})
    made = doctor(persons, PersonMailingCountryCode="US", PersonMailingStateCode="NY")
    row = f"SELECT PersonMailingState FROM Account WHERE Id = '{made}'"
    assert persons.rows(row) == [{"PersonMailingState": "New York"}]
    with pytest.raises(ValueError, match="cannot be turned off"):
        persons.org.features.turn({"persons": False})
