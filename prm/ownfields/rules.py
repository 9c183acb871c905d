"""Limits of own fields, and how a value is read, kept and written; no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from prm.core.days import BadDay, parse_day
from prm.core.errors import Refused
from prm.core.numbers import plain as plain_number
from prm.ownfields.states import FieldType

MOST_FIELDS: Final = 30
"""Most fields of one kind of record, archived ones too: a form with more is a form nobody fills in."""
MOST_CHOICES: Final = 60
LONGEST_NAME: Final = 60
LONGEST_WORD: Final = 80
LONGEST_TEXT: Final = 200
PLACES: Final = 4
UNITS: Final = 10**PLACES
"""So many units of a kept number make one."""
LARGEST: Final = Decimal(10) ** 13

PREFIX: Final = "own_"
"""Before the key of a field, where other things have names too: columns, filters, files."""

Raw: TypeAlias = "str | int | float | Decimal | date | None"
"""A value as a form, the API or a file gives it; None and "" for none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its key stays, its word may change; one that is not `offered` was put away."""

    key: str
    word: str
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as the database has it: one of the three."""

    text: str = ""
    number: int | None = None
    day: date | None = None


def stored(field_type: str, choices: Sequence[Choice], raw: Raw) -> Stored | None:
    """Return a value as it is kept, None for none. Raises `Refused` (no field named) with what to do."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if field_type == FieldType.NUMBER:
        return Stored(number=_units(raw))
    if field_type == FieldType.DATE:
        return Stored(day=_day(raw))
    if not isinstance(raw, str):
        raise Refused("This is a text.", code="invalid")
    text = " ".join(raw.split())
    if field_type == FieldType.CHOICE:
        return Stored(text=_choice(text, choices))
    if len(text) > LONGEST_TEXT:
        raise Refused(f"At most {LONGEST_TEXT} characters fit here.", code="max_length")
    return Stored(text=text)


def plain(field_type: str, value: Stored) -> str:
    """Write a kept value for programs: a text, `12.5`, `2026-11-23`, the key of a choice."""
    if field_type == FieldType.NUMBER and value.number is not None:
        return plain_number(to_number(value.number))
    if field_type == FieldType.DATE and value.day is not None:
        return value.day.isoformat()
    return value.text


def to_number(units: int) -> Decimal:
    """Return the number that is kept as so many ten-thousandths."""
    return Decimal(plain_number(Decimal(units).scaleb(-PLACES)))


def to_units(number: Decimal) -> int:
    """Return a number in ten-thousandths. Raises `Refused` for one that is too large or too fine."""
    if not number.is_finite() or abs(number) >= LARGEST:
        raise Refused(f"Numbers go up to {plain_number(LARGEST)} here.", code="max_value")
    units = number.scaleb(PLACES)
    if units != units.to_integral_value():
        raise Refused(f"At most {PLACES} digits stand behind the point.", code="max_decimal_places")
    return int(units)


def _units(raw: object) -> int:
    if isinstance(raw, bool | date):
        raise Refused("This is a number, as in 12.5.", code="invalid")
    try:
        number = raw if isinstance(raw, Decimal) else Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise Refused("This is a number, as in 12.5.", code="invalid") from error
    return to_units(number)


def _day(raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return parse_day(str(raw))
    except BadDay as error:
        raise Refused(str(error), code="invalid") from error


def _choice(text: str, choices: Sequence[Choice]) -> str:
    """Return the key of the choice that a text names, by key or by word; one put away is known still."""
    for choice in choices:
        if text in (choice.key, choice.word):
            return choice.key
    folded = text.casefold()
    for choice in choices:
        if folded in (choice.key.casefold(), choice.word.casefold()):
            return choice.key
    words = ", ".join(choice.word for choice in choices if choice.offered)
    raise Refused(f"“{text[:40]}” is no choice here; there are: {words[:300]}.", code="invalid_choice")
