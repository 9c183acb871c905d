"""What is about to be written, by whom and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from prm.sandbox.access.models import Person
from prm.sandbox.kit.clock import stamp_text
from prm.sandbox.kit.types import Row
from prm.sandbox.schema.models import Entity


@dataclass(frozen=True)
class Signature:
    """Who writes, and the moment that all stamps of one call carry."""

    person: Person
    moment: dt.datetime

    @cached_property
    def stamp(self) -> str:
        """The moment in the stored form."""
        return stamp_text(self.moment)

    def modified(self, entity: Entity) -> Row:
        """Return the fields that a change of a record moves."""
        stamps: Row = {"SystemModstamp": self.stamp}
        if entity.audited:
            stamps |= {"LastModifiedDate": self.stamp, "LastModifiedById": self.person.id}
        return stamps


@dataclass(slots=True)
class Change:
    """A record on its way into the org: rules read and alter `row`."""

    entity: Entity
    row: Row
    old: Row | None
    given: set[str]
    signature: Signature

    def moved(self, *names: str) -> bool:
        """Tell whether one of the fields differs from before; True for a new record."""
        return self.old is None or any(self.row.get(name) != self.old.get(name) for name in names)

    def number(self, name: str) -> float:
        """Return a number of the row; 0 when it is empty."""
        value = self.row[name]
        return value if isinstance(value, int | float) else 0

    def text(self, name: str) -> str:
        """Return a text of the row; an empty one when it has none."""
        return str(self.row[name] or "")
