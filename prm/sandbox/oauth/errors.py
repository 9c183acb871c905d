"""Refusals of the token endpoint: an object, not an array."""

from __future__ import annotations

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
