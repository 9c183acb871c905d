import requests
from requests.auth import HTTPBasicAuth

from prm.sandbox.kit.ids import to18
from tests.sandbox.conftest import Api


def ask(server, form, **options):
    return requests.post(f"{server.url}/services/oauth2/token", data=form, timeout=10, **options)


def test_token_answer_has_everything_but_an_expiry(server):
    answer = Api(server).token()
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {
        "access_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert body["instance_url"] == server.url
    assert body["id"].split("/")[-2] == server.org.organization_id
    assert body["issued_at"].isdigit() and len(body["issued_at"]) == 13


def test_token_by_basic_authorization(server):
    auth = HTTPBasicAuth(server.client_id, server.client_secret)
    assert ask(server, {"grant_type": "client_credentials"}, auth=auth).status_code == 200


def test_token_refusals_are_objects(server):
    good = {"client_id": server.client_id, "client_secret": server.client_secret}
    cases = [
        ({**good, "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({**good, "grant_type": "client_credentials", "client_id": "x"}, 400, "invalid_client_id"),
        ({**good, "grant_type": "client_credentials", "client_secret": "x"}, 401, "invalid_client"),
    ]
    for form, status, error in cases:
        answer = ask(server, form)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.json()["error_description"]


def test_dead_missing_and_foreign_tokens_are_refused(api):
    assert api.get("/limits").status_code == 200
    token = api.session.headers["Authorization"].partition(" ")[2]
    assert api.post("/services/oauth2/revoke", params={"token": token}).status_code == 200
    assert api.error(api.get("/limits")) == (401, "INVALID_SESSION_ID")
    api.session.headers["Authorization"] = "Bearer 00D000000000062!made-up"
    assert api.error(api.get("/limits")) == (401, "INVALID_SESSION_ID")
    del api.session.headers["Authorization"]
    assert api.error(api.get("/limits")) == (401, "INVALID_SESSION_ID")


def test_session_lives_two_hours_from_its_last_use(api):
    for _ in range(3):
        api.org.clock.advance(90 * 60)
        assert api.get("/limits").status_code == 200
    api.org.clock.advance(2 * 3600 + 1)
    assert api.error(api.get("/limits")) == (401, "INVALID_SESSION_ID")


def test_userinfo_names_org_and_user(api):
    body = api.get("/services/oauth2/userinfo").json()
    assert body["organization_id"] == api.org.organization_id
    assert body["user_id"] == api.org.integration.id
    assert to18(body["user_id"]) == body["user_id"]
