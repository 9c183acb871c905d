"""Errors the sandbox org answers with, in the shapes Salesforce uses.

    SandboxError      a REST error: status, errorCode, message, fields
    OAuthError        a token endpoint error: an object, not an array

One error has two shapes: ``{message, errorCode}`` inside an array when a whole
request fails, ``{statusCode, message, fields}`` when one row of many fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SandboxError(Exception):
    """A refusal with the HTTP status, code and text the real API would use."""

    def __init__(self, code: str, message: str, *, status: int = 400, fields: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = list(fields)

    def as_rest(self) -> list[dict[str, Any]]:
        """The body of a failed request."""
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            entry["fields"] = self.fields
        return [entry]

    def as_row(self) -> dict[str, Any]:
        """The error of one row in a collections result."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}


class OAuthError(Exception):
    """A refusal by the token endpoint."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status

    def as_body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


def not_found() -> SandboxError:
    """404 NOT_FOUND."""
    return SandboxError("NOT_FOUND", "The requested resource does not exist", status=404)


def session_expired() -> SandboxError:
    """401 INVALID_SESSION_ID."""
    return SandboxError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def entity_is_deleted() -> SandboxError:
    """The record is in the recycle bin."""
    return SandboxError("ENTITY_IS_DELETED", "entity is deleted", status=404)


def invalid_cross_reference(field: str = "", *, status: int = 404) -> SandboxError:
    """The id belongs to no record this user can see."""
    return SandboxError(
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        status=status,
        fields=[field] if field else [],
    )


def malformed_id(value: str, field: str = "Id", label: str = "Account ID") -> SandboxError:
    """The text is no id of the kind the field wants."""
    return SandboxError("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", fields=[field])


def no_such_column(field: str, entity: str) -> SandboxError:
    """The field is not there, or hidden from this user."""
    return SandboxError("INVALID_FIELD", f"No such column '{field}' on sobject of type {entity}")


def invalid_type(name: str) -> SandboxError:
    """The object is not there, or hidden from this user."""
    return SandboxError(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
        "the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def read_only(fields: Sequence[str]) -> SandboxError:
    """The fields may not be written in this operation."""
    return SandboxError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        fields=fields,
    )


def required_missing(fields: Sequence[str]) -> SandboxError:
    """The fields may not be empty."""
    return SandboxError(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields=fields
    )


def json_error(message: str) -> SandboxError:
    """The body or a value has the wrong form."""
    return SandboxError("JSON_PARSER_ERROR", message)


def duplicate_value(field: str, record_id: str) -> SandboxError:
    """Another record has the value of a unique field."""
    # The message carries the 15-character form, as the real one does.
    return SandboxError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: {record_id[:15]}",
        fields=[field],
    )
