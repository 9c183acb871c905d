import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.org import SandboxOrg
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


ALL = [f"A{number:03}" for number in range(450)]


@pytest.fixture(scope="module")
def numbered():
    org = SandboxOrg()
    with org.store.transaction():
        for name in ALL:
            org.seed.row("Account", Name=name)
    return org


@given(st.integers(1, 600), st.none() | st.integers(0, 600), st.integers(0, 500))
def test_pages_of_any_size_are_the_slice_that_was_asked_for(numbered, batch, limit, offset):
    limited = "" if limit is None else f" LIMIT {limit}"
    soql = f"SELECT Name FROM Account ORDER BY Name{limited} OFFSET {offset}"
    body = numbered.queries.run(numbered.integration, soql, base="", batch=batch)
    names, pages = [record["Name"] for record in body["records"]], 1
    while not body["done"]:
        locator = body["nextRecordsUrl"].rpartition("/")[2]
        body = numbered.queries.next_page(numbered.integration, locator, base="")
        names += [record["Name"] for record in body["records"]]
        pages += 1
    wanted = ALL[offset:] if limit is None else ALL[offset : offset + limit]
    assert (names, body["totalSize"]) == (wanted, len(wanted))
    assert pages == max(1, math.ceil(len(wanted) / max(batch, 200)))


@given(st.none() | st.integers(0, 600), st.integers(0, 600))
def test_a_count_keeps_to_limit_and_offset(numbered, limit, offset):
    limited = "" if limit is None else f" LIMIT {limit}"
    soql = f"SELECT COUNT() FROM Account{limited} OFFSET {offset}"
    counted = numbered.queries.run(numbered.integration, soql, base="")["totalSize"]
    assert counted == len(ALL[offset:] if limit is None else ALL[offset : offset + limit])


def test_a_cursor_is_its_users_own(numbered):
    soql = "SELECT Name FROM Account"
    body = numbered.queries.run(numbered.integration, soql, base="", batch=200)
    locator = body["nextRecordsUrl"].rpartition("/")[2]
    with pytest.raises(SandboxError, match="INVALID_QUERY_LOCATOR"):
        numbered.queries.next_page(numbered.administrator, locator, base="")
