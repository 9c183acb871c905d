"""Own fields as columns of lists from files (`prm.bringing`)."""

from typing import Final

from prm.bringing import Column, Type, Values
from prm.ownfields.forms import key_of
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.rules import LONGEST_TEXT, PREFIX, Raw
from prm.ownfields.states import FieldType
from prm.ownfields.values import plain_of

_TYPES: Final = {
    FieldType.TEXT: Type.TEXT,
    FieldType.NUMBER: Type.NUMBER,
    FieldType.DATE: Type.DAY,
    FieldType.CHOICE: Type.CHOICE,
}


def columns_of(of: str) -> tuple[Column, ...]:
    """Return the own fields of a kind of record as columns of a list; each is found by its name and its key."""
    return tuple(_column(field) for field in here(of))


def _column(field: OwnField) -> Column:
    words = {choice.key: choice.word for choice in field.options}
    return Column(
        key=field.known_as,
        label=field.name,
        type=_TYPES[FieldType(field.type)],
        headings=(field.key.replace("_", ""),),
        longest=LONGEST_TEXT,
        choices=lambda: words,
    )


def own_of(values: Values) -> dict[str, Raw]:
    """Return what a row says of own fields, by key, as the services take it."""
    return {key: value for name, value in values.items() if (key := key_of(name))}


def present_in(of: str, record: object) -> dict[str, str]:
    """Return what a record has that has loaded its `own_values`, by column, as lists compare it; "" for nothing."""
    empty = {field.known_as: "" for field in here(of)}
    return {**empty, **{f"{PREFIX}{key}": value for key, value in plain_of(of, record).items()}}
