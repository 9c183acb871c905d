"""The kinds of values that go to Salesforce and come from it, and their forms. Pure.

Values exist in three forms:

=======  ==========================================================================
here     what the app's `read` gives and its `apply` takes: str, Decimal, int, date,
         aware datetime, bool, UUID (a reference) or None
normal   one JSON scalar per value (str, bool or None) in which equal means equal on
         both sides; the only form that is compared and stored as "last agreed value"
wire     what a Salesforce record carries: str, number, bool or None
=======  ==========================================================================

Normalisation follows what Salesforce does to a value when it stores it, because a value it
changes by storing would otherwise look edited for ever: text is trimmed and becomes null when
empty, line ends become LF, numbers are rounded half up to the field's scale, moments lose their
fraction of a second and are in UTC.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping as Record
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Stays:
    """Instead of a value that is not to go there as it is (an amount in another currency), with the reason in a sentence."""

    reason: str


Here = str | int | float | Decimal | bool | dt.date | dt.datetime | UUID | Stays | None
Normal = str | bool | None
Wire = str | int | float | bool | None


class Kind(StrEnum):
    """The type of a Salesforce field, by its name in Salesforce's Metadata API.

    `RECORD_TYPE` is the reference by which a record says of which record type it is; people name those by developer
    name, and ids differ between organisations. `OWNER` is a reference to a Salesforce user; here it is a member's id.
    """

    TEXT = "Text"
    LONG_TEXT = "LongTextArea"
    PICKLIST = "Picklist"
    EMAIL = "Email"
    PHONE = "Phone"
    URL = "Url"
    NUMBER = "Number"
    CURRENCY = "Currency"
    PERCENT = "Percent"
    DATE = "Date"
    MOMENT = "DateTime"
    FLAG = "Checkbox"
    RECORD_TYPE = "RecordType"
    OWNER = "Owner"


TEXTS: Final = frozenset(
    {
        Kind.TEXT,
        Kind.LONG_TEXT,
        Kind.PICKLIST,
        Kind.EMAIL,
        Kind.PHONE,
        Kind.URL,
        Kind.RECORD_TYPE,
        Kind.OWNER,
    }
)
NUMBERS: Final = frozenset({Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT})

ROOM: Final[Record[Kind, int]] = {Kind.EMAIL: 80, Kind.PHONE: 40, Kind.URL: 255}
"""Characters that Salesforce's own kinds of text take, however they are declared."""

DIGITS: Final = 18
"""Digits of a number in Salesforce, before and after the point."""


class BadValue(ValueError):
    """A value does not have the type its field declares."""


class Way(StrEnum):
    """What is done to a text on its way there; both sides are compared in that form."""

    AS_IS = "as_is"
    DIGITS = "digits"
    UPPER = "upper"
    LOWER = "lower"

    def go(self, text: str) -> str:
        """Return the text as it arrives."""
        if self is Way.DIGITS:
            return re.sub(r"\D", "", text, flags=re.ASCII)
        if self is Way.UPPER:
            return text.upper()
        return text.lower() if self is Way.LOWER else text


@dataclass(frozen=True, slots=True)
class ValueTable:
    """Which value of theirs each of ours is: (ours, theirs) pairs, `""` for nothing; what is in no pair stays as it is.

    Of several pairs with one value of ours the first says what is sent; the others mean the same when they come from
    there. Of several values of ours that are one there, the one of that very name comes back, else the first.
    `aliases` are (theirs, ours) pairs of the declaration, for values that no pair names.
    """

    pairs: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()

    def sent(self, ours: str) -> str:
        """Return what goes there for a value of ours."""
        for mine, theirs in self.pairs:
            if mine == ours:
                return theirs
        return dict(self.aliases).get(ours, ours)

    def theirs(self, theirs: str) -> str:
        """Return a value there as the one that we send and that means the same."""
        mine = [ours for ours, other in self.pairs if other == theirs]
        if not mine:
            return self.sent(dict(self.aliases).get(theirs, theirs)) if theirs not in self._named else theirs
        return theirs if any(self.sent(one) == theirs for one in mine) else self.sent(mine[0])

    def ours(self, theirs: str) -> str:
        """Return the value here that a value there is."""
        mine = [ours for ours, other in self.pairs if other == theirs]
        return theirs if not mine or theirs in mine else mine[0]

    @property
    def _named(self) -> set[str]:
        """Values of ours that are others there: one there of the same name is not meant by them."""
        return {ours for ours, _theirs in self.pairs}


def stored_text(value: object) -> str:
    """Return a text as Salesforce stores it."""
    return str(value).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def is_record_type(text: str) -> bool:
    """Whether a text is the id of a record type, and no name that nobody could find."""
    return text.startswith("012") and len(text) in (15, 18)


def comparable(kind: Kind, scale: int, value: object) -> Normal:
    """Return the comparable form of a value that is no text; `BadValue` when it has none."""
    if kind in NUMBERS:
        return _number(value, scale)
    if kind is Kind.FLAG:
        return bool(value)
    return _date(value) if kind is Kind.DATE else _moment(value)


def _number(value: object, scale: int) -> str | None:
    if isinstance(value, str) and not value.strip():
        return None
    try:
        number = Decimal(str(value))
        rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise BadValue(f"{value!r} is not a number.") from error
    if not rounded.is_finite():
        raise BadValue(f"{value!r} is not a number.")
    # Minus zero equals zero on both sides, so it must also read the same.
    return format(rounded + 0 if rounded else abs(rounded), "f")


def _date(value: object) -> str | None:
    if isinstance(value, dt.datetime):
        raise BadValue("a moment has no date without a time zone.")
    if isinstance(value, dt.date):
        return value.isoformat()
    if value == "":
        return None
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadValue(f"{value!r} is not a date.") from error


def _moment(value: object) -> str | None:
    if value == "":
        return None
    try:
        moment = value if isinstance(value, dt.datetime) else parse_moment(str(value))
    except ValueError as error:
        raise BadValue(f"{value!r} is not a date and time.") from error
    if moment.tzinfo is None:
        raise BadValue(f"{value!r} has no time zone.")
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> dt.datetime:
    """Read Salesforce's `2026-11-23T09:12:33.000+0000` (or any ISO form); without zone it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
