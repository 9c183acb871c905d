"""What a literal means for a field: its stored form, or the range of days it names."""

from __future__ import annotations

import datetime as dt
import re

from prm.sandbox.kit.clock import parse_moment, stamp_text
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.ids import to18
from prm.sandbox.kit.types import Value
from prm.sandbox.schema.models import NUMBER_TYPES, Field
from prm.sandbox.soql.dates import literal_range
from prm.sandbox.soql.errors import invalid_field, located
from prm.sandbox.soql.models import Literal

MAX_LITERAL = 4000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_BARE_TYPES = (*NUMBER_TYPES, "boolean", "date", "datetime")


def decode_string(literal: Literal, *, like: bool = False) -> str:
    r"""Return the value of a quoted string. For LIKE it is an SQL pattern whose escape is a backslash."""
    raw = literal.text[1:-1]

    def plain(escape: re.Match[str]) -> str:
        follower = escape.group(1)
        if follower in _ESCAPES:
            return "\\\\" if like and follower == "\\" else _ESCAPES[follower]
        if like and follower in "%_":
            return "\\" + follower
        if len(follower) == 5:
            return chr(int(follower[1:], 16))
        raise SandboxError(
            "MALFORMED_QUERY",
            f"Invalid string literal '{raw}'. Illegal character sequence '\\{follower}' in string literal '{raw}'",
        )

    return _ESCAPE.sub(plain, raw)


def is_text(field: Field) -> bool:
    """Tell whether literals for the field stand in quotes."""
    return field.type not in _BARE_TYPES


def day_range(field: Field, literal: Literal, today: dt.date) -> tuple[str, str] | None:
    """Return the half-open range in stored form that a date literal names for the field, or None."""
    if literal.kind != "word" or field.type not in ("date", "datetime"):
        return None
    days = literal_range(literal.text, today)
    if days is None:
        return None
    clock = "T00:00:00Z" if field.type == "datetime" else ""
    return f"{days[0]}{clock}", f"{days[1]}{clock}"


class Literals:
    """Reads the literals of one query of `text`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, field: Field, literal: Literal, *, tooling: bool = False) -> Value:
        """Return the stored form of a literal; INVALID_FIELD when its kind does not fit the field.

        The catalogue's (`tooling`) ids have forms of their own.
        """
        word = literal.text.lower() if literal.kind == "word" else ""
        if word == "null":
            return None
        if field.type == "boolean" and word in ("true", "false"):
            return int(word == "true")
        if field.type in NUMBER_TYPES and literal.kind == "number":
            return float(literal.text)
        if field.type == "date" and literal.kind == "date":
            return self._day(literal)
        if field.type == "datetime" and literal.kind in ("moment", "date"):
            return self._moment(literal)
        if is_text(field) and literal.kind == "string":
            return self._string(field, literal, tooling=tooling)
        raise self._wrong(field, literal)

    def _string(self, field: Field, literal: Literal, *, tooling: bool) -> str | None:
        text = decode_string(literal)
        if len(text) > MAX_LITERAL:
            raise SandboxError("MALFORMED_QUERY", f"string literal longer than {MAX_LITERAL} characters")
        if field.type not in ("id", "reference") or tooling:
            return text or None
        normal = to18(text)
        if text and normal is None:
            message = located(self._text, literal.at, f"invalid ID field: {text}")
            raise SandboxError("INVALID_QUERY_FILTER_OPERATOR", message)
        return normal

    def _day(self, literal: Literal) -> str:
        try:
            return dt.date.fromisoformat(literal.text).isoformat()
        except ValueError:
            raise invalid_field(self._text, literal.at, f"invalid date: {literal.text}") from None

    def _moment(self, literal: Literal) -> str:
        text = literal.text.upper() if literal.kind == "moment" else f"{self._day(literal)}T00:00:00Z"
        moment = parse_moment(text)
        if moment is None:
            raise invalid_field(self._text, literal.at, f"invalid dateTime: {literal.text}")
        return stamp_text(moment)

    def _wrong(self, field: Field, literal: Literal) -> SandboxError:
        kind = {"datetime": "dateTime", "currency": "double", "percent": "double"}.get(field.type, field.type)
        quotes = "should be enclosed in quotes" if is_text(field) else "should not be enclosed in quotes"
        kind = "string" if is_text(field) and kind not in ("id", "reference") else kind
        message = f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes}"
        return invalid_field(self._text, literal.at, message)
