"""The token endpoint, revocation and userinfo."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from prm.sandbox.access.models import Person
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.kit.types import JsonObject
from prm.sandbox.oauth.errors import OAuthError
from prm.sandbox.oauth.models import ConnectedApp, basic_credentials
from prm.sandbox.oauth.service import Sessions
from prm.sandbox.schema.models import Schema
from prm.sandbox.store.models import Store


@dataclass(frozen=True, slots=True)
class OAuth:
    """Answers sign-ins in the name of the integration user."""

    sessions: Sessions
    app: ConnectedApp
    clock: Clock
    schema: Schema
    store: Store
    organization_id: str
    integration: Person

    def token(self, request: Request) -> Response:
        """Grant a token for client credentials. The answer has no `expires_in`."""
        try:
            return Response(200, self._grant(request))
        except OAuthError as error:
            return Response(error.status, error.as_body())

    def _grant(self, request: Request) -> JsonObject:
        form = request.form()
        if form.get("grant_type", "") != "client_credentials":
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        posted = form.get("client_id", ""), form.get("client_secret", "")
        self.sessions.check(*(basic_credentials(request.headers.get("authorization", "")) or posted))
        identity = f"{request.instance_url}/id/{self.organization_id}/{self.integration.id}"
        issued_at = str(int(self.clock.now().timestamp() * 1000))
        key, signed = self.app.client_secret.encode(), (identity + issued_at).encode()
        return {
            "access_token": self.sessions.begin(self.integration),
            "signature": base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode(),
            "scope": "api",
            "instance_url": request.instance_url,
            "id": identity,
            "token_type": "Bearer",  # nosec B105 # OAuth's word
            "issued_at": issued_at,
        }

    def revoke(self, request: Request) -> Response:
        """End the session of a token."""
        if self.sessions.revoke(request.form().get("token") or request.query.get("token", "")):
            return Response(200)
        error = OAuthError("unsupported_token_type", "this token type is not supported")
        return Response(error.status, error.as_body())

    def userinfo(self, request: Request) -> Response:
        """Tell whose token it is."""
        person = self.sessions.person(request.headers.get("authorization", ""))
        user = self.store.get(self.schema.entities["user"], person.id) or {}
        body: JsonObject = {
            "sub": f"{self.organization_id}/{person.id}",
            "user_id": person.id,
            "organization_id": self.organization_id,
            "preferred_username": user.get("Username"),
            "name": user.get("Name"),
            "email": user.get("Email"),
        }
        return Response(200, body)
