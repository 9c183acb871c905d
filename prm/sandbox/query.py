"""Running queries: records with their attributes, pages and cursors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from prm.sandbox.access import Person
from prm.sandbox.cursors import Cursor
from prm.sandbox.errors import SandboxError
from prm.sandbox.soql import parse
from prm.sandbox.soql_compile import Compiled, Compiler
from prm.sandbox.values import show_value

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

PAGE = 2000
Body = dict[str, Any]


def attributes(base: str, entity_name: str, record_id: str) -> Body:
    """The ``attributes`` object of a record; ``base`` is ``/services/data/vNN.N``."""
    return {"type": entity_name, "url": f"{base}/sobjects/{entity_name}/{record_id}"}


def run_query(
    org: SandboxOrg,
    person: Person,
    soql: str,
    *,
    base: str,
    batch: int = PAGE,
    all_rows: bool = False,
    tooling: bool = False,
) -> Body:
    """The first page of a query's answer. Raises SandboxError for a bad query."""
    compiled = Compiler(org, person, parse(soql), tooling=tooling).compile(all_rows=all_rows)
    limit, offset = compiled.query.limit, compiled.query.offset
    if compiled.count_only:
        total = int(org.store.value(compiled.sql("count(*)"), compiled.params))
        total = max(0, total - offset)
        return {"totalSize": total if limit is None else min(total, limit), "done": True, "records": []}
    batch = min(max(batch, 200), PAGE)
    wanted = batch + 1 if limit is None else min(limit, batch + 1)
    tail = f" LIMIT {wanted} OFFSET {offset}"
    if compiled.aggregate:
        rows = org.store.tuples(compiled.sql(", ".join(compiled.select), tail=tail), compiled.params)
        return {"totalSize": len(rows), "done": True, "records": [_aggregate(compiled, row) for row in rows]}
    rows = org.store.tuples(compiled.sql(", ".join(compiled.select), tail=tail), compiled.params)
    _one_metadata(compiled, len(rows))
    if len(rows) <= batch:
        records = [_record(compiled, row, base) for row in rows]
        return {"totalSize": len(rows), "done": True, "records": records}
    everything = f" LIMIT {-1 if limit is None else limit} OFFSET {offset}"
    ids = [str(row[0]) for row in org.store.tuples(compiled.sql('t."Id"', tail=everything), compiled.params)]
    locator = org.cursors.open(Cursor(compiled, ids, batch, person.id, org.clock.now(), all_rows))
    return _page(org, org.cursors.get(locator, user_id=person.id, now=org.clock.now()), locator, 0, base)


def _one_metadata(compiled: Compiled, rows: int) -> None:
    """Metadata and FullName are read for one row at a time."""
    heavy = {"Metadata", "FullName"} & {column.field.name for column in compiled.columns if not column.path}
    if compiled.entity.tooling and heavy and rows > 1:
        raise SandboxError(
            "MALFORMED_QUERY",
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more "
            f"than one row for retrieval. Result size: {rows}",
        )


def next_page(org: SandboxOrg, person: Person, locator: str, *, base: str) -> Body:
    """A further page; ``locator`` is ``<cursor>-<position>``. INVALID_QUERY_LOCATOR when it is gone."""
    name, _, position = locator.rpartition("-")
    if not position.isdigit():
        raise SandboxError("INVALID_QUERY_LOCATOR", "invalid query locator")
    cursor = org.cursors.get(name, user_id=person.id, now=org.clock.now())
    return _page(org, cursor, name, int(position), base)


def _page(org: SandboxOrg, cursor: Cursor, locator: str, position: int, base: str) -> Body:
    ids = cursor.ids[position : position + cursor.batch]
    compiled = cursor.compiled
    # Rows are read now: a changed one shows its new values, one deleted since is left out.
    alive = ' AND t."IsDeleted" = 0' if compiled.entity.recycles and not cursor.all_rows else ""
    sql = (
        f"SELECT {', '.join(compiled.select)} FROM {compiled.source}"
        f' WHERE t."Id" IN (SELECT value FROM json_each(?)){alive}'
    )
    by_id = {row[0]: row for row in org.store.tuples(sql, (json.dumps(ids),))}
    body: Body = {"totalSize": len(cursor.ids), "done": position + cursor.batch >= len(cursor.ids)}
    if not body["done"]:
        kind = "queryAll" if cursor.all_rows else "query"
        body["nextRecordsUrl"] = f"{base}/{kind}/{locator}-{position + cursor.batch}"
    body["records"] = [_record(compiled, by_id[each], base) for each in ids if each in by_id]
    return body


def _aggregate(compiled: Compiled, row: tuple[Any, ...]) -> Body:
    shown = {
        column.name: show_value(column.field, value)
        for column, value in zip(compiled.columns, row, strict=True)
    }
    return {"attributes": {"type": "AggregateResult"}, **shown}


def _record(compiled: Compiled, row: tuple[Any, ...], base: str) -> Body:
    """A record with nested parents; a missing parent is null."""
    record: Body = {"attributes": attributes(base, compiled.entity.name, str(row[0]))}
    nested: dict[tuple[str, ...], Body | None] = {(): record}
    for (path, entity), parent_id in zip(compiled.parents[1:], row[1:], strict=False):
        holder = nested[tuple(path[:-1])]
        made = None if parent_id is None else {"attributes": attributes(base, entity.name, str(parent_id))}
        nested[tuple(path)] = made
        if holder is not None:
            holder[path[-1]] = made
    for column, value in zip(compiled.columns, row[len(compiled.parents) :], strict=True):
        target = nested[tuple(column.path)]
        if target is not None:
            target[column.field.name] = show_value(column.field, value)
    if record.get("Metadata"):
        record["Metadata"] = json.loads(record["Metadata"])
    return record
