"""SQL access: one file, one connection, one lock.

Write-ahead logging keeps committed rows over a `kill -9`. All access takes the
lock, so readers never see half a transaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from prm.sandbox.kit.ids import make_id
from prm.sandbox.kit.types import Row, Value
from prm.sandbox.schema.models import Entity, Field

_TABLES = """
CREATE TABLE IF NOT EXISTS "_meta" (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_sequence" (prefix TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_session" (
    digest TEXT PRIMARY KEY, user_id TEXT NOT NULL, used REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_code" (
    digest TEXT PRIMARY KEY, user_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, challenge TEXT NOT NULL,
    made REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_grant" (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, used REAL NOT NULL);
CREATE TABLE IF NOT EXISTS "_granted" (digest TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_spent" (digest TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_custom" (
    full_name TEXT PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, metadata TEXT NOT NULL,
    position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS "_deletion" (
    object TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (object, id)) WITHOUT ROWID;
"""


class Store:
    """SQL access with nested transactions."""

    def __init__(self, path: str | Path, pod: str) -> None:
        """Open or create the file; `":memory:"` keeps everything in memory.

        `pod` marks the ids of a new file; an existing one keeps its own.
        """
        self.lock = threading.RLock()
        self._depth = 0
        self.db = sqlite3.connect(
            str(path), isolation_level=None, check_same_thread=False, cached_statements=512
        )
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(_TABLES)
        self.pod = self.meta("pod") or pod
        self.set_meta("pod", self.pod)

    def close(self) -> None:
        """Close the file; requests that still run will fail."""
        with self.lock:
            self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of the block or nothing of it; inside another transaction as a savepoint."""
        with self.lock:
            name = f"s{self._depth}"
            self.db.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self.db.execute("ROLLBACK")
                else:
                    self.db.execute(f"ROLLBACK TO {name}")
                    self.db.execute(f"RELEASE {name}")
                raise
            self._depth -= 1
            self.db.execute("COMMIT" if self._depth == 0 else f"RELEASE {name}")

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        """Run a statement; return the number of rows it touched."""
        with self.lock:
            return self.db.execute(sql, params).rowcount

    def tuples(self, sql: str, params: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Return the rows a query finds."""
        with self.lock:
            return self.db.execute(sql, params).fetchall()

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Return the rows a query finds, by column name."""
        with self.lock:
            cursor = self.db.execute(sql, params)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, values, strict=True)) for values in cursor]

    def row(self, sql: str, params: Sequence[Value] = ()) -> Row | None:
        """Return the first row by column name, or None."""
        found = self.rows(sql, params)
        return found[0] if found else None

    def value(self, sql: str, params: Sequence[Value] = ()) -> Value:
        """Return the first column of the first row, or None."""
        with self.lock:
            found = self.db.execute(sql, params).fetchone()
        return found[0] if found else None

    # Rows of objects

    def insert(self, entity: Entity, row: Row) -> None:
        """Put in a record as it stands."""
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        self.execute(f"INSERT INTO {entity.table} ({names}) VALUES ({marks})", list(row.values()))  # nosec B608 # names are our own, values are parameters

    def update(self, entity: Entity, record_id: str, changes: Row) -> None:
        """Change the named columns of a record."""
        names = ", ".join(f'"{name}" = ?' for name in changes)
        self.execute(f'UPDATE {entity.table} SET {names} WHERE "Id" = ?', [*changes.values(), record_id])  # nosec B608 # names are our own, values are parameters

    def get(self, entity: Entity, record_id: str) -> Row | None:
        """Return the record of that 18-character id, also one in the recycle bin."""
        return self.row(f'SELECT * FROM {entity.table} WHERE "Id" = ?', (record_id,))  # nosec B608 # names are our own, values are parameters

    def next_number(self, prefix: str) -> int:
        """Return the next number in the sequence of one key prefix, from 1."""
        sql = 'INSERT INTO "_sequence" VALUES (?, 1) ON CONFLICT (prefix) DO UPDATE SET last = last + 1 RETURNING last'
        with self.lock:
            return int(self.db.execute(sql, (prefix,)).fetchone()[0])

    def new_id(self, prefix: str) -> str:
        """Return the next record id with that key prefix."""
        return make_id(prefix, self.pod, self.next_number(prefix))

    # Small facts

    def meta(self, key: str) -> str | None:
        """Return a small fact of the org, or None."""
        found = self.value('SELECT value FROM "_meta" WHERE key = ?', (key,))
        return None if found is None else str(found)

    def set_meta(self, key: str, value: str) -> None:
        """Keep a small fact of the org."""
        self.execute(
            'INSERT INTO "_meta" VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
            (key, value),
        )

    # Tables

    def ensure_table(self, entity: Entity) -> None:
        """Create the object's table, or give it the columns it lacks."""
        columns = {str(row[1]) for row in self.tuples(f"PRAGMA table_info({entity.table})")}
        if not columns:
            definitions = [
                field.column + (" PRIMARY KEY NOT NULL" if field.type == "id" else "")
                for field in entity.fields.values()
            ]
            if entity.recycles:
                definitions.append('"_group" TEXT')
            self.execute(f"CREATE TABLE {entity.table} ({', '.join(definitions)})")
        else:
            for missing in [each for name, each in entity.fields.items() if name not in columns]:
                self.add_column(entity, missing)
        self.ensure_indexes(entity, entity.fields.values())
        self._index(entity, "stamp", '"SystemModstamp", "Id"')

    def add_column(self, entity: Entity, field: Field) -> None:
        """Add one column, its rows filled with the field's default."""
        columns = {str(row[1]) for row in self.tuples(f"PRAGMA table_info({entity.table})")}
        if field.name not in columns:
            self.execute(f"ALTER TABLE {entity.table} ADD COLUMN {field.column}")
        if field.type == "boolean":
            self.execute(f'UPDATE {entity.table} SET "{field.name}" = ?', (int(bool(field.default)),))  # nosec B608 # names are our own, values are parameters

    def ensure_indexes(self, entity: Entity, fields: Iterable[Field]) -> None:
        """Index what records are found by: keys and references."""
        for each in fields:
            audit = each.name in ("CreatedById", "LastModifiedById")
            if (each.keyed and each.type != "id") or (each.type == "reference" and not audit):
                self._index(entity, each.name, f'"{each.name}"')

    def _index(self, entity: Entity, name: str, columns: str) -> None:
        kind = "tooling " if entity.tooling else ""
        self.execute(f'CREATE INDEX IF NOT EXISTS "{kind}{entity.name} {name}" ON {entity.table} ({columns})')
