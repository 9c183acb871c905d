"""The fields that a tenant has added to its records, as fields that it may map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Record
from datetime import date
from decimal import Decimal
from typing import Protocol

from prm.mapping import Direction, Field, Here, Kind, Touch

PREFIX = "own_"
_KINDS = {"text": Kind.TEXT, "number": Kind.NUMBER, "date": Kind.DATE, "choice": Kind.PICKLIST}
_SCALE = 4


class OwnChoice(Protocol):
    """One choice of a field: its key, and its word, by which it goes there."""

    @property
    def key(self) -> str:
        """Its name to programs."""

    @property
    def word(self) -> str:
        """Its name to people."""


class Own(Protocol):
    """A field of a tenant's own."""

    name: str
    type: str

    @property
    def key(self) -> str:
        """Its name to programs."""

    @property
    def options(self) -> Sequence[OwnChoice]:
        """The choices it has."""


def offered(fields: Iterable[Own], *, comes_back: bool = False) -> list[Field]:
    """Return own fields as fields that may be mapped and are not by themselves; `comes_back`: both ways."""
    return [
        Field(
            here=f"{PREFIX}{each.key}",
            there="",
            label=each.name,
            kind=_KINDS.get(each.type, Kind.TEXT),
            scale=_SCALE if each.type == "number" else 0,
            direction=Direction.BOTH if comes_back else Direction.PUSH,
        )
        for each in fields
    ]


def values(fields: Iterable[Own], plain: Record[str, str]) -> dict[str, Here]:
    """Return values as the mapping reads them, of values as programs do: a choice by its word, "" for none."""
    found: dict[str, Here] = {}
    for each in fields:
        said = plain.get(each.key, "")
        found[f"{PREFIX}{each.key}"] = _value(each, said) if said else None
    return found


def _value(field: Own, said: str) -> Here:
    if field.type == "number":
        return Decimal(said)
    if field.type == "date":
        return date.fromisoformat(said)
    if field.type == "choice":
        return next((choice.word for choice in field.options if choice.key == said), said)
    return said


def touches(table: str, record: str, *, records: str = "", only: str = "") -> tuple[Touch, Touch]:
    """Return what own fields of a kind of record rest on: their values, and the fields themselves (words of choices).

    `record` is the column of the record in the table of values. Where it is not a record of the mapping in any case,
    `records` selects it by a value's row `r`, and `only` is the same as a condition on a value's row `v`.
    """
    also = f" AND {only}" if only else ""
    having = f"SELECT v.{record} FROM {table} v WHERE v.tenant_id = r.tenant_id AND v.field_id = r.id{also}"  # nosec B608 # names are our own, values are parameters
    return (
        Touch(table=table, record=record, watch=("field_id", "text", "number", "day"), records=records),
        Touch(table="ownfields_ownfield", watch=("choices", "is_archived"), records=having),
    )


def taken(changes: Record[str, Here]) -> dict[str, str]:
    """Return those of changed values that are of own fields, by key, as `ownfields.values.write` takes them."""
    return {
        name.removeprefix(PREFIX): "" if value is None else str(value)
        for name, value in changes.items()
        if name.startswith(PREFIX)
    }
