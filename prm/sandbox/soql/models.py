"""The tree of a query. Places in the text (`at`) do not count when trees are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a comparison: `kind` is string, moment, date, number or word; `text` as written."""

    kind: str
    text: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`path operator value(s)`; `query` is set for a semi-join."""

    path: str
    operator: str
    values: tuple[Literal, ...]
    query: Query | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """NOT of a condition."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class Combine:
    """Conditions joined by AND or by OR."""

    joiner: str
    parts: tuple[Condition, ...]


Condition: TypeAlias = Compare | Negate | Combine


@dataclass(frozen=True, slots=True)
class Item:
    """A selected or grouped field, or an aggregate (`function` set)."""

    path: str
    function: str = ""
    alias: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Order:
    """One ORDER BY field."""

    path: str
    descending: bool = False
    nulls_last: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed SELECT."""

    items: tuple[Item, ...]
    entity: str
    where: Condition | None = None
    group: tuple[Item, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    entity_at: int = field(default=0, compare=False)

    @property
    def count_only(self) -> bool:
        """Whether only the number of records is asked for."""
        return len(self.items) == 1 and self.items[0].function == "COUNT" and not self.items[0].path

    @property
    def aggregate(self) -> bool:
        """Whether records are summed up."""
        return not self.count_only and (bool(self.group) or any(item.function for item in self.items))
