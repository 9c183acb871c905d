"""What a company may say of itself: each fact checked, as it is kept."""

from collections.abc import Callable, Mapping
from typing import Final

from django.core.exceptions import ValidationError

from prm.company.settings.colour import checked_colour
from prm.core.calendar import MONTH_NAMES, validate_timezone
from prm.core.errors import Refused
from prm.core.money import ISO_4217
from prm.core.notation.styles import BY_KEY

Value = str | int
Values = Mapping[str, Value]

LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "colour": "Colour",
    "logo": "Logo",
    "partner_noun": "One partner",
    "partner_noun_plural": "Several partners",
    "order_noun": "One order",
    "order_noun_plural": "Several orders",
    "currency": "Currency",
    "timezone": "Time zone",
    "year_starts": "Year starts in",
    "notation": "Numbers and dates",
    "second_step_required": "Second step required",
}
"""What people call each fact, in the order of the page."""

_ARTICLES: Final = frozenset({"a", "an", "the"})
_YES: Final = frozenset({"yes", "true", "1"})
_NO: Final = frozenset({"no", "false", "0"})
_LONGEST: Final = {"name": 120}
_LONGEST_WORD: Final = 40


def checked(field: str, value: Value) -> Value:
    """Return a fact as it is kept. Raises `Refused`, at its field, for what cannot be."""
    return _CHECKS.get(field, _word)(field, value)


def words_of(field: str, value: Value) -> str:
    """Return a fact for people: "July" for the month 7, "as usual" for a notation that nobody chose."""
    if field == "year_starts":
        return MONTH_NAMES[int(value) - 1]
    if field == "notation":
        return BY_KEY[str(value)].place if value in BY_KEY else str(value)
    if field == "second_step_required":
        return "yes" if value else "no"
    return str(value) or "none"


def check_together(values: Values) -> None:
    """Raise `Refused` where one word would mean two things."""
    for field in ("order_noun", "order_noun_plural"):
        partner = str(values[field.replace("order", "partner")])
        if str(values[field]).casefold() == partner.casefold():
            raise Refused(
                f"“{partner}” is the word for a partner already: an order needs another one.",
                field=field,
                code="same_word",
            )


def _text(field: str, value: Value) -> str:
    text = " ".join(str(value).split())
    if not text:
        raise Refused("This cannot be empty.", field=field, code="required")
    if len(text) > (most := _LONGEST.get(field, _LONGEST_WORD)):
        raise Refused(f"At most {most} characters fit here.", field=field, code="max_length")
    if not text.isprintable():
        raise Refused("A character here cannot be written.", field=field, code="invalid")
    return text


def _word(field: str, value: Value) -> str:
    text = _text(field, value)
    first = text.split()[0].casefold()
    if first in _ARTICLES:
        raise Refused(f"Write the word without “{first}”.", field=field, code="article")
    if not any(sign.isalpha() for sign in text):
        raise Refused("A word has letters.", field=field, code="invalid")
    return text


def _currency(field: str, value: Value) -> str:
    code = str(value).strip().upper()
    if code not in ISO_4217:
        raise Refused(f"“{code[:20]}” is no currency code of ISO 4217.", field=field, code="unknown_currency")
    return code


def _zone(field: str, value: Value) -> str:
    try:
        validate_timezone(str(value))
    except ValidationError as error:
        raise Refused(error.messages[0], field=field, code="unknown_zone") from error
    return str(value)


def _month(field: str, value: Value) -> int:
    if not (str(value).isascii() and str(value).isdigit() and 1 <= int(value) <= 12):
        raise Refused("A month is a number from 1 to 12.", field=field, code="range")
    return int(value)


def _notation(field: str, value: Value) -> str:
    if value not in BY_KEY:
        keys = ", ".join(key for key in BY_KEY if key)
        raise Refused(f"Choose one of: {keys}; or nothing for the usual one.", field=field, code="invalid")
    return str(value)


def _yes_no(field: str, value: Value) -> bool:
    """Return yes or no, as a program says it or as a command does."""
    said = str(value).strip().lower()
    if said not in _YES | _NO:
        raise Refused("Say yes or no.", field=field, code="invalid")
    return said in _YES


def _colour(field: str, value: Value) -> str:
    del field  # the check names it
    return checked_colour(str(value))


_CHECKS: Final[Mapping[str, Callable[[str, Value], Value]]] = {
    "name": _text,
    "currency": _currency,
    "timezone": _zone,
    "year_starts": _month,
    "notation": _notation,
    "colour": _colour,
    "second_step_required": _yes_no,
}
FIELDS: Final = tuple(field for field in LABELS if field != "logo")
