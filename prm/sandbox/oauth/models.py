"""The application that signs in, what its administrator has set about it, and how it says who it is."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from prm.sandbox.kit.types import Json, JsonObject, as_list
from prm.sandbox.oauth.errors import REFUSALS
from prm.sandbox.store.models import Store

_KEPT = "app"


@dataclass(slots=True)
class ConnectedApp:
    """The one application an org knows: its consumer key and secret, and what an administrator set.

    `callbacks` are the addresses that people may be sent back to, exactly; `certificate` (PEM) proves assertions;
    with `rotates` each refresh token works once. `refusal` is a key of `REFUSALS` while sign-ins are refused.
    """

    client_id: str
    client_secret: str
    callbacks: list[str] = field(default_factory=list)
    certificate: str = ""
    rotates: bool = True
    refusal: str = ""

    def set(self, wanted: JsonObject) -> None:
        """Change what is named. Raise ValueError for what makes no sense."""
        refusal = str(wanted.get("refusal", self.refusal) or "")
        if refusal and refusal not in REFUSALS:
            raise ValueError(f"refusal is one of {', '.join(REFUSALS)}")
        self.refusal = refusal
        if "callbacks" in wanted:
            self.callbacks = [str(each).strip() for each in as_list(wanted["callbacks"]) if str(each).strip()]
        self.certificate = str(wanted.get("certificate", self.certificate) or "").strip()
        self.rotates = bool(wanted.get("rotates", self.rotates))

    def show(self) -> JsonObject:
        """Return what was set."""
        callbacks: list[Json] = [*self.callbacks]
        return {
            "callbacks": callbacks,
            "certificate": self.certificate,
            "rotates": self.rotates,
            "refusal": self.refusal,
        }

    def keep(self, store: Store) -> None:
        """Store what was set, so that it outlives the process."""
        store.set_meta(_KEPT, json.dumps(self.show()))

    def recall(self, store: Store) -> None:
        """Take up what was stored."""
        stored = store.meta(_KEPT)
        if stored is not None:
            self.set(json.loads(stored))


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
