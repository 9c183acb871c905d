"""What a person types as the third value of a conflict, and what of two values differs. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prm.core.days import BadDay, parse_day, parse_local
from prm.core.errors import Refused
from prm.core.numbers import BadNumber, parse_amount
from prm.mapping import BadValue, Field, Here, Kind, Mapping, Normal

NUMBERS: Final = frozenset({Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT})
_YES: Final = frozenset({"yes", "true", "on", "1"})
_NO: Final = frozenset({"no", "false", "off", "0"})


def typed(one: Field, text: str, *, timezone: str) -> Normal:
    """Return the value that somebody typed for a field, in its comparable form; nothing typed is nothing.

    `timezone` (IANA) is the one in which moments are typed. Raises `Refused` (field `value`) for what is no value of
    the field's kind, and for what does not fit in Salesforce; what does not fit here is refused by the service.
    """
    text = text.strip()
    if not text:
        return None
    try:
        value = _read(one, text, timezone)
        if isinstance(value, str) and len(value) > one.room and one.kind not in NUMBERS:
            raise Refused(
                f"{one.words}: at most {one.room} characters fit in Salesforce; these are {len(value)}.",
                field="value",
                code="too_long",
            )
        normal = one.normal(value)
    except (BadNumber, BadDay) as error:
        raise Refused(f"{one.words}: {error}", field="value", code="invalid") from error
    except BadValue as error:
        raise Refused(f"{one.words}: this is no value for it.", field="value", code="invalid") from error
    if words := one.unfit(normal):
        raise Refused(words, field="value", code="too_long")
    return normal


def _read(one: Field, text: str, timezone: str) -> Here:
    if one.kind in NUMBERS:
        return parse_amount(text.removesuffix("%").rstrip())
    if one.kind is Kind.DATE:
        return parse_day(text)
    if one.kind is Kind.MOMENT:
        return parse_local(text, timezone)
    if one.kind is Kind.FLAG:
        return _flag(one, text)
    if one.kind is Kind.EMAIL and ("@" not in text or " " in text):
        raise Refused(f"{one.words}: write the address as name@example.com.", field="value", code="invalid")
    return text


def _flag(one: Field, text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise Refused(f"{one.words}: answer yes or no.", field="value", code="invalid")
    return text.lower() in _YES


def may_type(mapping: Mapping, one: Field) -> bool:
    """Whether a third value makes sense: a reference to another record is only chosen from the two sides."""
    return one.kind is not Kind.OWNER and all(parent.there != one.there for parent in mapping.parents)


def input_type(one: Field) -> str:
    """Return the kind of input that HTML has for a field."""
    return {Kind.DATE: "date", Kind.EMAIL: "email", Kind.PHONE: "tel"}.get(one.kind, "text")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shown value; `differs` marks what the other value does not have."""

    text: str
    differs: bool = False


def marked(value: str, other: str) -> Sequence[Piece]:
    """Return a value in pieces, with the part marked in which it differs from another one (the last agreed).

    Words stay whole: from the middle of a word the mark is moved to its beginning and its end.
    """
    if not value or value == other:
        return [Piece(value)] if value else []
    start = _alike(value, other)
    end = _alike(value[start:][::-1], other[start:][::-1])
    while start and _joins(value, start):
        start -= 1
    while end and _joins(value, len(value) - end):
        end -= 1
    parts = [
        Piece(value[:start]),
        Piece(value[start : len(value) - end], differs=True),
        Piece(value[len(value) - end :]),
    ]
    return [one for one in parts if one.text]


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _joins(value: str, place: int) -> bool:
    """Whether a cut here would go through a word."""
    return 0 < place < len(value) and value[place - 1].isalnum() and value[place].isalnum()
