"""The four ways to sign in, against the sandbox org: what is granted, what is refused in words of ours, what is lost."""

from datetime import timedelta

import pytest

from prm.core import clock
from prm.salesforce.wire import assertion, errors, pkce, refusals, signin
from prm.salesforce.wire.signin import ByAssertion, ByCode, ByCredentials, ByRefresh, sign_in
from prm.sandbox.oauth.errors import REFUSALS
from prm.sandbox.oauth.grants import challenge_of

BACK, USER = "http://localhost:8000/t/mercy/salesforce/callback/", "integration@default.example"


@pytest.fixture(scope="module")
def pair():
    return assertion.new_key("PRM mercy", clock.now())


@pytest.fixture
def by_key(server, pair):
    server.org.app.certificate = pair[1]
    return ByAssertion(server.url, server.client_id, USER, pair[0])


@pytest.fixture
def allowed(server):
    """A code that a person has just brought back."""

    def code():
        verifier = pkce.new_verifier()
        made = server.org.grants.allow(server.org.integration, BACK, challenge_of(verifier))
        return ByCode(server.url, server.client_id, server.client_secret, made, verifier, BACK)

    return code


def refresh(server, grant):
    return ByRefresh(server.url, server.client_id, server.client_secret, grant.refresh_token)


def test_the_proof_key_is_that_of_the_standard():
    """RFC 7636: appendix B, and 43 to 128 unreserved characters."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    made = {pkce.new_verifier() for _ in range(20)}
    assert len(made) == 20 and all(43 <= len(one) <= 128 for one in made)


def test_every_way_leads_to_the_same_organisation(server, by_key, allowed):
    secret = sign_in(ByCredentials(server.url, server.client_id, server.client_secret))
    person = sign_in(allowed())
    again = sign_in(refresh(server, person))
    grants = [secret, sign_in(by_key), person, again]
    assert {each.organization_id for each in grants} == {server.org.organization_id}
    assert {each.user_id for each in grants} == {server.org.integration.id}
    assert [bool(each.refresh_token) for each in grants] == [False, False, True, True]
    assert again.refresh_token != person.refresh_token


def test_secrets_are_in_no_representation(server, by_key, allowed):
    ways = [by_key, allowed(), ByCredentials("u", "c", "SECRET"), ByRefresh("u", "c", "SECRET", "TOKEN")]
    shown = f"{ways} {sign_in(ways[1])}"
    hidden = ["SECRET", "TOKEN", "PRIVATE KEY", ways[1].code, ways[1].verifier, server.client_secret]
    assert [one for one in hidden if one in shown] == []


@pytest.mark.parametrize("key", sorted(set(REFUSALS) - {"too_many"}))
def test_what_an_administrator_refuses_is_said_with_the_page_that_cures_it(server, by_key, key):
    server.org.app.refusal = key
    for way in (by_key, ByCredentials(server.url, server.client_id, server.client_secret)):
        with pytest.raises(errors.SignInRefused) as caught:
            sign_in(way)
        known = refusals.known(caught.value.refusal)
        assert known.code == REFUSALS[key][0]
        assert "In Salesforce: Setup → " in str(caught.value)
        assert REFUSALS[key][1] not in str(caught.value)


def test_too_many_sign_ins_pass_by_themselves(server, by_key):
    server.org.app.refusal = "too_many"
    with pytest.raises(errors.Busy):
        sign_in(by_key)


@pytest.mark.parametrize(
    "change,words",
    [
        ({"login_url": "/x"}, "audience"),
        ({"username": "nobody@default.example"}, "there is no such user name"),
        ({"client_id": "other"}, "does not know the client id"),
        ({"private_key": "other"}, "not that of the certificate"),
    ],
)
def test_a_wrong_assertion_is_said_in_words(server, by_key, pair, change, words):
    values = {name: getattr(by_key, name) for name in ("login_url", "client_id", "username", "private_key")}
    if "login_url" in change:
        # The same host by another name, as a common sign-in address is: what is signed names it.
        change = {"login_url": server.url.replace("127.0.0.1", "localhost")}
    if change.get("private_key"):
        change = {"private_key": assertion.new_key("other", clock.now())[0]}
    with pytest.raises(errors.SignInRefused, match=words):
        sign_in(ByAssertion(**{**values, **change}))


@pytest.mark.parametrize("minutes", [-60, -4, -2, 2, 4, 60])
def test_a_clock_that_is_wrong_signs_in_by_salesforces(server, by_key, clock_at, minutes):
    clock_at(clock.now() + timedelta(minutes=minutes))
    assert sign_in(by_key).organization_id == server.org.organization_id


def test_a_refusal_beside_a_wrong_clock_names_both(server, by_key, clock_at):
    server.org.app.certificate = ""
    clock_at(clock.now() + timedelta(minutes=9))
    with pytest.raises(
        errors.SignInRefused, match=r"This machine's clock is [\d,]+ seconds ahead of Salesforce's"
    ):
        sign_in(by_key)


@pytest.mark.parametrize("fault", ["lose_after", "truncate", "lose_before"])
@pytest.mark.parametrize("once", [True, False])
def test_a_lost_answer_is_unknown_only_where_it_matters(server, allowed, fault, once):
    way = allowed() if once else ByCredentials(server.url, server.client_id, server.client_secret)
    server.faults.add(kind=fault, path="oauth2/token")
    with pytest.raises(errors.Retryable) as caught:
        sign_in(way)
    assert isinstance(caught.value, errors.UnknownOutcome) is once


@pytest.mark.parametrize("status", [500, 502, 503])
def test_the_edge_that_gives_up_says_nothing_of_a_refresh(server, allowed, status):
    grant = sign_in(allowed())
    server.faults.add(kind="html", status=status, path="oauth2/token")
    with pytest.raises(errors.UnknownOutcome):
        sign_in(refresh(server, grant))


def test_an_answer_without_an_organisation_is_none(server):
    body = {
        "access_token": "t",
        "instance_url": server.url,
        "id": "https://x/id/001000000000001/005000000000001",
    }
    server.faults.add(kind="status", status=200, body=body, path="oauth2/token")
    with pytest.raises(errors.SignInRefused, match="does not answer like Salesforce"):
        sign_in(ByCredentials(server.url, server.client_id, server.client_secret))


def test_without_the_scope_for_refreshing_nobody_is_connected(server, allowed):
    way = allowed()
    access, _, _ = server.org.grants.exchange(way.code, BACK, way.verifier)
    body = {"access_token": access, "instance_url": server.url,
            "id": f"{server.url}/id/{server.org.organization_id}/{server.org.integration.id}"}  # fmt: skip
    server.faults.add(kind="status", status=200, body=body, path="oauth2/token")
    with pytest.raises(errors.SignInRefused, match="lacks a scope"):
        sign_in(way)


def test_revoking_says_whether_salesforce_heard_it(server, allowed):
    grant = sign_in(allowed())
    assert signin.revoke(server.url, grant.refresh_token)
    assert not signin.revoke(server.url, grant.refresh_token)
    assert not signin.revoke("http://127.0.0.1:9", "t")
    assert not signin.revoke("nonsense", "t")


def test_every_cause_has_its_page_and_is_found_by_its_own_words():
    for known in refusals.KNOWN.values():
        assert known.page in refusals.PAGES
        assert known.sentence.endswith(".")
        for word in known.words or ("",):
            assert refusals.find(known.code, f"Some {word.upper()} words").code == known.code
        assert refusals.find(known.code, known.words[0] if known.words else "") is known
        assert refusals.known(known.key) is known
    assert refusals.find("NEVER_HEARD_OF") is None
    page = refusals.KNOWN["OAUTH_APP_BLOCKED"].address("https://mercy.my.salesforce.com")
    assert page == "https://mercy.my.salesforce.com/lightning/setup/ConnectedAppsUsage/home"


def test_a_key_that_is_brought_is_looked_at(pair):
    assert "PRIVATE KEY" in assertion.checked_key(pair[0])
    for wrong in ("", "nonsense", pair[1]):
        with pytest.raises(errors.Misconfigured, match="no private key"):
            assertion.checked_key(wrong)
    assert assertion.ends_at(pair[1]) > clock.now() + timedelta(days=800)
    assert len(assertion.fingerprint(pair[1])) == 95
