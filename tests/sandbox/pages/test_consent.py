"""The authorization endpoint: who asks, where people are sent back, and what an administrator has set."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from prm.sandbox.oauth.errors import REFUSALS
from prm.sandbox.oauth.grants import challenge_of

BACK, VERIFIER = "http://localhost:8000/t/x/salesforce/callback/?a=b", "v" * 50


@pytest.fixture
def asked(server):
    server.org.app.callbacks = [BACK]
    whole = {
        "response_type": "code",
        "client_id": server.client_id,
        "redirect_uri": BACK,
        "state": "the state",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }

    def ask(method="GET", form=None, headers=None, **change):
        address = f"{server.url}/services/oauth2/authorize?{urlencode({**whole, **change})}"
        return requests.request(
            method, address, data=form, headers=headers, allow_redirects=False, timeout=10
        )

    return ask


def brought(answer):
    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert target.startswith(BACK)
    found = dict(parse_qsl(urlsplit(target).query))
    assert found.pop("a") == "b" and found.pop("state") == "the state"
    return found


def test_a_person_is_asked_and_brings_a_code_back(asked, server):
    question = asked()
    assert question.status_code == 200
    assert "Ivo Integration" in question.text and server.client_id in question.text
    assert "form-action 'self' http://localhost:8000;" in question.headers["Content-Security-Policy"]
    user = server.org.integration.id
    code = brought(asked("POST", {"user": user, "decision": "allow"}))["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": server.client_id,
        "client_secret": server.client_secret,
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    }
    body = requests.post(f"{server.url}/services/oauth2/token", data=form, timeout=10).json()
    assert body["scope"] == "api refresh_token"
    again = {**form, "grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    newer = requests.post(f"{server.url}/services/oauth2/token", data=again, timeout=10).json()
    assert newer["refresh_token"] != body["refresh_token"]


def test_whoever_denies_or_is_nobody_is_sent_back_without_one(asked, server):
    for form in ({"decision": "deny", "user": server.org.integration.id}, {"decision": "allow", "user": "x"}):
        assert brought(asked("POST", form))["error"] == "access_denied"
    assert asked("POST", {"decision": "allow"}, {"Origin": "http://elsewhere.example"}).status_code == 403


@pytest.mark.parametrize(
    "change,error",
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_without_a_proof_key_nobody_comes_in(asked, change, error):
    assert brought(asked(**change))["error"] == error


@pytest.mark.parametrize("change", [{"client_id": "x"}, {"redirect_uri": BACK + "x"}])
def test_an_unknown_app_or_address_stays_on_a_page(asked, change):
    answer = asked(**change)
    assert (answer.status_code, "OAuth error" in answer.text) == (400, True)


@pytest.mark.parametrize("key", REFUSALS)
def test_what_an_administrator_refuses_is_refused_here_too(asked, server, key):
    server.org.app.refusal = key
    answer = asked()
    if key in ("not_installed", "not_found"):
        assert answer.status_code == 400 and REFUSALS[key][0] in answer.text
    else:
        assert brought(answer)["error"] == REFUSALS[key][0]
