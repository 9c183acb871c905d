"""Cells become values: one form for each type of column, or a sentence that says why not."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from activities.lists.reading.columns import heading_key
from activities.lists.reading.readings import Choice
from orders.ingest.errors import BadCell
from orders.ingest.reading.dates import canonical_moment
from orders.ingest.reading.identifiers import DATE_CELL, referral_code
from orders.ingest.reading.numbers import LARGEST_PRICE, canonical_number, currency_in
from orders.ingest.reading.texts import NULL, clean, shown
from orders.ingest.states import RejectReason
from prm.bringing import Column, Found, Type
from prm.core.notation.reader import figure
from prm.core.words.unseen import plain

_YES: Final = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "ja",
        "j",
        "oui",
        "o",
        "si",
        "s",
        "sim",
        "active",
        "aktiv",
        "wahr",
        "vrai",
    ]
)
_NO: Final = frozenset(
    ["no", "n", "false", "f", "0", "nein", "non", "nao", "inactive", "inaktiv", "falsch", "faux"]
)
_LONGEST_TEXT: Final = 10_000
# Dates may lie so far ahead: opportunities and plans do.
_AHEAD: Final = timedelta(days=9 * 366)
_FORMULA: Final = re.compile(r"=\s*[A-Za-z+\-(\d@\"]")


class Unreadable(Exception):
    """A cell that is no value of its column; the message is for people."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when: the tenant's zone, day and currency."""

    zone: ZoneInfo
    today: date
    currency: str = ""


def read_cell(column: Column, raw: str, how: Choice, context: Context) -> str:
    """Return the value of a cell, "" for a blank one; the word itself where rows are looked for. Raises `Unreadable`."""
    try:
        text = _as_text(raw)
        return _READERS[column.type](column, text, how, context) if text else ""
    except BadCell as bad:
        raise Unreadable(bad.message) from bad


def _as_text(raw: str) -> str:
    text = clean(raw)
    # As our own files of rejects write what begins like a formula.
    if text.startswith("'") and text[1:2] in "=+-@":
        text = text[1:]
    if _FORMULA.match(text):
        raise Unreadable(
            f"{shown(text)!r} is a formula and not its value. Save the sheet with values and send it again."
        )
    return text if text.isascii() else plain(text)


def _text(column: Column, text: str, how: Choice, context: Context) -> str:
    line = " ".join(text.removesuffix(DATE_CELL).split())
    if len(line) > column.longest:
        raise Unreadable(f"{column.label} has at most {column.longest} characters; this one has {len(line)}.")
    return line


def _long(column: Column, text: str, how: Choice, context: Context) -> str:
    if len(text) > _LONGEST_TEXT:
        raise Unreadable(f"{column.label} has at most {figure(_LONGEST_TEXT)} characters.")
    return text


def _code(column: Column, text: str, how: Choice, context: Context) -> str:
    return _text(column, referral_code(text, column.label.lower()), how, context)


def _email(column: Column, text: str, how: Choice, context: Context) -> str:
    address = text.lower().removeprefix("mailto:")
    try:
        validate_email(address)
    except ValidationError:
        raise Unreadable(f"{shown(text)!r} is no e-mail address.") from None
    return _text(column, address, how, context)


def _url(column: Column, text: str, how: Choice, context: Context) -> str:
    address = text if "://" in text else f"https://{text}"
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        raise Unreadable(f"{shown(text)!r} is no address of a website.") from None
    return _text(column, address, how, context)


def _moment(column: Column, text: str, how: Choice, context: Context) -> str:
    try:
        moment = canonical_moment(text, how["formats"], zone=context.zone, today=context.today + _AHEAD)
    except BadCell as bad:
        if bad.reason != RejectReason.DATE_OUT_OF_RANGE:
            raise
        raise Unreadable(f"{shown(text)!r} is too long ago or too far ahead to be right.") from bad
    return datetime.fromisoformat(f"{moment}:00").astimezone(UTC).isoformat()


def _day(column: Column, text: str, how: Choice, context: Context) -> str:
    return (
        datetime.fromisoformat(_moment(column, text, how, context))
        .astimezone(context.zone)
        .date()
        .isoformat()
    )


def _number(column: Column, text: str, how: Choice, context: Context) -> str:
    if (named := currency_in(text)) and context.currency not in ("", named):
        raise Unreadable(
            f"{shown(text)!r} is in {named}, and amounts here are in {context.currency}. Convert it first."
        )
    number = canonical_number(
        text, how["mark"] or ".", limit=LARGEST_PRICE, places=6, what=column.label.lower()
    )
    return "" if number == NULL else number


def _whole(column: Column, text: str, how: Choice, context: Context) -> str:
    number = _number(column, text, how, context)
    if number and Decimal(number) != int(Decimal(number)):
        raise Unreadable(f"{shown(text)!r} is no whole number.")
    return number and str(int(Decimal(number)))


def _yes_no(column: Column, text: str, how: Choice, context: Context) -> str:
    word = heading_key(text)
    if word not in _YES | _NO:
        raise Unreadable(f"{shown(text)!r} is neither yes nor no.")
    return "yes" if word in _YES else "no"


def _choice(column: Column, text: str, how: Choice, context: Context) -> str:
    choices = column.choices()
    word = heading_key(text)
    for value, label in choices.items():
        if word in (heading_key(value), heading_key(label)):
            return value
    raise Unreadable(f"{shown(text)!r} is not one of: {', '.join(choices.values())}.")


def _id(column: Column, text: str, how: Choice, context: Context) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Unreadable(f"{shown(text)!r} is no id of ours.") from None


_READERS: Final[Mapping[Type, Callable[[Column, str, Choice, Context], str]]] = {
    Type.TEXT: _text, Type.LONG: _long, Type.CODE: _code, Type.EMAIL: _email, Type.PHONE: _text, Type.URL: _url,
    Type.DAY: _day, Type.MOMENT: _moment, Type.WHOLE: _whole, Type.NUMBER: _number, Type.YES_NO: _yes_no,
    Type.CHOICE: _choice, Type.ROW: _text, Type.ID: _id,
}  # fmt: skip


def rows_meant(column: Column, words: Collection[str]) -> Mapping[str, Found]:
    """Return the rows that words of a column mean; each is asked for once."""
    asked = {word for word in words if word}
    return column.rows(asked) if asked else {}


def places_of(columns: Mapping[str, int]) -> Sequence[int]:
    """Return the places of the columns chosen, in the order of the file."""
    return sorted(set(columns.values()))
