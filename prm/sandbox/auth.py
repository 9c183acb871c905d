"""Tokens: client credentials in, sessions out, and their end."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from prm.sandbox.access import Person
from prm.sandbox.errors import OAuthError, session_expired

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

LIFETIME_SECONDS = 2 * 60 * 60


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Client id and secret of a Basic authorization header; None when it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(user), unquote_plus(password)


class Sessions:
    """Access tokens of one org. Only their digests are stored."""

    def __init__(self, org: SandboxOrg) -> None:
        self._org = org

    def grant(self, form: dict[str, str], authorization: str, instance_url: str) -> dict[str, Any]:
        """Answer a token request; raises OAuthError. There is no ``expires_in``."""
        kind = form.get("grant_type", "")
        if kind != "client_credentials":
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        given = basic_credentials(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        client_id, secret = given
        if not hmac.compare_digest(client_id.encode(), self._org.client_id.encode()):
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(secret.encode(), self._org.client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials", status=401)
        return self._answer(self._org.integration, instance_url)

    def _answer(self, person: Person, instance_url: str) -> dict[str, Any]:
        token = f"{self._org.organization_id[:15]}!{secrets.token_urlsafe(48)}"
        now = self._org.clock.now().timestamp()
        self._org.store.execute('DELETE FROM "_session" WHERE used < ?', (now - LIFETIME_SECONDS,))
        self._org.store.execute('INSERT INTO "_session" VALUES (?, ?, ?)', (_digest(token), person.id, now))
        identity = f"{instance_url}/id/{self._org.organization_id}/{person.id}"
        issued_at = str(int(now * 1000))
        signature = hmac.new(
            self._org.client_secret.encode(), (identity + issued_at).encode(), hashlib.sha256
        )
        return {
            "access_token": token,
            "signature": base64.b64encode(signature.digest()).decode(),
            "scope": "api",
            "instance_url": instance_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    def person(self, authorization: str) -> Person:
        """Whose token this is; raises INVALID_SESSION_ID for a missing, unknown or dead one."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or not token:
            raise session_expired()
        digest = _digest(token.strip())
        store, now = self._org.store, self._org.clock.now().timestamp()
        found = store.row('SELECT user_id, used FROM "_session" WHERE digest = ?', (digest,))
        if found is None:
            raise session_expired()
        if now - found["used"] > LIFETIME_SECONDS:
            store.execute('DELETE FROM "_session" WHERE digest = ?', (digest,))
            raise session_expired()
        if now - found["used"] > 60:
            store.execute('UPDATE "_session" SET used = ? WHERE digest = ?', (now, digest))
        return Person(str(found["user_id"]))

    def knows(self, authorization: str) -> bool:
        """Whether the token was made by this org and lives."""
        token = authorization.partition(" ")[2].strip()
        return (
            self._org.store.value('SELECT 1 FROM "_session" WHERE digest = ?', (_digest(token),)) is not None
        )

    def revoke(self, token: str) -> bool:
        """End one session; whether there was one."""
        return self._org.store.execute('DELETE FROM "_session" WHERE digest = ?', (_digest(token),)) > 0

    def end_all(self) -> None:
        """End every session of the org, as a security policy or an administrator does."""
        self._org.store.execute('DELETE FROM "_session"')
