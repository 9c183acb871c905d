"""Signing in with OAuth client credentials, and the one place that renews a tenant's token.

Exactly one worker signs in at a time: the row of the tenant's sync state is locked around
"read the token, ask for a new one, store it". Whoever waited for the lock finds the new token and
asks for nothing. A sign-in is never repeated by itself: where refresh tokens rotate, a repeated
request would end the grant.
"""

from __future__ import annotations

from collections.abc import Mapping

from prm.core.outgoing.errors import OutgoingError
from prm.core.outgoing.session import OutgoingSession, Response
from prm.salesforce.wire import errors
from prm.salesforce.wire.transport import Grant, checked_url, lost

SIGN_IN_SECONDS = 20.0
"""For asking and the whole answer."""

MOST_BYTES = 2**16
"""A token answer has about 1 KB."""


def sign_in(login_url: str, client_id: str, client_secret: str) -> Grant:
    """Return a grant for the app's fixed user.

    Raises `SignInRefused`, `Unreachable`, `Busy`, or `Misconfigured` for an address that may not be used.
    Nothing is stored, and nothing that was answered is repeated in words: nobody has proved yet that it is
    Salesforce who answers.
    """
    base = checked_url(login_url)
    with OutgoingSession(seconds=SIGN_IN_SECONDS, most_bytes=MOST_BYTES) as session:
        try:
            response = session.post(
                f"{base}/services/oauth2/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": client_id,
                    "client_secret": client_secret,
                },
                headers={"Accept": "application/json"},
            )
        except OutgoingError as error:
            raise lost(error, writes=False) from error
    return _grant(base, response)


def _grant(base: str, response: Response) -> Grant:
    if response.status_code != 200:
        raise _refusal(base, errors.read_errors(response.status_code, response.content))
    body = errors.parsed(response.content)
    if not isinstance(body, dict):
        raise _not_salesforce(base)
    token, instance = _word(body, "access_token"), _word(body, "instance_url")
    if not token or not instance or not token.isascii() or not token.isprintable():
        raise _not_salesforce(base)
    try:
        home = checked_url(instance)
    except errors.Misconfigured as error:
        raise errors.SignInRefused(
            f"{base} names an address for the data that PRM does not call: it is not https://."
        ) from error
    _, organization_id, user_id = [*_word(body, "id").rsplit("/", 2), "", ""][:3]
    return Grant(token, home, organization_id[:18], user_id[:18])


def _word(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _not_salesforce(base: str) -> errors.SignInRefused:
    return errors.SignInRefused(
        f"{base} does not answer like Salesforce. Is this the address of your organisation?"
    )


def _refusal(base: str, answer: errors.Answer) -> errors.SalesforceError:
    code, status = answer.first.code, answer.status
    if code == "rate_limit_exceeded" or status in (429, 503) or status >= 500:
        return errors.Busy(f"{base} does not take sign-ins at the moment (HTTP {status}).", status=status)
    if code in errors.SIGN_IN_WORDS:
        return errors.SignInRefused(errors.SIGN_IN_WORDS[code], code=code, status=status)
    if 300 <= status < 400:
        return errors.SignInRefused(
            f"{base} sends on to another address, which PRM does not follow. Use the address of your "
            "organisation (My Domain) itself.",
            status=status,
        )
    return errors.SignInRefused(
        f"{base} does not offer Salesforce's sign-in (HTTP {status}). "
        "Use the address of your organisation (My Domain).",
        status=status,
    )


class FixedTokens:
    """A grant held in memory, for the first sign-in before anything is stored."""

    def __init__(self, grant: Grant) -> None:
        """`grant` is used as long as Salesforce accepts it."""
        self._grant = grant

    def current(self) -> Grant:
        """Return the grant."""
        return self._grant

    def renew(self, stale: str) -> Grant:
        """Refuse: a token that was just issued and is not accepted will not get better."""
        raise errors.SignInRefused("Salesforce issued a session and does not accept it.")
