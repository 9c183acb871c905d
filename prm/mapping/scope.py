"""Which records of a mapping are kept in step: by what an app lets a tenant choose, and what one has chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Test(StrEnum):
    """How a record is held against what was chosen.

    `VALUES`: it has one of some values. `FLAG`: something is so. `MOMENT` and `DAY`: it is not older than so many
    months, by a moment or by a calendar day.
    """

    VALUES = "values"
    FLAG = "flag"
    MOMENT = "moment"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """Something by which a tenant chooses which records are kept in step.

    `sql` is an expression on the row `r` of the record's own table: text for `VALUES`, a condition for `FLAG`, a moment
    or a day otherwise. Its columns are watched, so that a record that enters or leaves is dirty. `options` are values
    with their words, for the tenant in scope; with `is_open` others are taken too. `outside` says in a sentence why a
    record is left out; “{}” in it stands for the number of months.
    """

    key: str
    label: str
    test: Test
    sql: str
    outside: str
    options: Callable[[], Sequence[tuple[str, str]]] | None = None
    is_open: bool = False

    @property
    def is_aged(self) -> bool:
        """Whether it asks how old a record is."""
        return self.test in (Test.MOMENT, Test.DAY)


def aged(what: str, sql: str, test: Test = Test.MOMENT) -> Aspect:
    """Return the aspect of how old a record may be; `what` befell it then, in words ("placed")."""
    words = f"It was {what} before the last {{}} months."
    return Aspect(key="months", label=f"{what.capitalize()} in the last", test=test, sql=sql, outside=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a tenant has chosen to be kept in step of one kind of record; as it is made: everything.

    `only` holds the values that are taken, by aspect (of a flag or an age none, or the number of months). `is_off`:
    nothing at all.
    """

    is_off: bool = False
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.is_off and not self.only


EVERYTHING = Scope()
OFF = "off"
"""Why a record is left out of which nothing is kept in step; others are left out by the key of an aspect."""
BELONGS = "belongs"
"""Why a record is left out that belongs to one that is."""
