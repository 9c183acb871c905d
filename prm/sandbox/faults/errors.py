"""A rule that makes no sense, and the refusals that rules answer with."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import JsonObject, as_list


class BadRule(ValueError):
    """A fault rule that cannot be understood; the text says why."""


def row_refusal(kind: str, options: JsonObject) -> SandboxError:
    """Refuse a record in the way of a row fault."""
    if kind == "row_lock":
        return SandboxError(
            "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records"
        )
    if kind == "validation":
        fields = [str(options["field"])] if options.get("field") else []
        message = str(options.get("message", "This record breaks a validation rule."))
        return SandboxError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, fields=fields)
    return SandboxError(
        str(options.get("code", "UNKNOWN_EXCEPTION")),
        str(options.get("message", "An unexpected error occurred.")),
        fields=[str(each) for each in as_list(options.get("fields"))],
    )


def limit_exceeded(message: str = "TotalRequests Limit exceeded.") -> SandboxError:
    """Refuse a call because too many were made."""
    return SandboxError("REQUEST_LIMIT_EXCEEDED", message, status=403)
