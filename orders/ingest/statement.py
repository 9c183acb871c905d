"""A set-based SQL statement of the import, and the temporary tables such statements work on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db import connection

T = TypeVar("T")
Value = None | bool | int | str | UUID | list[str] | list[int]
Values = Mapping[str, Value]
"""Parameters by name; `orders.ingest.sql.PARAMETERS` has their types in PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, with the names of all tables it reads and all it writes."""

    sql: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    def run(self, values: Values | None = None) -> int:
        """Execute it; return how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            count: int = cursor.rowcount
        return count

    def rows(self, shape: Callable[..., T], values: Values | None = None) -> list[T]:
        """Execute it; return its rows, each as `shape` of the columns in order."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            return [shape(*row) for row in cursor.fetchall()]

    def row(self, shape: Callable[..., T], values: Values | None = None) -> T:
        """Execute it; return its only row."""
        (found,) = self.rows(shape, values)
        return found

    def texts(self, values: Values | None = None) -> dict[str, str]:
        """Execute it; return the second of its two columns by the first."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class TemporaryTable:
    """A table of one transaction, which nobody else sees and which ends with it.

    `columns` maps names to types; `written_by` and `read_by` name modules of this package and
    functions of other apps.
    """

    name: str
    about: str
    columns: Mapping[str, str]
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]

    @property
    def create_sql(self) -> str:
        """The statements that make it anew and empty."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        return (
            f"DROP TABLE IF EXISTS pg_temp.{self.name};"
            f"CREATE TEMP TABLE {self.name} ({columns}) ON COMMIT DROP"
        )

    def copy_sql(self) -> str:
        """Return the COPY statement for all columns that are not computed."""
        given = [name for name, kind in self.columns.items() if "GENERATED" not in kind]
        return f"COPY pg_temp.{self.name} ({', '.join(given)}) FROM STDIN"


def create(*tables: TemporaryTable) -> None:
    """Make temporary tables anew, for the rest of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(table.create_sql for table in tables))


def analyze(table: TemporaryTable, *columns: str) -> None:
    """Tell the planner what a temporary table holds; without it joins go wrong."""
    which = f" ({', '.join(columns)})" if columns else ""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE pg_temp.{table.name}{which}")
