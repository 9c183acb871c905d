"""The shapes of values: JSON as it travels, rows as they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"
Value: TypeAlias = str | int | float | None
Row: TypeAlias = dict[str, Value]


def as_object(value: Json) -> JsonObject:
    """Return the value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """Return the value when it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def as_number(value: Json, default: float = 0.0) -> float:
    """Return a number or a numeral as a number; `default` for nothing. Raise ValueError for other things."""
    if value is None:
        return default
    if isinstance(value, int | float | str):
        return float(value)
    raise ValueError(f"{value!r} is no number")


def text_or_empty(value: Json) -> str:
    """Return the value as text; an empty one for null, false, 0 and empty things."""
    return str(value) if value else ""
