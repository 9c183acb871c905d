"""JWT bearer assertions: who signed them, for which org, in whose name, and until when."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import jwt
from cryptography.x509 import load_pem_x509_certificate

from prm.sandbox.access.models import Person
from prm.sandbox.kit.clock import Clock
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.models import ConnectedApp
from prm.sandbox.store.models import Store

LONGEST_SECONDS: Final = 5 * 60
"""An assertion may end so far ahead, by the org's clock."""

# External Client Apps do not know the common sign-in of sandboxes; the other common address is of production only.
_ELSEWHERE: Final = {
    "https://test.salesforce.com": ("app_not_found", "external client app is not found"),
}


class Assertions:
    """Reads assertions of the one app an org knows."""

    def __init__(self, store: Store, clock: Clock, app: ConnectedApp) -> None:
        self._store, self._clock, self._app = store, clock, app

    def person(self, assertion: str, audiences: Collection[str]) -> Person:
        """Return in whose name the app asks; `audiences` are this org's own addresses."""
        claims = self._claims(assertion)
        if claims.get("iss") != self._app.client_id:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        audience = str(claims.get("aud", "")).rstrip("/")
        if audience in _ELSEWHERE:
            raise OAuthError(*_ELSEWHERE[audience])
        if audience not in audiences:
            raise OAuthError("invalid_grant", "audience is invalid")
        self._check_end(claims.get("exp"))
        found = self._store.row(
            'SELECT "Id", "IsActive" FROM "User" WHERE "Username" = ?', (str(claims.get("sub", "")),)
        )
        if found is None:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        if not found["IsActive"]:
            raise OAuthError("invalid_grant", "inactive user")
        return Person(str(found["Id"]))

    def _claims(self, assertion: str) -> dict[str, object]:
        try:
            key = load_pem_x509_certificate(self._app.certificate.encode()).public_key()
            options = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
            claims: dict[str, object] = jwt.decode(assertion, key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
        except (ValueError, TypeError, jwt.InvalidTokenError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        return claims

    def _check_end(self, ends: object) -> None:
        left = ends - self._clock.now().timestamp() if isinstance(ends, int | float) else 0
        if not 0 < left <= LONGEST_SECONDS:
            raise OAuthError("invalid_grant", "expired or too long an assertion")
