"""Paths of tokens."""

from __future__ import annotations

from prm.sandbox.api.models import Route
from prm.sandbox.oauth.responses import OAuth


def open_routes(oauth: OAuth) -> list[Route]:
    """Return what answers without a token."""
    return [
        Route("POST", "/services/oauth2/token", "token", oauth.token),
        Route("*", "/services/oauth2/revoke", "revoke", oauth.revoke),
        Route("*", "/services/oauth2/userinfo", "userinfo", oauth.userinfo),
    ]
