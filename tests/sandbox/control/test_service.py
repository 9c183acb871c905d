import pytest

from prm.sandbox.kit.errors import SandboxError


@pytest.fixture
def family(keyed):
    account = keyed.create("Account", Name="A", PRM_Id__c="a")
    contact = keyed.create("Contact", LastName="C", AccountId=account)
    opportunity = keyed.create(
        "Opportunity", Name="O", StageName="x", CloseDate="2026-01-01", AccountId=account
    )
    task = keyed.create("Task", Subject="T", WhatId=opportunity, WhoId=contact)
    return account, contact, opportunity, task


def alive(api):
    return [
        api.query(f"SELECT COUNT() FROM {name}")["totalSize"]
        for name in ("Account", "Contact", "Opportunity", "Task")
    ]


def test_delete_takes_the_children_along_and_undelete_brings_them_back(keyed, family):
    keyed.delete(f"/sobjects/Account/{family[0]}")
    assert alive(keyed) == [0, 0, 0, 0]
    keyed.org.administration.change({"op": "undelete", "id": family[0]})
    assert alive(keyed) == [1, 1, 1, 1]
    assert keyed.rows("SELECT Id FROM Task WHERE WhatId != null") == [{"Id": family[3]}]


def test_lookups_to_a_deleted_record_are_cleared_without_a_stamp(keyed, family):
    before = keyed.rows("SELECT SystemModstamp FROM Task")
    keyed.org.clock.advance(10)
    keyed.delete(f"/sobjects/Contact/{family[1]}")
    assert keyed.rows("SELECT WhoId FROM Task") == [{"WhoId": None}]
    assert keyed.rows("SELECT SystemModstamp FROM Task") == before


def test_key_of_a_deleted_record_is_free_and_its_undelete_then_fails(keyed, family):
    keyed.delete(f"/sobjects/Account/{family[0]}")
    again = keyed.patch("/sobjects/Account/PRM_Id__c/a", {"Name": "New"}).json()
    assert again["created"] is True
    with pytest.raises(SandboxError, match="DUPLICATE_VALUE"):
        keyed.org.administration.change({"op": "undelete", "id": family[0]})
    assert alive(keyed)[0] == 1


def test_merge_moves_children_without_stamps_and_marks_the_loser(keyed, family):
    winner = keyed.create("Account", Name="W", PRM_Id__c="w")
    before = keyed.rows("SELECT SystemModstamp FROM Contact")
    keyed.org.clock.advance(10)
    keyed.org.administration.change(
        {"op": "merge", "id": winner, "losers": [family[0]], "fields": {"Phone": "1"}}
    )
    assert keyed.rows("SELECT AccountId FROM Contact") == [{"AccountId": winner}]
    assert keyed.rows("SELECT SystemModstamp FROM Contact") == before
    loser = keyed.rows(
        "SELECT Id, MasterRecordId, PRM_Id__c FROM Account WHERE IsDeleted = true", "/queryAll"
    )
    assert loser == [{"Id": family[0], "MasterRecordId": winner, "PRM_Id__c": None}]
    assert keyed.rows("SELECT Phone, PRM_Id__c FROM Account") == [{"Phone": "1", "PRM_Id__c": "w"}]


def test_merge_wants_living_records_of_one_mergeable_kind(keyed, family):
    for wanted in (
        {"id": family[2], "losers": [family[0]]},
        {"id": family[0], "losers": []},
        {"id": family[0], "losers": [family[1]]},
    ):
        with pytest.raises(SandboxError):
            keyed.org.administration.change({"op": "merge", **wanted})
    assert alive(keyed) == [1, 1, 1, 1]


def test_purged_record_leaves_no_trace(keyed, family):
    keyed.org.administration.change({"op": "purge", "id": family[0]})
    assert keyed.query("SELECT COUNT() FROM Account", "/queryAll")["totalSize"] == 0
    missing = keyed.delete(f"/sobjects/Account/{family[0]}")
    assert keyed.error(missing) == (404, "INVALID_CROSS_REFERENCE_KEY")


def test_emptied_bin_hides_the_deleted(keyed, family):
    keyed.delete(f"/sobjects/Account/{family[0]}")
    keyed.org.administration.change({"op": "empty_bin"})
    assert keyed.query("SELECT COUNT() FROM Task", "/queryAll")["totalSize"] == 0


def test_administrators_change_is_another_users_and_can_be_old(keyed, family):
    before = keyed.org.clock.stamp()
    keyed.org.administration.change(
        {"op": "update", "object": "Account", "id": family[0], "fields": {"Name": "B"}, "stamp_age": 480},
    )
    row = keyed.rows("SELECT Name, SystemModstamp, LastModifiedById FROM Account")[0]
    assert row["Name"] == "B"
    assert row["SystemModstamp"][:19] < before[:19]
    assert row["LastModifiedById"] == keyed.org.administrator.id != keyed.org.integration.id
