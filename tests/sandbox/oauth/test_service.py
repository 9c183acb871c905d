import pytest

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.models import basic_credentials


def test_only_digests_of_tokens_are_stored(org):
    token = org.sessions.begin(org.integration)
    stored = str(org.store.tuples('SELECT * FROM "_session"'))
    assert token not in stored
    assert org.sessions.person(f"Bearer {token}") == org.integration


def test_a_session_ends_by_its_token_and_all_at_once(org):
    first, second = (org.sessions.begin(org.integration) for _ in range(2))
    assert org.sessions.revoke(first) is True
    assert org.sessions.revoke(first) is False
    assert org.sessions.knows(f"Bearer {second}")
    org.sessions.end_all()
    with pytest.raises(SandboxError):
        org.sessions.person(f"Bearer {second}")


def test_a_changed_secret_refuses_the_old_one(org):
    old = org.app.client_secret
    org.sessions.check(org.app.client_id, old)
    org.app.client_secret = "new"
    with pytest.raises(OAuthError, match="invalid client credentials"):
        org.sessions.check(org.app.client_id, old)


@pytest.mark.parametrize("header", ["", "Bearer abc", "Basic ?", "Basic " + "/w==" * 3])
def test_what_is_no_basic_authorization_is_none(header):
    assert basic_credentials(header) is None
