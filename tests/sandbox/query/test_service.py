import pytest

from prm.sandbox.server import SandboxServer
from tests.sandbox.conftest import Api


@pytest.fixture
def many(org):
    with org.store.transaction():
        for number in range(2500):
            org.seed.row("Account", Name=f"A{number:05}", SystemModstamp="2026-01-01T00:00:00Z")
    with SandboxServer(org) as server:
        yield Api(server)


def test_pages_follow_the_locator_and_lose_nothing(many):
    body = many.query("SELECT Id, Name FROM Account ORDER BY Name")
    assert (body["totalSize"], body["done"], len(body["records"])) == (2500, False, 2000)
    rest = many.get(body["nextRecordsUrl"]).json()
    assert (rest["done"], len(rest["records"])) == (True, 500)
    assert "nextRecordsUrl" not in rest
    found = [each["Name"] for each in body["records"] + rest["records"]]
    assert found == [f"A{number:05}" for number in range(2500)]


def test_batch_size_is_a_hint_with_a_floor(many):
    headers = {"Sforce-Query-Options": "batchSize=250"}
    body = many.get("/query", params={"q": "SELECT Id FROM Account"}, headers=headers).json()
    assert len(body["records"]) == 250
    body = many.get(
        "/query",
        params={"q": "SELECT Id FROM Account"},
        headers={"Sforce-Query-Options": "batchSize=1"},
    ).json()
    assert len(body["records"]) == 200


def test_rows_are_read_when_their_page_is(many):
    body = many.query("SELECT Id, Name FROM Account ORDER BY Name")
    last = many.rows("SELECT Id FROM Account WHERE Name IN ('A02400', 'A02401') ORDER BY Name")
    many.delete(f"/sobjects/Account/{last[0]['Id']}")
    many.patch(f"/sobjects/Account/{last[1]['Id']}", {"Name": "Changed"})
    rest = [each["Name"] for each in many.get(body["nextRecordsUrl"]).json()["records"]]
    assert len(rest) == 499
    assert "A02400" not in rest
    assert rest[400] == "Changed"


def test_cursors_end(many):
    body = many.query("SELECT Id FROM Account")
    many.org.clock.advance(2 * 24 * 3600 + 1)
    many.sign_in()
    assert many.error(many.get(body["nextRecordsUrl"])) == (400, "INVALID_QUERY_LOCATOR")
    body = many.query("SELECT Id FROM Account")
    many.org.cursors.expire_all()
    assert many.error(many.get(body["nextRecordsUrl"])) == (400, "INVALID_QUERY_LOCATOR")
    assert many.error(many.get("/query/nonsense")) == (400, "INVALID_QUERY_LOCATOR")


def test_keyset_over_a_flood_of_one_stamp(many):
    seen, last = [], "000000000000000AAA"
    while True:
        rows = many.rows(
            "SELECT Id FROM Account WHERE (SystemModstamp = 2026-01-01T00:00:00Z AND Id > "
            f"'{last}') OR SystemModstamp > 2026-01-01T00:00:00Z ORDER BY SystemModstamp, Id LIMIT 700"
        )
        if not rows:
            break
        seen += [row["Id"] for row in rows]
        last = seen[-1]
    assert len(seen) == len(set(seen)) == 2500


def test_query_needs_a_query(api):
    assert api.error(api.get("/query")) == (400, "MALFORMED_QUERY")
