"""Rows of a result as JSON records."""

from __future__ import annotations

import json
from collections.abc import Sequence

from prm.sandbox.kit.types import JsonObject, Value
from prm.sandbox.schema.values import show_value
from prm.sandbox.soql.compiler import Compiled


def attributes(base: str, entity_name: str, record_id: str) -> JsonObject:
    """Return the `attributes` object of a record; `base` is `/services/data/vNN.N`."""
    return {"type": entity_name, "url": f"{base}/sobjects/{entity_name}/{record_id}"}


def summary(compiled: Compiled, row: Sequence[Value]) -> JsonObject:
    """Return one row of an aggregated result."""
    shown = {
        column.name: show_value(column.field, value)
        for column, value in zip(compiled.columns, row, strict=True)
    }
    return {"attributes": {"type": "AggregateResult"}, **shown}


def record(compiled: Compiled, row: Sequence[Value], base: str) -> JsonObject:
    """Return a record with nested parents; a missing parent is null."""
    made: JsonObject = {"attributes": attributes(base, compiled.entity.name, str(row[0]))}
    nested: dict[tuple[str, ...], JsonObject | None] = {(): made}
    for (path, entity), parent_id in zip(compiled.parents[1:], row[1:], strict=False):
        holder = nested[path[:-1]]
        parent: JsonObject | None = None
        if parent_id is not None:
            parent = {"attributes": attributes(base, entity.name, str(parent_id))}
        nested[path] = parent
        if holder is not None:
            holder[path[-1]] = parent
    for column, value in zip(compiled.columns, row[len(compiled.parents) :], strict=True):
        target = nested[column.path]
        if target is not None:
            target[column.name] = show_value(column.field, value)
    metadata = made.get("Metadata")
    if isinstance(metadata, str):
        made["Metadata"] = json.loads(metadata)
    return made
