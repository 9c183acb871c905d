"""What a query answers: its first page, and the pages after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from prm.sandbox.access.models import Access, Person
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import JsonObject, Value
from prm.sandbox.query.definitions import Definitions
from prm.sandbox.query.models import Cursor, Cursors, invalid_locator
from prm.sandbox.query.shapes import record, summary
from prm.sandbox.schema.models import Schema
from prm.sandbox.soql.compiler import Compiled, Compiler
from prm.sandbox.soql.parser import parse
from prm.sandbox.store.models import Store

PAGE, SMALLEST_PAGE = 2000, 200


@dataclass(frozen=True, slots=True)
class Queries:
    """Runs the queries of one org."""

    schema: Schema
    store: Store
    access: Access
    clock: Clock
    cursors: Cursors
    definitions: Definitions

    def run(
        self,
        person: Person,
        soql: str,
        *,
        base: str,
        batch: int = PAGE,
        all_rows: bool = False,
        tooling: bool = False,
    ) -> JsonObject:
        """Return the first page of a query's answer; raise SandboxError for a bad query."""
        today = self.clock.now().date()
        compiler = Compiler(self.schema, self.access, person, soql, today, tooling=tooling)
        compiled = compiler.compile(parse(soql), all_rows=all_rows)
        if compiled.entity.tooling:
            self.definitions.refresh()
        if compiled.query.count_only:
            return self._count(compiled)
        batch = min(max(batch, SMALLEST_PAGE), PAGE)
        limit = compiled.query.limit
        rows = self._rows(compiled, batch + 1 if limit is None else min(limit, batch + 1))
        if compiled.query.aggregate:
            records = [summary(compiled, row) for row in rows]
            return {"totalSize": len(records), "done": True, "records": records}
        _check_metadata(compiled, len(rows))
        if len(rows) <= batch:
            return {
                "totalSize": len(rows),
                "done": True,
                "records": [record(compiled, row, base) for row in rows],
            }
        tail = f" LIMIT {-1 if limit is None else limit} OFFSET {compiled.query.offset}"
        found = self.store.tuples(compiled.sql('t."Id"', tail=tail), compiled.params)
        ids = [str(row[0]) for row in found]
        cursor = Cursor(compiled, ids, batch, person.id, self.clock.now(), all_rows)
        return self._page(cursor, self.cursors.open(cursor), 0, base)

    def _count(self, compiled: Compiled) -> JsonObject:
        counted = self.store.value(compiled.sql("count(*)"), compiled.params)
        total = max(0, int(counted or 0) - compiled.query.offset)
        limit = compiled.query.limit
        return {"totalSize": total if limit is None else min(total, limit), "done": True, "records": []}

    def _rows(self, compiled: Compiled, most: int) -> list[tuple[Value, ...]]:
        tail = f" LIMIT {most} OFFSET {compiled.query.offset}"
        return self.store.tuples(compiled.sql(", ".join(compiled.select), tail=tail), compiled.params)

    def next_page(self, person: Person, locator: str, *, base: str) -> JsonObject:
        """Return a further page; `locator` is `<cursor>-<position>`. INVALID_QUERY_LOCATOR when it is gone."""
        name, _, position = locator.rpartition("-")
        if not position.isdigit():
            raise invalid_locator()
        cursor = self.cursors.get(name, user_id=person.id, now=self.clock.now())
        return self._page(cursor, name, int(position), base)

    def _page(self, cursor: Cursor, locator: str, position: int, base: str) -> JsonObject:
        compiled, until = cursor.compiled, position + cursor.batch
        ids = cursor.ids[position:until]
        body: JsonObject = {"totalSize": len(cursor.ids), "done": until >= len(cursor.ids)}
        if not body["done"]:
            kind = "queryAll" if cursor.all_rows else "query"
            body["nextRecordsUrl"] = f"{base}/{kind}/{locator}-{until}"
        rows = self._rows_of(cursor, ids)
        body["records"] = [record(compiled, rows[each], base) for each in ids if each in rows]
        return body

    def _rows_of(self, cursor: Cursor, ids: Sequence[str]) -> dict[str, tuple[Value, ...]]:
        """Read the rows now: a changed one shows its new values, one deleted since is left out."""
        compiled = cursor.compiled
        alive = ' AND t."IsDeleted" = 0' if compiled.entity.recycles and not cursor.all_rows else ""
        sql = (
            f"SELECT {', '.join(compiled.select)} FROM {compiled.source}"
            f' WHERE t."Id" IN (SELECT value FROM json_each(?)){alive}'  # nosec B608 # names are our own, values are parameters
        )
        return {str(row[0]): row for row in self.store.tuples(sql, (json.dumps(ids),))}


def _check_metadata(compiled: Compiled, rows: int) -> None:
    """Refuse to read Metadata and FullName of more than one row at a time."""
    heavy = {"Metadata", "FullName"} & {column.field.name for column in compiled.columns if not column.path}
    if compiled.entity.tooling and heavy and rows > 1:
        raise SandboxError(
            "MALFORMED_QUERY",
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more "
            f"than one row for retrieval. Result size: {rows}",
        )
