"""Signing in with OAuth client credentials, and the one place that renews a tenant's token.

Exactly one worker signs in at a time: the row of the tenant's sync state is locked around
"read the token, ask for a new one, store it". Whoever waited for the lock finds the new token and
asks for nothing. A sign-in is never repeated by itself: where refresh tokens rotate, a repeated
request would end the grant.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

from prm.salesforce.wire import errors
from prm.salesforce.wire.transport import CONNECT_SECONDS, Grant, checked_url, is_loopback, lost, whole

SIGN_IN_SECONDS = 15.0


def sign_in(login_url: str, client_id: str, client_secret: str) -> Grant:
    """Return a grant for the app's fixed user.

    Raises `SignInRefused` with Salesforce's own words, `Unreachable`, `Busy`, or `Misconfigured`
    for an address that may not be used. Nothing is stored.
    """
    base = checked_url(login_url)
    with requests.Session() as session:
        session.trust_env = not is_loopback(urlsplit(base).hostname or "")
        session.auth = lambda request: request
        try:
            answer = session.post(
                f"{base}/services/oauth2/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": client_id,
                    "client_secret": client_secret,
                },
                headers={"Accept": "application/json"},
                timeout=(CONNECT_SECONDS, SIGN_IN_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            response = whole(answer, SIGN_IN_SECONDS)
        except requests.RequestException as error:
            raise lost(error, writes=False) from error
    return _grant(base, response)


def _grant(base: str, response: requests.Response) -> Grant:
    answer = errors.read_errors(response.status_code, response.content)
    if response.status_code != 200:
        raise _refusal(base, answer)
    try:
        body: dict[str, Any] = response.json()
        token, instance = str(body["access_token"]), str(body["instance_url"])
    except (ValueError, KeyError, TypeError) as error:
        raise errors.SignInRefused(
            f"{base} does not answer like Salesforce. Is this the address of your organisation?"
        ) from error
    _, organization_id, user_id = [*str(body.get("id", "")).rsplit("/", 2), "", ""][:3]
    return Grant(token, checked_url(instance), organization_id, user_id)


def _refusal(base: str, answer: errors.Answer) -> errors.SalesforceError:
    code, message = answer.first.code, answer.first.message
    if code == "rate_limit_exceeded" or answer.status in (429, 503) or answer.status >= 500:
        return errors.Busy(f"{base}: {message}", code=code, status=answer.status)
    if answer.status == 404 or not code:
        return errors.SignInRefused(
            f"{base} does not offer Salesforce's sign-in ({message}). "
            "Use the address of your organisation (My Domain).",
            status=answer.status,
        )
    return errors.SignInRefused(message, code=code, status=answer.status)


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
