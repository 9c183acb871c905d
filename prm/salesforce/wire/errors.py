"""What goes wrong between us and Salesforce, sorted by what to do about it.

::

    SalesforceError
    ├── Retryable               the same call may work later; nobody needs to act
    │   ├── Unreachable             no connection was made: nothing can have been written
    │   ├── UnknownOutcome          the answer was lost: read before deciding (README, "Unknown")
    │   ├── Busy                    overload, maintenance, row locks, concurrency limits
    │   └── OutOfBudget             the org's daily calls are used up; pauses the tenant
    ├── Permanent               this record or request is refused until the data or a rule changes
    │   └── Gone                    the record is in the recycle bin or does not exist
    └── Misconfigured           the connection needs a person: nothing is sent until then
        ├── SignInRefused           credentials, rights of the app or of its user
        └── WrongOrganisation       the login leads to another org than the tenant is bound to

`Reaction` says the same for one row of a collections answer. The table `REACTIONS` follows
Salesforce's list of status codes; a code it does not name is permanent: it is shown with
Salesforce's own words and is not hammered.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class SalesforceError(Exception):
    """Base: `message` is for a person, `code` Salesforce's (or our) word, `status` the HTTP status."""

    def __init__(self, message: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(f"{code}: {message}" if code else message)
        self.message = message
        self.code = code
        self.status = status


class Retryable(SalesforceError):
    """May work later without anybody doing anything. `after` is Salesforce's wish in seconds."""

    def __init__(self, message: str, *, code: str = "", status: int = 0, after: float | None = None) -> None:
        super().__init__(message, code=code, status=status)
        self.after = after


class Unreachable(Retryable):
    """No connection came about, so nothing was written."""


class UnknownOutcome(Retryable):
    """The request left and its answer did not arrive: it may or may not have been carried out."""


class Busy(Retryable):
    """Salesforce refuses for the moment and has written nothing."""


class OutOfBudget(Retryable):
    """The daily number of API calls is used up, of the org or of our share."""


class Permanent(SalesforceError):
    """Refused until the data, the mapping or a rule in Salesforce changes."""


class Gone(Permanent):
    """The record is deleted, was merged away, or never existed."""


class Misconfigured(SalesforceError):
    """A person must act on the connection before anything can be sent."""


class SignInRefused(Misconfigured):
    """Salesforce refuses the credentials, the app, or its user."""


class WrongOrganisation(Misconfigured):
    """The sign-in leads to another Salesforce organisation than the one this tenant is bound to."""


class Reaction(StrEnum):
    """What to do about one refused row."""

    RETRY = "retry"
    SPLIT = "split"
    PARENT = "parent"
    READ_BACK = "read back"
    GONE = "gone"
    HOLD = "hold"
    ALONG = "along"


_R, _S, _H = Reaction.RETRY, Reaction.SPLIT, Reaction.HOLD

REACTIONS: dict[str, Reaction] = {
    "UNABLE_TO_LOCK_ROW": _R,
    "TOO_MANY_APEX_REQUESTS": _R,
    "SERVER_UNAVAILABLE": _R,
    "UNKNOWN_EXCEPTION": _R,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": _R,
    "REQUEST_LIMIT_EXCEEDED": _R,
    "REQUEST_RUNNING_TOO_LONG": _S,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _S,
    "CANNOT_EXECUTE_FLOW_TRIGGER": _S,
    "APEX_ERROR": _S,
    "LIMIT_EXCEEDED": _S,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Reaction.ALONG,
    "PROCESSING_HALTED": Reaction.ALONG,
    "DUPLICATE_VALUE": Reaction.READ_BACK,
    "ENTITY_IS_DELETED": Reaction.GONE,
    "INVALID_CROSS_REFERENCE_KEY": Reaction.PARENT,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _H,
    "DUPLICATE_EXTERNAL_ID": _H,
    "DUPLICATES_DETECTED": _H,
    "INVALID_FIELD": _H,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _H,
    "REQUIRED_FIELD_MISSING": _H,
    "STRING_TOO_LONG": _H,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": _H,
    "FIELD_INTEGRITY_EXCEPTION": _H,
    "FIELD_FILTER_VALIDATION_EXCEPTION": _H,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _H,
    "NUMBER_OUTSIDE_VALID_RANGE": _H,
    "INVALID_EMAIL_ADDRESS": _H,
    "ENTITY_IS_LOCKED": _H,
    "INACTIVE_OWNER_OR_USER": _H,
    "STORAGE_LIMIT_EXCEEDED": _H,
}

ADVICE: dict[str, str] = {
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "A validation rule in Salesforce refuses this. Change the record here, or ask your "
        "Salesforce administrator to let the integration user bypass the rule."
    ),
    "REQUIRED_FIELD_MISSING": "Fill the field here, or make it optional in Salesforce.",
    "STRING_TOO_LONG": "Shorten the text here.",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        "Add the value to the picklist in Salesforce, or change it here."
    ),
    "DUPLICATES_DETECTED": "A duplicate rule in Salesforce blocks this. Merge or allow it there.",
    "DUPLICATE_VALUE": "Another record in Salesforce already has this unique value.",
    "DUPLICATE_EXTERNAL_ID": "Two records in Salesforce carry the same PRM id. Remove one there.",
    "INVALID_FIELD": "Run the Salesforce set-up again: a field is missing or not visible.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "Let the integration user edit this field in Salesforce.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "Give the integration user access to the parent record in Salesforce."
    ),
    "INVALID_CROSS_REFERENCE_KEY": (
        "The record it belongs to is not there, or the integration user cannot see it."
    ),
    "ENTITY_IS_DELETED": "Restore it from Salesforce's recycle bin, or create it again from here.",
    "ENTITY_IS_LOCKED": "An approval process holds the record. It goes when the approval ends.",
    "STORAGE_LIMIT_EXCEEDED": "The organisation's storage is full. Free space in Salesforce.",
    "UNABLE_TO_LOCK_ROW": "Somebody else was writing. It is tried again by itself.",
    "REQUEST_LIMIT_EXCEEDED": "The organisation's API calls are used up. It goes on by itself.",
}


@dataclass(frozen=True, slots=True)
class RowError:
    """Why Salesforce refused one row, in its own words."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def reaction(self) -> Reaction:
        """What to do about it; text inside the message can outweigh the code."""
        # A trigger or flow that meets a lock reports its own code and quotes the lock's.
        if "UNABLE_TO_LOCK_ROW" in self.message:
            return Reaction.RETRY
        if "Too many batch retries" in self.message:
            return Reaction.SPLIT
        if "Foreign key external ID" in self.message:
            return Reaction.PARENT
        return REACTIONS.get(self.code, Reaction.HOLD)

    @property
    def verbatim(self) -> str:
        """Salesforce's message as it is shown to people."""
        return f"{self.code}: {self.message}" if self.code else self.message


def advice_for(code: str) -> str:
    """Return what a person can do about a status code; empty when we know nothing better."""
    return ADVICE.get(code, "")


@dataclass(frozen=True, slots=True)
class Answer:
    """The part of an HTTP answer that classification needs."""

    status: int
    errors: tuple[RowError, ...] = field(default_factory=tuple)

    @property
    def first(self) -> RowError:
        """The error Salesforce names first."""
        return self.errors[0] if self.errors else RowError("", f"HTTP {self.status}")


_DEAD_TOKEN = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "INVALID_JWT_FORMAT"})
_NO_RIGHT = frozenset(
    {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INSUFFICIENT_ACCESS", "ORG_LOCKED",
     "TRIAL_EXPIRED", "TXN_SECURITY_NO_ACCESS"}
)  # fmt: skip


def read_errors(status: int, body: bytes) -> Answer:
    """Return what an error body says: array, object, SOAP-like object, HTML page or nothing."""
    text = body[:65_536].decode("utf-8", "replace")
    try:
        data: Any = json.loads(text)
    except ValueError:
        return Answer(status, (RowError("", _plain(text) or f"HTTP {status}"),))
    rows: Sequence[Any] = data if isinstance(data, list) else [data]
    errors = tuple(_row(row) for row in rows if isinstance(row, dict))
    return Answer(status, errors)


def _row(row: dict[str, Any]) -> RowError:
    code = row.get("errorCode") or row.get("statusCode") or row.get("exceptionCode")
    message = row.get("message") or row.get("exceptionMessage") or row.get("error_description")
    fields = row.get("fields")
    return RowError(
        str(code or row.get("error") or ""),
        str(message or row.get("error") or "no message"),
        tuple(str(name) for name in fields) if isinstance(fields, list) else (),
    )


def _plain(text: str) -> str:
    """Return the words of an HTML page, short enough for one line."""
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    words = title.group(1) if title else re.sub(r"<[^>]+>", " ", text)
    return " ".join(html.unescape(words).split())[:200]


def is_dead_token(answer: Answer) -> bool:
    """Whether a fresh token may cure this answer."""
    return answer.status == 401 and (not answer.first.code or answer.first.code in _DEAD_TOKEN)


def classify(answer: Answer, *, writes: bool, after: float | None = None) -> SalesforceError:
    """Return the error for an HTTP answer of 300 or more. `writes`: the request changes data."""
    status, error = answer.status, answer.first
    by_code = _by_code(answer, after)
    if by_code is not None:
        return by_code
    if status in (401, 420):
        # 420: the edge does not route this host (any more).
        return SignInRefused(error.message, code=error.code, status=status)
    if status >= 500 and status != 503 and writes:
        # The edge gave up, not necessarily the instance behind it.
        return UnknownOutcome(error.message, code=error.code, status=status, after=after)
    if status >= 500 or status == 429 or error.reaction is Reaction.RETRY:
        return Busy(error.message, code=error.code, status=status, after=after)
    if error.reaction is Reaction.GONE or status in (404, 410):
        return Gone(error.message, code=error.code, status=status)
    return Permanent(error.message, code=error.code, status=status)


def _by_code(answer: Answer, after: float | None) -> SalesforceError | None:
    code, message = answer.first.code, answer.first.message
    if code == "REQUEST_LIMIT_EXCEEDED":
        kind = Busy if "concurrent" in message.lower() else OutOfBudget
        return kind(message, code=code, status=answer.status, after=after)
    if code in _NO_RIGHT:
        return Misconfigured(message, code=code, status=answer.status)
    return None
