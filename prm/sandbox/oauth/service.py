"""Sessions: client credentials in, access tokens out, and their end."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from prm.sandbox.access.models import Person
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import session_expired
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.models import ConnectedApp
from prm.sandbox.store.models import Store

LIFETIME_SECONDS = 2 * 60 * 60


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Access tokens of one org. Only their digests are stored."""

    def __init__(self, store: Store, clock: Clock, app: ConnectedApp) -> None:
        self._store, self._clock = store, clock
        self._app = app

    @property
    def organization_id(self) -> str:
        """The org's present id: a refresh of the sandbox gives it another."""
        return str(self._store.meta("organization"))

    def check(self, client_id: str, client_secret: str) -> None:
        """Refuse credentials that are not the connected application's."""
        if not hmac.compare_digest(client_id.encode(), self._app.client_id.encode()):
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(client_secret.encode(), self._app.client_secret.encode()):
            raise OAuthError("invalid_client", "invalid client credentials", status=401)

    def check_id(self, client_id: str) -> None:
        """Refuse a consumer key that is not the connected application's."""
        if not hmac.compare_digest(client_id.encode(), self._app.client_id.encode()):
            raise OAuthError("invalid_client_id", "client identifier invalid")

    def begin(self, person: Person) -> str:
        """Begin a session of a user and return its token."""
        token = f"{self.organization_id[:15]}!{secrets.token_urlsafe(48)}"
        now = self._clock.now().timestamp()
        self._store.execute('DELETE FROM "_session" WHERE used < ?', (now - LIFETIME_SECONDS,))
        self._store.execute('INSERT INTO "_session" VALUES (?, ?, ?)', (digest_of(token), person.id, now))
        return token

    def person(self, authorization: str) -> Person:
        """Return whose token this is; INVALID_SESSION_ID for a missing, unknown or dead one."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or not token:
            raise session_expired()
        digest, now = digest_of(token.strip()), self._clock.now().timestamp()
        found = self._store.tuples('SELECT user_id, used FROM "_session" WHERE digest = ?', (digest,))
        if not found:
            raise session_expired()
        ((user_id, used),) = found
        idle = now - float(used or 0)
        if idle > LIFETIME_SECONDS:
            self._store.execute('DELETE FROM "_session" WHERE digest = ?', (digest,))
            raise session_expired()
        if idle > 60:
            self._store.execute('UPDATE "_session" SET used = ? WHERE digest = ?', (now, digest))
        return Person(str(user_id))

    def knows(self, authorization: str) -> bool:
        """Tell whether the token was made by this org and was not ended."""
        digest = digest_of(authorization.partition(" ")[2].strip())
        return self._store.value('SELECT 1 FROM "_session" WHERE digest = ?', (digest,)) is not None

    def revoke(self, token: str) -> bool:
        """End one session; tell whether there was one."""
        return self._store.execute('DELETE FROM "_session" WHERE digest = ?', (digest_of(token),)) > 0

    def end_all(self) -> None:
        """End every session of the org, as a security policy or an administrator does."""
        self._store.execute('DELETE FROM "_session"')
