"""Refused sign-ins as data: every cause is found by what Salesforce says of it, and cured on a page that is there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from prm.salesforce.wire import refusals

CODES = sorted({known.code for known in refusals.KNOWN.values()})


@pytest.mark.parametrize(
    "code,description,meaning",
    [
        ("invalid_grant", "expired access/refresh token", "a person had allowed is over"),
        ("invalid_grant", "token validity expired", "a person had allowed is over"),
        ("invalid_grant", "expired authorization code", "took too long, or was used twice"),
        ("invalid_grant", "invalid code verifier", "PKCE"),
        ("invalid_grant", "user hasn't approved this consumer", "nobody has admitted it"),
        ("invalid_grant", "audience is invalid", "its audience"),
        ("invalid_grant", "Invalid Assertion", "the clock of this machine"),
        ("invalid_grant", "inactive user", "inactive, frozen or locked"),
        ("invalid_grant", "ip restricted", "from PRM's address"),
        ("invalid_grant", "invalid login hours", "at this hour"),
        ("invalid_grant", "authentication failure", "may not sign in"),
        ("invalid_grant", "", "may not sign in"),
        ("OAUTH_APP_BLOCKED", "this app is blocked by admin", "blocked in this organisation"),
        ("OAUTH_APP_ACCESS_DENIED", "", "not admitted to the app"),
        ("OAUTH_EC_APP_NOT_FOUND", "", "does not exist in this organisation"),
        ("app_not_found", "External client app is not found", "not under this address"),
        ("invalid_app_access", "user is not admin approved to access this app", "not admitted to the app"),
        ("redirect_uri_mismatch", "redirect_uri must match configuration", "that people come back to"),
        ("invalid_scope", "", "lacks a scope"),
        ("inactive_org", "", "locked, closed or suspended"),
    ],
)
def test_what_salesforce_says_is_understood(code, description, meaning):
    assert meaning in refusals.find(code, description).meaning


@given(some.sampled_from(CODES), some.text(max_size=200))
def test_a_known_code_has_a_cause_whatever_is_said_with_it(code, description):
    found = refusals.find(code, description)
    assert found.code == code
    assert refusals.known(found.key) is found


@given(some.text(max_size=40).filter(lambda code: code not in CODES), some.text(max_size=40))
def test_another_code_has_none(code, description):
    assert refusals.find(code, description) is None


@pytest.mark.parametrize("key", refusals.KNOWN)
def test_each_says_where_to_click_and_links_that_page(key):
    known = refusals.KNOWN[key]
    assert len(known.key) <= 80, "it is stored"
    assert known.meaning.endswith(".") and known.clicks.endswith(".")
    assert known.sentence.startswith(known.meaning) and known.place in known.sentence
    address = known.address("https://mercy.my.salesforce.com")
    assert re.fullmatch(r"https://mercy\.my\.salesforce\.com/lightning/setup/[A-Za-z]+/home", address)


def test_a_page_of_a_local_organisation_lies_below_its_path():
    known = refusals.KNOWN["invalid_client"]
    assert known.address("http://127.0.0.1:9100/mercy").startswith(
        "http://127.0.0.1:9100/mercy/lightning/setup/"
    )
