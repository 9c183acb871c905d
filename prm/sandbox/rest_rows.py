"""/sobjects: describe, single records by id and by external id, updated and deleted."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Any

from prm.sandbox.clock import parse_stamp, stamp_text
from prm.sandbox.dml import Writer
from prm.sandbox.errors import SandboxError, entity_is_deleted, malformed_id, no_such_column, not_found
from prm.sandbox.ids import to18
from prm.sandbox.messages import Call, Response
from prm.sandbox.query import attributes
from prm.sandbox.schema import Entity, label_of
from prm.sandbox.values import parse_moment, show_value

Row = dict[str, Any]


def entity_named(call: Call, name: str, right: str = "read") -> Entity:
    """The object in the path; an unknown one is a 404 here, not INVALID_TYPE."""
    try:
        return call.org.access.entity(call.person, name, right)
    except SandboxError as error:
        raise not_found() if error.code == "INVALID_TYPE" else error from None


# Describe


def describe_global(call: Call) -> Response:
    """All objects this user can see."""
    if _unmodified(call, call.org.schema_stamp):
        return Response(304)
    shown = []
    for entity in call.org.entities.values():
        rights = call.org.access.rights(call.person, entity)
        if rights["read"]:
            shown.append(entity.summary(call.base, rights=rights))
    return Response(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown})


def object_info(call: Call, name: str) -> Response:
    """GET of the object itself: its summary and nothing recent."""
    entity = entity_named(call, name)
    rights = call.org.access.rights(call.person, entity)
    return Response(200, {"objectDescribe": entity.summary(call.base, rights=rights), "recentItems": []})


def describe(call: Call, name: str) -> Response:
    """The object with the fields this user can see; 304 when nothing changed since."""
    entity = entity_named(call, name)
    if _unmodified(call, call.org.schema_stamp):
        return Response(304)
    view = call.org.access.view(call.person, entity)
    rights = call.org.access.rights(call.person, entity)
    body = entity.summary(call.base, rights=rights)
    body["fields"] = [each.describe(editable=each.name in view.editable) for each in view.fields.values()]
    body["recordTypeInfos"] = []
    body["childRelationships"] = [
        {
            "childSObject": child.name,
            "field": each.name,
            "cascadeDelete": each.cascade,
            "relationshipName": None,
        }
        for child in call.org.entities.values()
        for each in child.fields.values()
        if entity.name in each.reference_to
    ]
    modified = parse_stamp(call.org.schema_stamp).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Response(200, body, {"Last-Modified": modified})


def _header_moment(call: Call, name: str) -> dt.datetime | None:
    text = call.request.headers.get(name)
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        raise SandboxError("MALFORMED_HEADER", f"{name}: not a valid HTTP date: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _unmodified(call: Call, stamp: str) -> bool:
    since = _header_moment(call, "if-modified-since")
    return since is not None and parse_stamp(stamp) <= since


def _guard(call: Call, row: Row) -> None:
    """If-Unmodified-Since: whole seconds, against LastModifiedDate."""
    since = _header_moment(call, "if-unmodified-since")
    stamp = row.get("LastModifiedDate") or row["SystemModstamp"]
    if since is not None and parse_stamp(stamp) > since:
        raise SandboxError(
            "PRECONDITION_FAILED", "The record has been modified since the given date", status=412
        )


# Records


def show_record(call: Call, entity: Entity, row: Row, wanted: list[str] | None = None) -> Row:
    """A record as JSON with the wanted fields, or all this user can see."""
    view = call.org.access.view(call.person, entity)
    fields = list(view.fields.values())
    if wanted is not None:
        fields = []
        for name in wanted:
            found = view.find(name)
            if found is None:
                raise no_such_column(name, entity.name)
            fields.append(found)
    shown = {each.name: show_value(each, row[each.name]) for each in fields}
    return {"attributes": attributes(call.base, entity.name, str(row["Id"])), **shown, "Id": row["Id"]}


def _wanted(call: Call) -> list[str] | None:
    names = call.request.query.get("fields")
    return [name.strip() for name in names.split(",") if name.strip()] if names else None


def create(call: Call, name: str) -> Response:
    """POST of one record."""
    entity = entity_named(call, name)
    record_id = call.writer().insert(entity.name, call.request.json_object())
    call.records = 1
    location = f"{call.base}/sobjects/{entity.name}/{record_id}"
    return Response(201, {"id": record_id, "success": True, "errors": []}, {"Location": location})


def stored_row(call: Call, entity: Entity, record_id: str) -> Row:
    """The row as kept, also one in the recycle bin; a malformed or unknown id raises SandboxError."""
    normal = to18(record_id)
    if normal is None:
        raise malformed_id(record_id)
    row = call.org.store.get(entity, normal)
    if row is None:
        raise not_found()
    return row


def read(call: Call, name: str, record_id: str) -> Response:
    """GET of one record; one in the recycle bin is not found."""
    entity = entity_named(call, name)
    row = stored_row(call, entity, record_id)
    if row.get("IsDeleted"):
        raise not_found()
    return _answer_record(call, entity, row)


def _answer_record(call: Call, entity: Entity, row: Row) -> Response:
    stamp = row.get("LastModifiedDate") or row["SystemModstamp"]
    if _unmodified(call, stamp):
        return Response(304)
    modified = parse_stamp(stamp).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Response(200, show_record(call, entity, row, _wanted(call)), {"Last-Modified": modified})


def update(call: Call, name: str, record_id: str) -> Response:
    """PATCH of one record by id."""
    entity = entity_named(call, name)
    row = stored_row(call, entity, record_id)
    if row.get("IsDeleted"):
        raise entity_is_deleted()
    _guard(call, row)
    values = call.request.json_object()
    if any(key.lower() == "id" for key in values):
        raise SandboxError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
    call.writer().update(entity.name, str(row["Id"]), values)
    call.records = 1
    return Response(204)


def delete(call: Call, name: str, record_id: str) -> Response:
    """DELETE of one record by id."""
    entity = entity_named(call, name)
    call.writer().delete(record_id, entity.name)
    call.records = 1
    return Response(204)


# Records by external id


def _by_key(call: Call, name: str, key: str, value: str) -> tuple[Entity, Row | Response]:
    """The one record, or the 300 answer that lists several."""
    entity = entity_named(call, name)
    writer = Writer(call.org, call.person)
    field = writer.key_field(entity, key)
    alive = ' AND "IsDeleted" = 0' if entity.recycles else ""
    rows = call.org.store.rows(f'SELECT * FROM {entity.table} WHERE "{field.name}" = ?{alive}', (value,))
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return entity, Response(300, [f"{call.base}/sobjects/{entity.name}/{row['Id']}" for row in rows])
    return entity, rows[0]


def read_by_key(call: Call, name: str, key: str, value: str) -> Response:
    """GET by external id."""
    entity, found = _by_key(call, name, key, value)
    return found if isinstance(found, Response) else _answer_record(call, entity, found)


def delete_by_key(call: Call, name: str, key: str, value: str) -> Response:
    """DELETE by external id."""
    entity, found = _by_key(call, name, key, value)
    if isinstance(found, Response):
        return found
    return delete(call, entity.name, str(found["Id"]))


def upsert_by_key(call: Call, name: str, key: str, value: str) -> Response:
    """PATCH /sobjects/X/Key/value: 201 created, 200 updated (204 before version 46), 300 ambiguous."""
    entity = entity_named(call, name)
    values = call.request.json_object()
    writer = call.writer()
    field = writer.key_field(entity, key)
    for given in values:
        if given.lower() in ("id", field.name.lower()):
            raise SandboxError(
                "INVALID_FIELD", f"The {given} field should not be specified in the sobject data."
            )
    try:
        _, found = _by_key(call, name, key, value)
    except SandboxError:
        found = {}
    if isinstance(found, Response):
        return found
    if found:
        _guard(call, found)
    record_id, created = writer.upsert(
        entity.name, field.name, value, values, update_only=call.flag("updateOnly")
    )
    call.records = 1
    if not created and call.version < 46:
        return Response(204)
    body = {"id": record_id, "success": True, "errors": [], "created": created}
    return Response(201 if created else 200, body)


def upsert_by_nothing(call: Call, name: str) -> Response:
    """POST /sobjects/X/Id: an upsert with an empty key, that is a create."""
    answer = create(call, name)
    return Response(201, {**answer.body, "created": True}, answer.headers)


# Replication windows


def _window(call: Call, days: int) -> tuple[str, str]:
    """The bounds start and end, cut to the minute; INVALID_REPLICATION_DATE outside what is kept."""
    now = call.org.clock.now()
    bounds = []
    for name in ("start", "end"):
        moment = parse_moment(call.request.query.get(name, "").replace(" ", "+"))
        if moment is None:
            raise SandboxError("INVALID_REPLICATION_DATE", f"{name} is missing or no date")
        bounds.append(moment.astimezone(dt.UTC).replace(second=0, microsecond=0))
    start, end = bounds
    if end - start < dt.timedelta(minutes=1):
        raise SandboxError("INVALID_REPLICATION_DATE", "startDate must be at least one minute before endDate")
    if now - start > dt.timedelta(days=days):
        raise SandboxError(
            "INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago: {stamp_text(start)}"
        )
    return stamp_text(start), stamp_text(min(end, now))


def _replicated(call: Call, name: str) -> Entity:
    entity = entity_named(call, name)
    if not entity.replicateable:
        raise SandboxError("INVALID_TYPE", f"{label_of(entity.name)} is not replicateable")
    return entity


def updated(call: Call, name: str) -> Response:
    """Ids of living records stamped inside the window, both minutes included."""
    entity = _replicated(call, name)
    start, end = _window(call, 30)
    alive = ' AND "IsDeleted" = 0' if entity.recycles else ""
    until = stamp_text(parse_stamp(end) + dt.timedelta(minutes=1))
    found = call.org.store.tuples(
        f'SELECT "Id" FROM {entity.table} WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ?{alive}',
        (start, until),
    )
    return Response(200, {"ids": [row[0] for row in found], "latestDateCovered": _shown(_covered(call, end))})


def deleted(call: Call, name: str) -> Response:
    """Deletions inside the window, as long as their log is kept."""
    entity = _replicated(call, name)
    start, end = _window(call, 15)
    until = stamp_text(parse_stamp(end) + dt.timedelta(minutes=1))
    found = call.org.store.tuples(
        'SELECT id, at FROM "_deletion" WHERE object = ? AND at >= ? AND at < ? ORDER BY at',
        (entity.name, start, until),
    )
    earliest = stamp_text(call.org.clock.now() - dt.timedelta(days=15))
    records = [{"id": record_id, "deletedDate": _shown(at)} for record_id, at in found]
    covered = _shown(_covered(call, end))
    return Response(
        200,
        {"deletedRecords": records, "earliestDateAvailable": _shown(earliest), "latestDateCovered": covered},
    )


def _covered(call: Call, end: str) -> str:
    """Held back to the start of a transaction that still runs."""
    running = call.org.running_since
    return min(end, stamp_text(running)) if running else end


def _shown(stamp: str) -> str:
    return stamp[:-1] + ".000+0000"
