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

`codes.Reaction` says the same for one row of a collections answer. What each of Salesforce's status codes means
and who cures it stands in `codes.py`; a code that is not there is permanent and is not hammered.

What is repeated of an answer: its code, if it looks like one, and the field that Salesforce documents for
people (`message` beside `errorCode`, `statusCode` or `exceptionCode`), as plain text of one line and at most
`LONGEST` characters, because validation rules speak to people there. It is escaped like any text. Nothing of
HTML pages, of other JSON, and of answers to a sign-in (`refusals.py`): those are said in words of ours.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prm.salesforce.wire import codes
from prm.salesforce.wire.codes import Reaction


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
    """Salesforce refuses the credentials, the app, or its user. `refusal` is the key of the cause in `refusals.py`."""

    def __init__(self, message: str, *, code: str = "", status: int = 0, refusal: str = "") -> None:
        super().__init__(message, code=code, status=status)
        self.refusal = refusal


class WrongOrganisation(Misconfigured):
    """The sign-in leads to another Salesforce organisation (`found`) than the one this tenant is bound to."""

    def __init__(self, message: str, *, found: str = "") -> None:
        super().__init__(message)
        self.found = found


LONGEST = 500
"""Characters of one message of Salesforce's that are kept: a validation rule's has at most 255."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


def plain(words: object) -> str:
    """Return text of another system as one line: no control or direction marks, at most `LONGEST` characters."""
    text = str(words)[: 4 * LONGEST]
    seen = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    line = " ".join(seen.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def parsed(body: bytes) -> object:
    """Return the JSON of a body; `None` for anything else."""
    try:
        value: object = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value


@dataclass(frozen=True, slots=True)
class RowError:
    """Why Salesforce refused one row, in its own words; `matches` are the records that a duplicate rule named."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    matches: tuple[tuple[str, str], ...] = ()

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
        found = codes.CODES.get(self.code)
        return found.reaction if found else Reaction.HOLD


def advice_for(code: str) -> str:
    """Return what a person can do about a status code; empty when we know nothing better."""
    found = codes.known(code)
    return found.advice if found else ""


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
    {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "ORG_LOCKED",
     "TRIAL_EXPIRED", "TXN_SECURITY_NO_ACCESS"}
)  # fmt: skip


def read_errors(status: int, body: bytes) -> Answer:
    """Return what an error body says: array, object, SOAP-like object; nothing of an HTML page."""
    return answer_of(status, parsed(body[:65_536]))


def answer_of(status: int, data: object) -> Answer:
    """Return what the JSON of an error body says."""
    rows: Sequence[object] = data if isinstance(data, list) else [data]
    errors = tuple(row_error(row, f"HTTP {status}") for row in rows[:200] if isinstance(row, dict))
    return Answer(status, errors)


def row_error(row: Mapping[str, object], otherwise: str = "no message") -> RowError:
    """Return the error in Salesforce's documented fields, `otherwise` where they hold no words."""
    found = row.get("errorCode") or row.get("statusCode") or row.get("exceptionCode")
    code = _code(found)
    message = row.get("message") or row.get("exceptionMessage")
    words = plain(message) if code and isinstance(message, str) else ""
    fields = row.get("fields")
    names = [name for name in map(_code, fields) if name] if isinstance(fields, list) else []
    return RowError(code or _code(row.get("error")), words or otherwise, tuple(names[:50]), _matches(row))


_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")


def _matches(row: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return id and name of the records that a duplicate rule found; its key was misspelt from v50 to v56."""
    result = row.get("duplicateResult") or row.get("duplicateResut")
    groups = result.get("matchResults") if isinstance(result, dict) else None
    found: dict[str, str] = {}
    for group in groups if isinstance(groups, list) else ():
        records = group.get("matchRecords") if isinstance(group, dict) else None
        for each in records if isinstance(records, list) else ():
            record = each.get("record") if isinstance(each, dict) else None
            if isinstance(record, dict) and isinstance(record.get("Id"), str) and _ID.fullmatch(record["Id"]):
                found[record["Id"]] = plain(record["Name"]) if isinstance(record.get("Name"), str) else ""
    return tuple(found.items())[:20]


def _code(value: object) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


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
