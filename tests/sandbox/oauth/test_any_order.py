"""Refresh tokens in any order: at most one of a grant lives, and showing a dead one of a living grant ends it."""

from hypothesis import given, settings
from hypothesis import strategies as some

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.grants import challenge_of
from prm.sandbox.org import SandboxOrg

BACK, VERIFIER = "http://localhost/", "v" * 50
ORG = SandboxOrg()


def is_alive(access):
    try:
        ORG.sessions.person(f"Bearer {access}")
    except SandboxError:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(some.lists(some.integers(0, 9), max_size=12), some.booleans())
def test_one_lives_and_a_dead_one_ends_all(picks, rotates):
    """`picks` chooses among all tokens of one grant that were ever given out, the newest first."""
    ORG.app.rotates = rotates
    code = ORG.grants.allow(ORG.integration, BACK, challenge_of(VERIFIER))
    access, token, _ = ORG.grants.exchange(code, BACK, VERIFIER)
    given_out, sessions, is_over = [token], [access], False
    for pick in picks:
        shown = given_out[-1 - pick % len(given_out)]
        lives = not is_over and shown == given_out[-1]
        try:
            access, newer, _ = ORG.grants.refresh(shown)
        except OAuthError:
            assert not lives
            is_over = True
            assert not any(map(is_alive, sessions))
        else:
            assert lives
            sessions.append(access)
            assert bool(newer) is rotates
            given_out += [newer] if newer else []
            assert all(map(is_alive, sessions))
    ORG.grants.end_all()
    ORG.sessions.end_all()
