"""Proofs: signed assertions with keys made here, and the proof key of the web server flow."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as some

from prm.salesforce.wire import assertion, errors, pkce

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pair():
    return assertion.new_key("PRM mercy", AT)


def signed(pair, **change):
    values = {"client_id": "app", "username": "prm@mercy.example", "audience": "https://x", "private_key": pair[0],
              "at": AT, **change}  # fmt: skip
    return assertion.assertion(**values)


def test_an_assertion_says_who_for_whom_and_until_when(pair):
    made = signed(pair)
    key = x509.load_pem_x509_certificate(pair[1].encode()).public_key()
    assert jwt.get_unverified_header(made)["alg"] == "RS256"
    claims = jwt.decode(made, key, algorithms=["RS256"], audience="https://x", options={"verify_exp": False})
    assert {name: claims[name] for name in ("iss", "sub", "aud")} == {
        "iss": "app",
        "sub": "prm@mercy.example",
        "aud": "https://x",
    }
    assert claims["exp"] - AT.timestamp() == assertion.ASSERTION_SECONDS < 5 * 60


def test_no_two_are_alike(pair):
    assert len({signed(pair) for _ in range(3)}) == 3


@pytest.mark.parametrize("key", ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"])
def test_a_key_that_is_none_is_said_and_not_shown(pair, key):
    with pytest.raises(errors.Misconfigured, match="cannot be used") as caught:
        signed(pair, private_key=key)
    assert not key or key not in str(caught.value)


def test_a_certificate_holds_over_two_years_and_begins_yesterday(pair):
    held = x509.load_pem_x509_certificate(pair[1].encode())
    assert held.not_valid_before_utc == AT - timedelta(days=1)
    assert assertion.ends_at(pair[1]) == AT + timedelta(days=assertion.CERTIFICATE_DAYS)
    assert held.subject == held.issuer
    assert "PRIVATE" not in pair[1]
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", assertion.fingerprint(pair[1]))


def pem(key, password=None):
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, kind, locked).decode()


def test_a_key_in_another_form_is_taken():
    """As `openssl genrsa -traditional` writes it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    taken = assertion.checked_key(pem(key))
    assert taken.startswith("-----BEGIN PRIVATE KEY-----")
    assert assertion.checked_key(taken) == taken


@pytest.mark.parametrize("kind", ["short", "elliptic", "locked"])
def test_a_key_that_salesforce_would_not_take_is_refused(kind):
    made = {
        "short": lambda: pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        "elliptic": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
        "locked": lambda: pem(rsa.generate_private_key(public_exponent=65537, key_size=2048), b"password"),
    }[kind]()
    with pytest.raises(errors.Misconfigured, match="private key") as caught:
        assertion.checked_key(made)
    assert made not in str(caught.value)


@given(some.from_regex(r"[A-Za-z0-9._~-]{43,128}", fullmatch=True))
def test_a_challenge_tells_nothing_of_its_verifier(verifier):
    challenge = pkce.challenge_of(verifier)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge)
    assert challenge not in verifier


@given(some.text(max_size=60), some.text(max_size=60))
def test_the_way_to_salesforce_carries_what_was_asked_and_no_secret(client_id, state):
    address = pkce.authorize_url(
        "https://mercy.my.salesforce.com",
        client_id=client_id,
        redirect_uri="https://prm.example/t/mercy/salesforce/callback/",
        state=state,
        verifier="v" * 64,
    )
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    assert (parts.netloc, parts.path) == ("mercy.my.salesforce.com", "/services/oauth2/authorize")
    assert (asked["client_id"], asked["state"]) == (client_id, state)
    assert asked["redirect_uri"] == "https://prm.example/t/mercy/salesforce/callback/"
    assert "v" * 64 not in address and "client_secret" not in asked
