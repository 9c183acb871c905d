"""Every code that we know, answered by the sandbox org: what the engine does about it, and what people are told."""

import pytest
import requests

from prm.salesforce.wire import codes, errors
from prm.salesforce.wire.client import Org
from prm.salesforce.wire.codes import CODES, OUR_CODES, Reaction, Scope, Who
from prm.salesforce.wire.signin import ByCredentials, FixedTokens, sign_in
from prm.sandbox.org import SandboxOrg
from prm.sandbox.server import SandboxServer

ROWS = [one for one in CODES.values() if one.scope is Scope.ROW]
CALLS = [one for one in CODES.values() if one.scope is Scope.CALL]
# Refused sign-ins and switched-off organisations end the run until a person acts.
STOPS = {
    "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "ORG_LOCKED",
    "TRIAL_EXPIRED",
    "TXN_SECURITY_NO_ACCESS",
}


@pytest.fixture(scope="module")
def asked():
    """One organisation for all codes: what it is asked by, and its control."""
    sandbox = SandboxOrg()
    with SandboxServer(sandbox) as server:
        grant = sign_in(ByCredentials(server.url, server.client_id, server.client_secret))
        org = Org(FixedTokens(grant), lambda seconds: None)
        yield org, f"{server.url}/__sandbox__/next", org.create("Account", {"Name": "x"})
    sandbox.close()


def test_there_are_many_and_each_says_something():
    assert len(CODES) >= 60
    for one in (*CODES.values(), *OUR_CODES.values()):
        assert one.meaning.endswith("."), one
        assert one.advice.endswith("."), one
        assert one.who.words
        # What nobody has to do is tried again by the engine, and the other way round.
        assert (one.who is Who.NOBODY) == (one.reaction in (Reaction.RETRY, Reaction.ALONG)), one


@pytest.mark.parametrize("one", ROWS, ids=lambda one: one.code)
def test_a_record_that_is_refused_with_it(asked, one):
    org, control, account = asked
    requests.post(control, json={"code": one.code, "message": "Not now", "fields": ["Name"]}, timeout=10)
    (refused,) = org.write("Account", "", [{"id": account, "Name": "x"}]).results
    assert (refused.error.code, refused.error.message, refused.error.fields) == (
        one.code,
        "Not now",
        ("Name",),
    )
    assert refused.error.reaction is one.reaction
    assert errors.advice_for(refused.error.code) == one.advice


@pytest.mark.parametrize("one", CALLS, ids=lambda one: one.code)
def test_a_call_that_is_refused_with_it(asked, one):
    org, control, _ = asked
    requests.post(control, json={"code": one.code, "message": "Not now", "whole": True}, timeout=10)
    with pytest.raises(errors.SalesforceError) as caught:
        org.create("Account", {"Name": "x"})
    assert caught.value.code == one.code
    assert codes.of_message(str(caught.value)) is one
    assert isinstance(caught.value, errors.Misconfigured) == (one.code in STOPS)
    assert isinstance(caught.value, errors.Retryable) == (one.reaction is Reaction.RETRY)


def test_what_nobody_knows_is_held_and_quoted():
    assert errors.RowError("SOMETHING_NEW", "words").reaction is Reaction.HOLD
    assert errors.advice_for("SOMETHING_NEW") == ""
    assert codes.of_message("Salesforce is asleep: later") is None
