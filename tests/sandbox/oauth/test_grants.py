"""What a person allowed: codes work once, refresh tokens are replaced, and a second use ends everything."""

import pytest

from prm.sandbox.access.models import Person
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.grants import MOST_GRANTS, challenge_of

BACK, VERIFIER = "http://localhost:8000/t/x/salesforce/callback/", "v" * 50


def code_of(org):
    return org.grants.allow(org.integration, BACK, challenge_of(VERIFIER))


def signed_in(org):
    return org.grants.exchange(code_of(org), BACK, VERIFIER)


def is_alive(org, access):
    try:
        org.sessions.person(f"Bearer {access}")
    except SandboxError:
        return False
    return True


def test_the_challenge_is_that_of_the_standard():
    """RFC 7636, appendix B."""
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_code_works_once_for_its_app_and_verifier(org):
    access, refresh, person = signed_in(org)
    assert person == Person(org.integration.id)
    assert is_alive(org, access) and refresh not in str(org.store.tuples('SELECT * FROM "_grant"'))
    code = code_of(org)
    org.grants.exchange(code, BACK, VERIFIER)
    with pytest.raises(OAuthError, match="expired authorization code"):
        org.grants.exchange(code, BACK, VERIFIER)


@pytest.mark.parametrize(
    "back,verifier,late,words",
    [
        (BACK, "w" * 50, 0, "code verifier"),
        (BACK + "x", VERIFIER, 0, "redirect_uri"),
        (BACK, VERIFIER, 901, "expired authorization code"),
    ],
)
def test_a_code_for_somebody_else_or_too_late_is_refused_and_spent(org, back, verifier, late, words):
    code = code_of(org)
    org.clock.advance(late)
    with pytest.raises(OAuthError, match=words):
        org.grants.exchange(code, back, verifier)
    with pytest.raises(OAuthError, match="expired authorization code"):
        org.grants.exchange(code, BACK, VERIFIER)


def test_a_refresh_token_is_replaced_and_its_second_use_ends_the_grant(org):
    first, refresh, _ = signed_in(org)
    second, newer, _ = org.grants.refresh(refresh)
    assert newer and newer != refresh
    assert is_alive(org, first) and is_alive(org, second)
    for token in (refresh, newer):
        with pytest.raises(OAuthError, match="expired access/refresh token"):
            org.grants.refresh(token)
    assert not is_alive(org, first) and not is_alive(org, second)
    assert org.grants.count == 0


def test_without_rotation_a_refresh_token_stays(org):
    org.app.rotates = False
    _, refresh, _ = signed_in(org)
    assert [org.grants.refresh(refresh)[1] for _ in range(3)] == ["", "", ""]


def test_thirty_days_without_use_and_the_sixth_sign_in_end_a_grant(org):
    _, refresh, _ = signed_in(org)
    for _ in range(2):
        org.clock.advance(29 * 24 * 3600)
        _, refresh, _ = org.grants.refresh(refresh)
    for _ in range(MOST_GRANTS - 1):
        signed_in(org)
    _, refresh, _ = org.grants.refresh(refresh)
    signed_in(org)
    with pytest.raises(OAuthError):
        org.grants.refresh(refresh)
    _, other, _ = signed_in(org)
    org.clock.advance(30 * 24 * 3600 + 1)
    with pytest.raises(OAuthError):
        org.grants.refresh(other)


def test_revoking_ends_its_sessions_and_a_refreshed_sandbox_ends_all(org):
    access, refresh, _ = signed_in(org)
    assert org.grants.revoke(refresh) and not org.grants.revoke(refresh)
    assert not is_alive(org, access)
    access, refresh, _ = signed_in(org)
    before, row = org.organization_id, org.store.row('SELECT * FROM "Organization"')
    org.refresh()
    assert org.organization_id != before and not is_alive(org, access)
    assert org.store.row('SELECT * FROM "Organization"') == {**row, "Id": org.organization_id}
    with pytest.raises(OAuthError):
        org.grants.refresh(refresh)
