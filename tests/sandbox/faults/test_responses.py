import time

import pytest
import requests

from prm.sandbox.faults.errors import BadRule


def put(api, key="a", name="A"):
    return api.upsert("Account", "PRM_Id__c", [{"PRM_Id__c": key, "Name": name}])


def stored(api):
    return [row["PRM_Id__c"] for row in api.rows("SELECT PRM_Id__c FROM Account ORDER BY PRM_Id__c")]


def test_answer_lost_after_the_commit(keyed):
    keyed.org.faults.add(kind="lose_after", path="/composite/sobjects")
    with pytest.raises(requests.ConnectionError):
        put(keyed)
    assert stored(keyed) == ["a"]
    assert put(keyed).json()[0]["created"] is False


def test_answer_lost_before_the_commit(keyed):
    keyed.org.faults.add(kind="lose_before", path="/composite/sobjects")
    with pytest.raises(requests.ConnectionError):
        put(keyed)
    assert stored(keyed) == []
    assert put(keyed).json()[0]["created"] is True


def test_truncated_answer(keyed):
    keyed.org.faults.add(kind="truncate", object="Account", method="PATCH")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        put(keyed)
    assert stored(keyed) == ["a"]


def test_status_html_and_limits(keyed):
    keyed.org.faults.add(kind="html", path="/limits")
    answer = keyed.get("/limits")
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    keyed.org.faults.add(kind="status", path="/limits", status=502, body="Bad gateway")
    assert (keyed.get("/limits").status_code, keyed.get("/limits").status_code) == (502, 200)
    keyed.org.faults.add(
        kind="status", path="/limits", status=503, body=[{"errorCode": "X"}], headers={"Retry-After": "7"}
    )
    answer = keyed.get("/limits")
    assert (answer.json(), answer.headers["Retry-After"]) == ([{"errorCode": "X"}], "7")
    keyed.org.faults.add(kind="limit_daily", path="/limits")
    keyed.org.faults.add(kind="limit_concurrent", path="/limits", after=1)
    first, second = keyed.get("/limits"), keyed.get("/limits")
    assert keyed.error(first) == keyed.error(second) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert first.json()[0]["message"] != second.json()[0]["message"]


def test_token_death_in_mid_work(keyed):
    keyed.org.faults.add(kind="token_death", path="/composite", after=1)
    assert put(keyed).status_code == 200
    assert keyed.error(put(keyed)) == (401, "INVALID_SESSION_ID")
    keyed.sign_in()
    assert put(keyed).status_code == 200


def test_delay_before_and_after(keyed):
    for moment in ("before", "after"):
        keyed.org.faults.add(kind="delay", seconds=0.2, when=moment, path="/limits")
        started = time.perf_counter()
        assert keyed.get("/limits").status_code == 200
        assert time.perf_counter() - started >= 0.2


def test_validation_rule_strikes_matching_rows_until_it_is_taken_away(keyed):
    number = keyed.org.faults.add(
        kind="validation", object="Account", when={"Name": "Bad"}, message="No bad names.", field="Name"
    )
    records = [{"PRM_Id__c": key, "Name": name} for key, name in (("a", "Good"), ("b", "Bad"), ("c", "Good"))]
    for _ in range(2):
        results = keyed.upsert("Account", "PRM_Id__c", records).json()
        assert [each["success"] for each in results] == [True, False, True]
        assert results[1]["errors"] == [
            {
                "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                "message": "No bad names.",
                "fields": ["Name"],
            }
        ]
    keyed.org.faults.clear(number)
    assert all(each["success"] for each in keyed.upsert("Account", "PRM_Id__c", records).json())


def test_row_lock_by_chance_is_repeatable(keyed):
    keyed.org.faults.add(kind="row_lock", object="Account", probability=0.3, seed=7)
    records = [{"PRM_Id__c": str(number), "Name": "x"} for number in range(100)]
    results = keyed.upsert("Account", "PRM_Id__c", records).json()
    locked = [each for each in results if not each["success"]]
    assert 15 < len(locked) < 45
    assert {each["errors"][0]["statusCode"] for each in locked} == {"UNABLE_TO_LOCK_ROW"}


def test_row_error_is_free_to_choose(keyed):
    keyed.org.faults.add(
        kind="row_error", object="Account", operation="update", code="ENTITY_IS_LOCKED", message="m", times=1
    )
    assert put(keyed).json()[0]["success"]
    assert put(keyed).json()[0]["errors"][0]["statusCode"] == "ENTITY_IS_LOCKED"
    assert put(keyed).json()[0]["success"]


def test_late_commit_shows_a_row_with_an_older_stamp(keyed):
    keyed.org.faults.add(kind="late_commit", object="Account", seconds=480, times=1)
    put(keyed, "late")
    put(keyed, "normal")
    stamps = {
        row["PRM_Id__c"]: row["SystemModstamp"]
        for row in keyed.rows("SELECT PRM_Id__c, SystemModstamp FROM Account")
    }
    assert stamps["late"] < stamps["normal"]
    later = keyed.rows(f"SELECT PRM_Id__c FROM Account WHERE SystemModstamp >= {stamps['normal'][:19]}Z")
    assert later == [{"PRM_Id__c": "normal"}]


def test_flow_sets_fields_back_in_our_name(keyed):
    made = put(keyed).json()[0]["id"]
    keyed.org.faults.add(kind="flow", object="Account", operation="update", revert=["Name"])
    keyed.org.faults.add(kind="flow", object="Account", set={"Phone": "123"})
    assert put(keyed, name="B").json()[0]["success"]
    row = keyed.rows("SELECT Name, Phone, LastModifiedById FROM Account")[0]
    assert (row["Name"], row["Phone"]) == ("A", "123")
    assert row["LastModifiedById"] == keyed.org.integration.id
    assert keyed.org.log.report()["distinct_records_written"] > 0
    assert made


def test_rules_that_make_no_sense_are_refused(org):
    for rule in ({}, {"kind": "riddle"}, {"kind": "html", "colour": 1}, {"kind": "html", "path": "("}):
        with pytest.raises(BadRule):
            org.faults.add(**rule)
    assert org.faults.show() == []
