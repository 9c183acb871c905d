"""Signed sign-ins at the sandbox org: for the app, for this org, in a user's name, for five minutes at most."""

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from prm.core.clock import now
from prm.salesforce.wire.assertion import new_key
from prm.sandbox.oauth.responses import JWT_BEARER


@pytest.fixture(scope="module")
def pair():
    return new_key("test", now())


@pytest.fixture
def ask(server, pair):
    server.org.app.certificate = pair[1]

    def asked(key=None, algorithm="RS256", **claims):
        whole = {
            "iss": server.client_id,
            "sub": "integration@default.example",
            "aud": server.url,
            "exp": int(server.org.clock.now().timestamp()) + 180,
            **claims,
        }
        form = {"grant_type": JWT_BEARER, "assertion": jwt.encode(whole, key or pair[0], algorithm=algorithm)}
        answer = requests.post(f"{server.url}/services/oauth2/token", data=form, timeout=10)
        body = answer.json()
        return body if answer.status_code == 200 else (body["error"], body["error_description"])

    return asked


def test_a_signed_assertion_is_answered_without_a_refresh_token(ask, server):
    body = ask()
    assert "refresh_token" not in body and "expires_in" not in body
    assert body["id"].endswith(f"/{server.org.organization_id}/{server.org.integration.id}")


@pytest.mark.parametrize(
    "claims,refused",
    [
        ({"iss": "other"}, ("invalid_client_id", "client identifier invalid")),
        ({"aud": "https://login.salesforce.com"}, ("invalid_grant", "audience is invalid")),
        ({"aud": "https://test.salesforce.com"}, ("app_not_found", "external client app is not found")),
        ({"sub": "nobody@default.example"}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"exp": 1}, ("invalid_grant", "expired or too long an assertion")),
        ({"exp": 9_999_999_999}, ("invalid_grant", "expired or too long an assertion")),
        ({"key": "k" * 40, "algorithm": "HS256"}, ("invalid_grant", "invalid assertion")),
    ],
)
def test_what_is_wrong_is_refused(ask, claims, refused):
    assert ask(**claims) == refused


def test_another_key_no_certificate_and_an_inactive_user_are_refused(ask, server):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert ask(key=other) == ("invalid_grant", "invalid assertion")
    server.org.store.execute('UPDATE "User" SET "IsActive" = 0')
    assert ask() == ("invalid_grant", "inactive user")
    server.org.app.certificate = ""
    assert ask() == ("invalid_grant", "invalid assertion")
