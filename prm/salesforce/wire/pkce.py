"""How an app proves that it is the one that sent a person to Salesforce: PKCE (RFC 7636), always in the form S256."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Final
from urllib.parse import urlencode

SCOPE: Final = "api refresh_token"


def new_verifier() -> str:
    """Return a code verifier: 64 characters, of the 43 to 128 that are allowed."""
    return secrets.token_urlsafe(48)


def challenge_of(verifier: str) -> str:
    """Return its S256 challenge: base64url of SHA-256, unpadded."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def authorize_url(base: str, *, client_id: str, redirect_uri: str, state: str, verifier: str) -> str:
    """Return where a person signs in to Salesforce and allows the app; `base` was checked."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        # Else Salesforce lets in whoever happens to be signed in to it in this browser.
        "prompt": "login consent",
    }
    return f"{base}/services/oauth2/authorize?{urlencode(asked)}"
