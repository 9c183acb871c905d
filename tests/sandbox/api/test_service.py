import asyncio

import pytest

from prm.sandbox.api.service import object_of
from prm.sandbox.kit.messages import Request


def asked(org, method, path, **options):
    return asyncio.run(org.api.answer(Request(method, path, **options)))


@pytest.fixture
def headers(org):
    return {"authorization": f"Bearer {org.sessions.begin(org.integration)}"}


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request("GET", "/services/data/v66.0/sobjects/Account/001"), "Account"),
        (Request("GET", "/services/data/v66.0/query", {"q": "select Id from Contact limit 1"}), "Contact"),
        (Request("POST", "/composite", body=b'{"records": [{"attributes": {"type" : "Task"}}]}'), "Task"),
        (Request("GET", "/services/data/v66.0/limits"), ""),
    ],
)
def test_the_object_of_a_request_is_in_its_path_query_or_body(request_, name):
    assert object_of(request_) == name


@pytest.mark.parametrize(
    ("version", "status"), [("20.0", 404), ("25.0", 410), ("31.0", 200), ("68.0", 200), ("69.0", 404)]
)
def test_versions_begin_and_end(org, headers, version, status):
    assert asked(org, "GET", f"/services/data/v{version}/limits", headers=headers).status == status


@pytest.mark.parametrize(
    "path", ["/services/data/v66/limits", "/services/soap/c", "/services/oauth2/introspect"]
)
def test_other_services_are_not_there(org, headers, path):
    assert asked(org, "GET", path, headers=headers).body[0]["errorCode"] == "NOT_FOUND"


def test_every_request_is_noted_with_what_became_of_it(org, headers):
    base = "/services/data/v66.0/sobjects/Account"
    asked(org, "POST", base, headers=headers, body=b'{"Name": "A"}')
    asked(org, "POST", base, headers=headers, body=b"{}")
    asked(org, "BREW", base, headers=headers)
    asked(org, "GET", base)
    found = [(each["endpoint"], each["status"], each["records"]) for each in org.log.entries]
    assert found == [
        ("create", 201, 1),
        ("create", 400, 0),
        ("method not allowed", 405, 0),
        ("object info", 401, 0),
    ]
    (key,) = org.log.entries[0]["keys"]
    assert key.startswith("Account 001")


def test_only_calls_with_a_living_token_are_counted(org, headers):
    asked(org, "GET", "/services/data/v66.0/limits")
    asked(org, "GET", "/services/data")
    assert org.usage.used == 0
    asked(org, "GET", "/services/data/v66.0/limits", headers=headers)
    asked(org, "GET", "/services/data/v66.0/nowhere", headers=headers)
    assert org.usage.used == 2


def test_what_breaks_here_is_answered_and_noted(org, headers):
    org.store.execute('DROP TABLE "Account"')
    query = {"q": "SELECT Id FROM Account"}
    answer = asked(org, "GET", "/services/data/v66.0/query", headers=headers, query=query)
    assert (answer.status, answer.body[0]["errorCode"]) == (500, "UNKNOWN_EXCEPTION")
    assert org.log.entries[-1]["status"] == 500


@pytest.mark.parametrize(
    ("kind", "sent"), [("lose_before", "nothing"), ("lose_after", "nothing"), ("truncate", "half")]
)
def test_faults_say_how_much_of_an_answer_arrives(org, headers, kind, sent):
    org.faults.add(kind=kind)
    answer = asked(org, "GET", "/services/data/v66.0/limits", headers=headers)
    assert answer.sent == sent
    assert org.usage.used == (kind != "lose_before")
    assert org.log.entries[-1]["faults"] == [kind]
