"""The application that signs in, and how it says who it is."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus


@dataclass(slots=True)
class ConnectedApp:
    """The one application an org knows: its consumer key and secret."""

    client_id: str
    client_secret: str


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Return client id and secret of a Basic authorization header; None when it is none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(user), unquote_plus(password)
