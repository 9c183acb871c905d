"""Tables whose rows name a partner, and what becomes of these rows when the partner is merged into another.

Each app says it of its own tables in `partner_tables.py`, as `PARTNER_TABLES`; the app config registers them.
`tests/partners/merges/test_every_table.py` walks the database and fails for a table that nobody named.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from prm.core import registry
from prm.core.types import Json
from prm.tenancy.base import TenantModel

#: Nouns of rows that no person knows of: they move, and nobody is told how many.
UNSAID: Final = ("", "")

OnMoved = Callable[[str, int], None]
"""Told what kind of rows moves, in the words for many, and how many just did."""


def unheard(_words: str, _rows: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Which rows a merge moved, by id, and what putting them back needs to know beside."""

    ids: Sequence[UUID] = ()
    notes: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerTable:
    """A column that names a partner. `because`: why its rows stay with the merged partner."""

    table: str
    column: str = "partner_id"
    because: str = ""

    @property
    def key(self) -> str:
        """Return the name under which the log of merges keeps its rows."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedTable(PartnerTable):
    """A column whose rows go to the survivor.

    `nouns` names one and many of them. `count` says how many a partner has, `move(merged, survivor)` moves
    them, `put_back(moved, merged, survivor)` brings back those of them that can be, and says how many.
    Lower `order` moves first and is put back last. `sends_on`: rows that come late are sent on by the database.
    """

    nouns: tuple[str, str]
    count: Callable[[UUID], int]
    move: Callable[[UUID, UUID], Moved]
    put_back: Callable[[Moved, UUID, UUID], int]
    order: int = 50
    sends_on: bool = False
    one_per: tuple[str, ...] = ()


def stays(table: str, *columns: str, because: str) -> list[PartnerTable]:
    """Declare columns whose rows are left as they are."""
    return [
        PartnerTable(table=table, column=column, because=because) for column in columns or ("partner_id",)
    ]


def _same(fields: Sequence[str]) -> Q:
    """Keep rows that have the same values as the row around in these fields."""
    return Q(**{field: OuterRef(field) for field in fields})


def moved_rows(
    model: type[TenantModel],
    name: str = "partner",
    *,
    nouns: tuple[str, str],
    one_per: tuple[str, ...] = (),
    not_beside: str = "",
    order: int = 50,
    sends_on: bool | None = None,
) -> MovedTable:
    """Declare that the rows of a model move, by its reference `name`.

    `one_per`: of rows with the same values of these fields a partner has one; where both have one, that of the merged stays.
    `not_beside`: a row whose other reference is the survivor stays. `sends_on`: by default true for `partner_id`.
    """
    column = str(model._meta.get_field(name).attname)  # type: ignore[union-attr]  # a reference has one
    rows = model._default_manager

    def count(partner_id: UUID) -> int:
        return int(rows.filter(**{name: partner_id}).count())

    def move(merged: UUID, survivor: UUID) -> Moved:
        theirs = rows.filter(**{name: merged})
        if one_per:
            theirs = theirs.exclude(Exists(rows.filter(_same(one_per), **{name: survivor})))
        if not_beside:
            theirs = theirs.exclude(**{not_beside: survivor})
        ids = list(theirs.order_by("pk").values_list("pk", flat=True))
        rows.filter(pk__in=ids).update(**{name: survivor})
        return Moved(ids)

    def put_back(moved: Moved, merged: UUID, survivor: UUID) -> int:
        return int(rows.filter(Q(pk__in=list(moved.ids)), **{name: survivor}).update(**{name: merged}))

    return MovedTable(
        table=model._meta.db_table,
        column=column,
        nouns=nouns,
        count=count,
        move=move,
        put_back=put_back,
        order=order,
        sends_on=column == "partner_id" if sends_on is None else sends_on,
        one_per=one_per,
    )


_tables: dict[str, PartnerTable] = {}


def register(tables: Iterable[PartnerTable]) -> None:
    """Add tables; the same column twice is a mistake in the code and raises ValueError."""
    registry.add(_tables, tables, "columns that name partners")


def tables() -> list[PartnerTable]:
    """Return all that were declared."""
    return list(_tables.values())


def moved_tables() -> list[MovedTable]:
    """Return those whose rows move, in the order in which they do."""
    found = [table for table in _tables.values() if isinstance(table, MovedTable)]
    return sorted(found, key=lambda table: (table.order, table.key))


def noun_for(words: str, count: int) -> str:
    """Return the noun that fits a number, of the words for many."""
    ones = {table.nouns[1]: table.nouns[0] for table in moved_tables()}
    return ones.get(words, words) if count == 1 else words
