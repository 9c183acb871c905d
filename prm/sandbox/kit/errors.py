"""Refusals in the shapes Salesforce uses.

One refusal has two shapes: `{message, errorCode}` inside an array when a whole request
fails, `{statusCode, message, fields}` when one row of many fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from prm.sandbox.kit.types import JsonObject


class SandboxError(Exception):
    """A refusal with the HTTP status, code and text the real API would use."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: Sequence[str] = (),
        details: JsonObject | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.details = details or {}
        self.code = code
        self.message = message
        self.status = status
        self.fields = list(fields)

    def as_rest(self) -> list[JsonObject]:
        """Return the body of a failed request."""
        entry: JsonObject = {"message": self.message, "errorCode": self.code}
        if self.fields:
            entry["fields"] = self.fields
        return [entry | self.details]

    def as_row(self) -> JsonObject:
        """Return the error of one row in a collections result."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields, **self.details}


def not_found() -> SandboxError:
    """Refuse an address that leads nowhere."""
    return SandboxError("NOT_FOUND", "The requested resource does not exist", status=404)


def session_expired() -> SandboxError:
    """Refuse a token that is missing, unknown or dead."""
    return SandboxError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def entity_is_deleted(field: str = "") -> SandboxError:
    """Refuse a record in the recycle bin, that a field refers to perhaps."""
    return SandboxError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[field] if field else [])


def invalid_cross_reference(field: str = "") -> SandboxError:
    """Refuse an id that belongs to no record this user can see."""
    return SandboxError(
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        status=404,
        fields=[field] if field else [],
    )


def malformed_id(value: str, field: str = "Id", label: str = "Account ID") -> SandboxError:
    """Refuse a text that is no id of the kind the field wants."""
    return SandboxError("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", fields=[field])


def no_such_column(field: str, entity: str) -> SandboxError:
    """Refuse a field that is not there, or hidden from this user."""
    return SandboxError("INVALID_FIELD", f"No such column '{field}' on sobject of type {entity}")


def invalid_type(name: str) -> SandboxError:
    """Refuse an object that is not there, or hidden from this user."""
    return SandboxError(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append "
        "the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def read_only(fields: Sequence[str]) -> SandboxError:
    """Refuse fields that may not be written in this operation."""
    return SandboxError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        fields=fields,
    )


def required_missing(fields: Sequence[str]) -> SandboxError:
    """Refuse a record that lacks required fields."""
    return SandboxError(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", fields=fields
    )


def json_error(message: str) -> SandboxError:
    """Refuse a body or a value of the wrong form."""
    return SandboxError("JSON_PARSER_ERROR", message)


def duplicate_value(field: str, record_id: str) -> SandboxError:
    """Refuse a value of a unique field that another record has."""
    # The message carries the 15-character form, as the real one does.
    return SandboxError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: {record_id[:15]}",
        fields=[field],
    )
