"""Where a person signs in and allows the app to come in: the authorization endpoint of the web server flow."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from prm.sandbox.access.models import Person
from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.oauth.errors import OAuthError, refusal
from prm.sandbox.oauth.grants import Grants
from prm.sandbox.oauth.models import ConnectedApp
from prm.sandbox.oauth.service import Sessions
from prm.sandbox.pages.responses import Pages, is_foreign
from prm.sandbox.store.models import Store

# What Salesforce says on a page of its own, from which nobody comes back.
_STAYS = frozenset({"not_installed", "not_found"})


@dataclass(frozen=True, slots=True)
class Consent:
    """Shows who asks for what, and sends a person back with the answer."""

    store: Store
    app: ConnectedApp
    sessions: Sessions
    grants: Grants
    pages: Pages

    def authorize(self, request: Request) -> Response:
        """Answer the authorization endpoint: the question, or after it the way back."""
        asked = request.query
        try:
            self._check_app(asked)
        except OAuthError as error:
            return self._stays(error)
        if self.app.refusal in _STAYS:
            return self._stays(refusal(self.app.refusal))
        trouble = self._trouble(asked)
        if trouble is not None:
            return _back(asked, error=trouble.error, error_description=trouble.description)
        if request.method != "POST":
            return self._question(request)
        if is_foreign(request):
            return self.pages.page("Refused", "<p>This form was sent from another site.</p>", 403)
        return self._decided(asked, request.form())

    def _check_app(self, asked: dict[str, str]) -> None:
        self.sessions.check_id(asked.get("client_id", ""))
        if asked.get("redirect_uri", "") not in self.app.callbacks:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")

    def _trouble(self, asked: dict[str, str]) -> OAuthError | None:
        if self.app.refusal:
            return refusal(self.app.refusal)
        if asked.get("response_type") != "code":
            return OAuthError("unsupported_response_type", "response type not supported")
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            return OAuthError("invalid_request", "missing required code challenge")
        return None

    def _stays(self, error: OAuthError) -> Response:
        words = f"{error.error}: {error.description}"
        body = (
            f"<p>We can’t authorize you because of an OAuth error.</p><pre>{escape(words)}</pre>"
            f'<p>Callback addresses and the rest are set under <a href="{self.pages.base}/__sandbox__/">The app</a>.</p>'
        )
        return self.pages.page("OAuth error", body, 400)

    def _question(self, request: Request) -> Response:
        asked = request.query
        people = self.store.rows(
            'SELECT "Id", "Name", "Username" FROM "User" WHERE "IsActive" ORDER BY "Id" DESC'
        )
        options = "".join(
            f'<option value="{escape(str(each["Id"]))}">{escape(str(each["Name"]))} ({escape(str(each["Username"]))})</option>'
            for each in people
        )
        body = (
            f"<p>The app <strong>{escape(self.app.client_id)}</strong> asks to come in: "
            f"{escape(asked.get('scope', '') or 'api')}. It then goes back to {escape(asked['redirect_uri'])}.</p>"
            f'<form method=post class=switch action="?{escape(urlencode(asked))}">'
            f"<label>You are <select name=user>{options}</select></label>"
            "<button name=decision value=allow>Allow</button> <button name=decision value=deny>Deny</button></form>"
        )
        answer = self.pages.page("Allow access?", body)
        # Browsers hold the address that a form leads on to against this policy, too.
        back = urlsplit(asked["redirect_uri"])
        policy = answer.headers["Content-Security-Policy"]
        answer.headers["Content-Security-Policy"] = policy.replace(
            "form-action 'self'", f"form-action 'self' {back.scheme}://{back.netloc}"
        )
        return answer

    def _decided(self, asked: dict[str, str], form: dict[str, str]) -> Response:
        found = self.store.value(
            'SELECT "Id" FROM "User" WHERE "Id" = ? AND "IsActive"', (form.get("user", ""),)
        )
        if form.get("decision") != "allow" or found is None:
            return _back(asked, error="access_denied", error_description="end-user denied authorization")
        person = Person(str(found))
        code = self.grants.allow(person, asked["redirect_uri"], asked["code_challenge"])
        return _back(asked, code=code)


def _back(asked: dict[str, str], **answer: str) -> Response:
    target = asked["redirect_uri"]
    if asked.get("state"):
        answer["state"] = asked["state"]
    joint = "&" if urlsplit(target).query else "?"
    return Response(302, b"", {"Location": f"{target}{joint}{urlencode(answer)}"}, "text/html")
