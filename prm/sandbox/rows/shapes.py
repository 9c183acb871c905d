"""A record as JSON."""

from __future__ import annotations

from collections.abc import Iterable

from prm.sandbox.access.models import View
from prm.sandbox.kit.errors import no_such_column
from prm.sandbox.kit.types import JsonObject, Row
from prm.sandbox.query.shapes import attributes
from prm.sandbox.schema.models import Entity, Field
from prm.sandbox.schema.values import show_value


def _field(entity: Entity, view: View, name: str) -> Field:
    found = view.find(name)
    if found is None:
        raise no_such_column(name, entity.name)
    return found


def show_record(entity: Entity, view: View, row: Row, *, base: str, wanted: Iterable[str] = ()) -> JsonObject:
    """Return a record with the wanted fields, or all this user can see."""
    fields = [_field(entity, view, name) for name in wanted] or list(view.fields.values())
    shown = {each.name: show_value(each, row[each.name]) for each in fields}
    return {"attributes": attributes(base, entity.name, str(row["Id"])), **shown, "Id": row["Id"]}


def stamp_of(row: Row) -> str:
    """Return the stamp that conditional headers compare."""
    return str(row.get("LastModifiedDate") or row["SystemModstamp"])


def done(record_id: str, **more: bool) -> JsonObject:
    """Return the result of one write that succeeded."""
    return {"id": record_id, "success": True, "errors": [], **more}
