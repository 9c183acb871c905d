"""Paths of tokens."""

from __future__ import annotations

from prm.sandbox.oauth.responses import OAuth
from prm.sandbox.routing.models import Route


def open_routes(oauth: OAuth) -> list[Route]:
    """Return what answers without a token."""
    return [
        Route("POST", "/services/oauth2/token", "token", oauth.token),
        Route("*", "/services/oauth2/revoke", "revoke", oauth.revoke),
        Route("*", "/services/oauth2/userinfo", "userinfo", oauth.userinfo),
    ]
