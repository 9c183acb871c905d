from prm.sandbox.api.models import Journal


def test_only_the_last_requests_are_kept_but_all_are_counted():
    journal = Journal(keep=3)
    for _ in range(5):
        journal.add({"endpoint": "limits"})
    report = journal.report()
    assert [each["n"] for each in report["requests"]] == [3, 4, 5]
    assert report["counts"] == {"limits": 5}
    assert [each["n"] for each in journal.report(since=4)["requests"]] == [5]


def test_many_written_records_push_old_requests_out():
    journal = Journal(keep_keys=10)
    for number in range(4):
        journal.add({"endpoint": "x", "keys": [f"{number} {row}" for row in range(4)]})
    assert [each["n"] for each in journal.entries] == [3, 4]
    journal.clear()
    journal.add({"endpoint": "x", "keys": ["big"] * 50})
    assert journal.report()["written_more_than_once"] == {"big": 50}
