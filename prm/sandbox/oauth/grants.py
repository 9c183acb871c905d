"""What a person has allowed: codes that are exchanged once, and refresh tokens that are replaced by each use.

With rotation a refresh token works once. Showing one that was replaced ends the whole grant: its newest refresh
token and every session made by it (reference: *Refresh Token Rotation*).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from prm.sandbox.access.models import Person
from prm.sandbox.kit.clock import Clock
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.models import ConnectedApp
from prm.sandbox.oauth.service import Sessions, digest_of
from prm.sandbox.store.models import Store

CODE_SECONDS = 15 * 60
IDLE_SECONDS = 30 * 24 * 3600
MOST_GRANTS = 5
"""Of one user: the next one silently ends the oldest."""


def challenge_of(verifier: str) -> str:
    """Return the S256 code challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Grants:
    """Codes and refresh tokens of one org. Only their digests are stored."""

    def __init__(self, store: Store, clock: Clock, app: ConnectedApp, sessions: Sessions) -> None:
        self._store, self._clock = store, clock
        self._app, self._sessions = app, sessions

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def allow(self, person: Person, redirect_uri: str, challenge: str) -> str:
        """Return the code that tells the app what a person has allowed."""
        code = f"aPrx{secrets.token_urlsafe(48)}"
        self._store.execute(
            'INSERT INTO "_code" VALUES (?, ?, ?, ?, ?)',
            (digest_of(code), person.id, redirect_uri, challenge, self._now()),
        )
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> tuple[str, str, Person]:
        """Return access token, refresh token and user of a code, which is then spent."""
        with self._store.transaction():
            row = self._store.row('SELECT * FROM "_code" WHERE digest = ?', (digest_of(code),))
            self._store.execute('DELETE FROM "_code" WHERE digest = ?', (digest_of(code),))
        if row is None or self._now() - float(row["made"] or 0) > CODE_SECONDS:
            raise OAuthError("invalid_grant", "expired authorization code")
        if row["redirect_uri"] != redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if not hmac.compare_digest(str(row["challenge"]), challenge_of(verifier)):
            raise OAuthError("invalid_grant", "invalid code verifier")
        person = Person(str(row["user_id"]))
        return self._begin(person)

    def _begin(self, person: Person) -> tuple[str, str, Person]:
        refresh, now = secrets.token_urlsafe(48), self._now()
        with self._store.transaction():
            live = self._store.tuples(
                'SELECT id FROM "_grant" WHERE user_id = ? ORDER BY id DESC', (person.id,)
            )
            for (number,) in live[MOST_GRANTS - 1 :]:
                self._end(int(number or 0))
            self._store.execute(
                'INSERT INTO "_grant" (user_id, digest, used) VALUES (?, ?, ?)',
                (person.id, digest_of(refresh), now),
            )
            number = self._store.value('SELECT id FROM "_grant" WHERE digest = ?', (digest_of(refresh),))
            access = self._session(int(number or 0), person)
        return access, refresh, person

    def _session(self, number: int, person: Person) -> str:
        access = self._sessions.begin(person)
        self._store.execute('INSERT INTO "_granted" VALUES (?, ?)', (digest_of(access), number))
        return access

    def refresh(self, token: str) -> tuple[str, str, Person]:
        """Return a new access token, the refresh token that replaces this one ("" without rotation), and the user."""
        with self._store.transaction():
            row = self._store.row('SELECT * FROM "_grant" WHERE digest = ?', (digest_of(token),))
            fresh = row is not None and self._now() - float(row["used"] or 0) <= IDLE_SECONDS
            if row is not None and fresh:
                number, person = int(row["id"] or 0), Person(str(row["user_id"]))
                return self._session(number, person), self._replace(number, token), person
            spent = self._store.value('SELECT number FROM "_spent" WHERE digest = ?', (digest_of(token),))
            if spent is not None:
                self._end(int(spent))
        raise OAuthError("invalid_grant", "expired access/refresh token")

    def _replace(self, number: int, token: str) -> str:
        new = secrets.token_urlsafe(48) if self._app.rotates else ""
        if new:
            self._store.execute('INSERT INTO "_spent" VALUES (?, ?)', (digest_of(token), number))
        self._store.execute(
            'UPDATE "_grant" SET digest = ?, used = ? WHERE id = ?',
            (digest_of(new or token), self._now(), number),
        )
        return new

    def _end(self, number: int) -> None:
        for (session,) in self._store.tuples('SELECT digest FROM "_granted" WHERE number = ?', (number,)):
            self._store.execute('DELETE FROM "_session" WHERE digest = ?', (session,))
        self._store.execute('DELETE FROM "_granted" WHERE number = ?', (number,))
        self._store.execute('DELETE FROM "_grant" WHERE id = ?', (number,))

    def revoke(self, token: str) -> bool:
        """End the grant of a refresh token; tell whether there was one."""
        number = self._store.value('SELECT id FROM "_grant" WHERE digest = ?', (digest_of(token),))
        if number is None:
            return False
        self._end(int(number))
        return True

    def end_all(self) -> None:
        """End everything that people have allowed."""
        for (number,) in self._store.tuples('SELECT id FROM "_grant"'):
            self._end(int(number or 0))
        self._store.execute('DELETE FROM "_code"')

    @property
    def count(self) -> int:
        """How many grants live."""
        return int(self._store.value('SELECT count(*) FROM "_grant"') or 0)
