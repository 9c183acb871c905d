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
from prm.sandbox.oauth.assertions import Assertions
from prm.sandbox.oauth.errors import OAuthError, refusal
from prm.sandbox.oauth.grants import Grants
from prm.sandbox.oauth.models import ConnectedApp, basic_credentials
from prm.sandbox.oauth.service import Sessions
from prm.sandbox.schema.models import Schema
from prm.sandbox.store.models import Store

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class OAuth:
    """Answers sign-ins: of the app's fixed user, of a user that the app may speak for, of whoever allowed it."""

    sessions: Sessions
    grants: Grants
    assertions: Assertions
    app: ConnectedApp
    clock: Clock
    schema: Schema
    store: Store
    domain: str
    integration: Person

    def token(self, request: Request) -> Response:
        """Grant a token. The answer has no `expires_in`."""
        try:
            return Response(200, self._grant(request))
        except OAuthError as error:
            return Response(error.status, error.as_body())

    def _grant(self, request: Request) -> JsonObject:
        form = request.form()
        flows = {
            "client_credentials": self._by_credentials,
            JWT_BEARER: self._by_assertion,
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
        }
        flow = flows.get(form.get("grant_type", ""))
        if flow is None:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        access, refresh, person = flow(request, form)
        answer = self._answer(request, access, person)
        if refresh:
            answer["refresh_token"] = refresh
        if form["grant_type"] in ("authorization_code", "refresh_token"):
            answer["scope"] = "api refresh_token"
        return answer

    def _check_app(self, request: Request, form: dict[str, str]) -> None:
        posted = form.get("client_id", ""), form.get("client_secret", "")
        self.sessions.check(*(basic_credentials(request.headers.get("authorization", "")) or posted))
        self._check_open()

    def _check_open(self) -> None:
        if self.app.refusal:
            raise refusal(self.app.refusal)

    def _by_credentials(self, request: Request, form: dict[str, str]) -> tuple[str, str, Person]:
        self._check_app(request, form)
        return self.sessions.begin(self.integration), "", self.integration

    def _by_assertion(self, request: Request, form: dict[str, str]) -> tuple[str, str, Person]:
        root = request.instance_url.rpartition("/")[0]
        own = {request.instance_url, f"{root}/{self.domain}"}
        person = self.assertions.person(form.get("assertion", ""), own)
        self._check_open()
        return self.sessions.begin(person), "", person

    def _by_code(self, request: Request, form: dict[str, str]) -> tuple[str, str, Person]:
        self._check_app(request, form)
        return self.grants.exchange(
            form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
        )

    def _by_refresh(self, request: Request, form: dict[str, str]) -> tuple[str, str, Person]:
        self._check_app(request, form)
        return self.grants.refresh(form.get("refresh_token", ""))

    def _answer(self, request: Request, access: str, person: Person) -> JsonObject:
        identity = f"{request.instance_url}/id/{self.sessions.organization_id}/{person.id}"
        issued_at = str(int(self.clock.now().timestamp() * 1000))
        key, signed = self.app.client_secret.encode(), (identity + issued_at).encode()
        return {
            "access_token": access,
            "signature": base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode(),
            "scope": "api",
            "instance_url": request.instance_url,
            "id": identity,
            "token_type": "Bearer",  # nosec B105 # OAuth's word
            "issued_at": issued_at,
        }

    def revoke(self, request: Request) -> Response:
        """End the session of a token, or all that a refresh token stands for."""
        token = request.form().get("token") or request.query.get("token", "")
        if self.sessions.revoke(token) or self.grants.revoke(token):
            return Response(200)
        error = OAuthError("unsupported_token_type", "this token type is not supported")
        return Response(error.status, error.as_body())

    def userinfo(self, request: Request) -> Response:
        """Tell whose token it is."""
        person = self.sessions.person(request.headers.get("authorization", ""))
        user = self.store.get(self.schema.entities["user"], person.id) or {}
        organization_id = self.sessions.organization_id
        body: JsonObject = {
            "sub": f"{organization_id}/{person.id}",
            "user_id": person.id,
            "organization_id": organization_id,
            "preferred_username": user.get("Username"),
            "name": user.get("Name"),
            "email": user.get("Email"),
        }
        return Response(200, body)
