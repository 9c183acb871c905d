"""Refusals of queries, with the place marked as Salesforce does."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError


def located(text: str, at: int, message: str) -> str:
    """Return the message after an excerpt of the query with a caret under the place."""
    start = max(0, at - 30)
    excerpt = " ".join(text[start : at + 30].split("\n"))
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return f"\n{excerpt}\n{' ' * (at - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"


def malformed(text: str, at: int, message: str) -> SandboxError:
    """Refuse a query that cannot be read."""
    return SandboxError("MALFORMED_QUERY", located(text, at, message))


def invalid_field(text: str, at: int, message: str) -> SandboxError:
    """Refuse a field or a value that does not fit it."""
    return SandboxError("INVALID_FIELD", located(text, at, message))
