"""Rules for faults.

A rule is a JSON object. Every rule has a `kind`; what it applies to is narrowed by `object`, for
requests also `method` and `path` (regular expression, searched), `after` (let so many matches pass
first), `times` (how often it strikes; 1 for requests, unlimited for rows) and `probability` (0..1,
drawn from `seed`).

Request kinds; one that meets a request within a composite strikes the composite
    status          answer `status` with `body` (JSON or text) and `headers`
    html            answer `status` (503) with an HTML maintenance page
    lose_before     close the connection, nothing done
    lose_after      do everything, then close the connection without an answer
    truncate        do everything, then send half of the body
    delay           wait `seconds` before the work; with `"when": "after"`, after it
    token_death     end the caller's session, so that the call gets INVALID_SESSION_ID
    limit_daily     403 REQUEST_LIMIT_EXCEEDED, the daily flavour
    limit_concurrent  the same code, the other flavour

Row kinds, narrowed further by `operation` (insert, update, delete) and `when`, a
mapping of field to value the new row must have
    row_lock        UNABLE_TO_LOCK_ROW
    validation      FIELD_CUSTOM_VALIDATION_EXCEPTION with `message` and `field`
    row_error       any `code`, `message` and `fields`
    late_commit     the row is stamped `seconds` before it becomes visible
    duplicate_rule  DUPLICATES_DETECTED with the living records that agree in all fields of
                    `match`; of `action` "alert" (the caller may pass it by allowSave) or "block"
    flow            an after-save flow: `set` field → value, or `revert` a list of fields
                    to the value before this write; runs in the same transaction as the writer
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field

from prm.sandbox.faults.errors import BadRule
from prm.sandbox.kit.types import Json, JsonObject, Row, as_number, as_object

REQUEST_KINDS = frozenset(
    {
        "status",
        "html",
        "lose_before",
        "lose_after",
        "truncate",
        "delay",
        "token_death",
        "limit_daily",
        "limit_concurrent",
    }
)
ROW_KINDS = frozenset({"row_lock", "validation", "row_error", "late_commit", "flow", "duplicate_rule"})
_COMMON = {"kind", "method", "path", "object", "after", "times", "probability", "seed", "name"}
_OWN = {
    "status": {"status", "body", "headers"},
    "html": {"status"},
    "delay": {"seconds", "when"},
    "row_lock": {"operation", "when"},
    "validation": {"operation", "when", "message", "field"},
    "row_error": {"operation", "when", "code", "message", "fields"},
    "late_commit": {"operation", "when", "seconds"},
    "flow": {"operation", "when", "set", "revert"},
    "duplicate_rule": {"operation", "when", "match", "action", "message"},
}


@dataclass(slots=True)
class Rule:
    """One fault and how often it has struck."""

    kind: str
    options: JsonObject
    number: int
    seen: int = 0
    struck: int = 0
    draw: random.Random = field(default_factory=random.Random)

    @property
    def times(self) -> int | None:
        """How often it strikes; None for always."""
        given = self.options.get("times")
        if given is None:
            return 1 if self.kind in REQUEST_KINDS else None
        return None if given in (0, "always") else int(as_number(given))

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it should."""
        return self.times is not None and self.struck >= self.times

    def strikes(self) -> bool:
        """Tell whether a matching call is hit, and count it."""
        if self.spent:
            return False
        self.seen += 1
        if self.seen <= as_number(self.options.get("after")):
            return False
        if self.draw.random() >= as_number(self.options.get("probability"), 1):
            return False
        self.struck += 1
        return True

    def show(self) -> JsonObject:
        """Return the rule with its counts."""
        return {"number": self.number, **self.options, "seen": self.seen, "struck": self.struck}


class FaultPlan:
    """The rules of one org, in order; safe to change while requests run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._number = 0

    def add(self, **options: Json) -> int:
        """Lay a fault and return its number; raise BadRule for an unknown kind or option."""
        kind = str(options.get("kind", ""))
        if kind not in REQUEST_KINDS | ROW_KINDS:
            raise BadRule(f"unknown kind {kind!r}; known: {', '.join(sorted(REQUEST_KINDS | ROW_KINDS))}")
        common = _COMMON if kind in REQUEST_KINDS else _COMMON - {"method", "path"}
        unknown = set(options) - common - _OWN.get(kind, set())
        if unknown:
            raise BadRule(f"kind {kind} has no option {', '.join(sorted(unknown))}")
        try:
            re.compile(str(options.get("path", "")))
        except re.error as error:
            raise BadRule(f"path is no regular expression: {error}") from None
        with self._lock:
            self._number += 1
            draw = random.Random(as_number(options.get("seed"), 1))  # noqa: S311 # nosec B311 # repeatable, no secret
            rule = Rule(kind, dict(options), self._number, draw=draw)
            self._rules.append(rule)
            return rule.number

    def clear(self, number: int | None = None) -> None:
        """Take away one fault, or all of them."""
        with self._lock:
            self._rules = [rule for rule in self._rules if number is not None and rule.number != number]

    def show(self) -> list[JsonObject]:
        """Return all rules with their counts."""
        with self._lock:
            return [rule.show() for rule in self._rules]

    def for_request(self, method: str, path: str, entity: str) -> list[Rule]:
        """Return the request faults that strike this call; several may (a delay and a loss, say)."""
        with self._lock:
            return [
                rule
                for rule in self._rules
                if rule.kind in REQUEST_KINDS
                and _call_matches(rule.options, method, path, entity)
                and rule.strikes()
            ]

    def for_row(self, kinds: set[str], operation: str, entity: str, row: Row) -> list[Rule]:
        """Return the row faults of these kinds that strike this record."""
        if not self._rules:
            return []
        with self._lock:
            return [
                rule
                for rule in self._rules
                if rule.kind in kinds
                and _row_matches(rule.options, operation, entity, row)
                and rule.strikes()
            ]


def _call_matches(options: JsonObject, method: str, path: str, entity: str) -> bool:
    return (
        str(options.get("method", method)).upper() == method
        and re.search(str(options.get("path", "")), path) is not None
        and str(options.get("object", entity)).lower() == entity.lower()
    )


def _row_matches(options: JsonObject, operation: str, entity: str, row: Row) -> bool:
    if str(options.get("object", entity)).lower() != entity.lower():
        return False
    if options.get("operation", operation) != operation:
        return False
    return all(row.get(name) == value for name, value in as_object(options.get("when")).items())
