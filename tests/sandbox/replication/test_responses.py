def test_updated_and_deleted_windows(api):
    kept, gone = api.create("Account", Name="Kept"), api.create("Account", Name="Gone")
    api.delete(f"/sobjects/Account/{gone}")
    now = api.org.clock.now()
    window = {
        "start": (now.replace(year=now.year)).strftime("%Y-%m-%dT%H:%M:00Z"),
        "end": now.strftime("%Y-%m-%dT%H:%M:59Z"),
    }
    assert api.error(api.get("/sobjects/Account/updated", params=window)) == (400, "INVALID_REPLICATION_DATE")
    api.org.clock.advance(120)
    window["end"] = api.org.clock.stamp()
    assert api.get("/sobjects/Account/updated", params=window).json()["ids"] == [kept]
    deleted = api.get("/sobjects/Account/deleted/", params=window).json()
    assert [each["id"] for each in deleted["deletedRecords"]] == [gone]
    window["start"] = "2020-01-01T00:00:00Z"
    assert api.error(api.get("/sobjects/Account/updated", params=window)) == (400, "INVALID_REPLICATION_DATE")


def test_latest_date_covered_is_held_back_by_a_running_transaction(api):
    api.org.clock.advance(600)
    window = {
        "start": (api.org.clock.stamp()[:11] + "00:00:00Z"),
        "end": "2999-01-01T00:00:00Z",
    }
    api.org.replication.running_since = api.org.clock.now().replace(microsecond=0)
    api.org.clock.advance(3600)
    covered = api.get("/sobjects/Account/updated", params=window).json()["latestDateCovered"]
    assert covered[:19] == api.org.replication.running_since.isoformat()[:19]
