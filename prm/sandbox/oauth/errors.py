"""Refusals of the token endpoint: an object, not an array."""

from __future__ import annotations

from typing import Final

from prm.sandbox.kit.types import JsonObject


class OAuthError(Exception):
    """A refusal by the token endpoint."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status

    def as_body(self) -> JsonObject:
        """Return the body of the answer."""
        return {"error": self.error, "error_description": self.description}


REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "blocked": ("OAUTH_APP_BLOCKED", "this app is blocked by admin"),
    "access_denied": ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"),
    "not_installed": ("OAUTH_EC_APP_NOT_FOUND", "external client app is not installed in this org"),
    "not_found": ("app_not_found", "external client app is not found"),
    "not_admitted": ("invalid_app_access", "user is not admin approved to access this app"),
    "not_approved": ("invalid_grant", "user hasn't approved this consumer"),
    "inactive": ("invalid_grant", "inactive user"),
    "addresses": ("invalid_grant", "ip restricted"),
    "hours": ("invalid_grant", "invalid login hours"),
    "flow_off": ("unauthorized_client", "flow is not enabled for this app"),
    "scope": ("invalid_scope", "the requested scope is not allowed"),
    "org_closed": ("inactive_org", "organization is locked, closed, or suspended"),
    "too_many": ("rate_limit_exceeded", "number of login attempts exceeded"),
}
"""What an administrator, or Salesforce, may have done about the app: error and description of every sign-in."""


def refusal(key: str) -> OAuthError:
    """Return the refusal of that name."""
    return OAuthError(*REFUSALS[key])
