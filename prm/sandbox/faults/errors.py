"""A rule that makes no sense, and the refusals that rules answer with."""

from __future__ import annotations

from collections.abc import Sequence

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import Json, JsonObject, Row, as_list


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


def duplicates_detected(entity: str, found: Sequence[Row], options: JsonObject) -> SandboxError:
    """Refuse a record in the way of a duplicate rule, with the records that it resembles."""
    message = str(options.get("message", "Use one of these records?"))
    records: list[Json] = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {"type": entity, "url": f"/services/data/v66.0/sobjects/{entity}/{row['Id']}"},
                "Id": row["Id"],
                "Name": row["Name"],
            },
        }
        for row in found
    ]
    result: JsonObject = {
        "allowSave": options.get("action", "alert") == "alert",
        "duplicateRule": str(options.get("name", f"Standard_{entity}_Duplicate_Rule")),
        "duplicateRuleEntityType": entity,
        "errorMessage": message,
        "matchResults": [
            {"entityType": entity, "matchRecords": records, "size": len(found), "success": True}
        ],
    }
    return SandboxError("DUPLICATES_DETECTED", message, details={"duplicateResult": result})


def limit_exceeded(message: str = "TotalRequests Limit exceeded.") -> SandboxError:
    """Refuse a call because too many were made."""
    return SandboxError("REQUEST_LIMIT_EXCEEDED", message, status=403)
