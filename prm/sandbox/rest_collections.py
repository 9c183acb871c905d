"""/composite/sobjects: many records in one call, each with its own result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from prm.sandbox.dml import Writer
from prm.sandbox.errors import SandboxError, json_error
from prm.sandbox.ids import to18
from prm.sandbox.messages import Call, Response
from prm.sandbox.rest_rows import entity_named, show_record

Row = dict[str, Any]
MAX_RECORDS, MAX_CHUNKS, MAX_RETRIEVED = 200, 10, 2000
_ROLLED_BACK = SandboxError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


class _RollBackError(Exception):
    """Leaves the transaction of an all-or-none call."""


def _failure(error: SandboxError) -> Row:
    return {"success": False, "errors": [error.as_row()]}


def _success(record_id: str) -> Row:
    return {"id": record_id, "success": True, "errors": []}


def _records(call: Call) -> tuple[list[Row], bool]:
    body = call.request.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise json_error("records: an array of objects is needed")
    if len(records) > MAX_RECORDS:
        raise SandboxError(
            "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call"
        )
    return records, body.get("allOrNone") is True


def _type_of(record: Row) -> str:
    return str((record.get("attributes") or {}).get("type") or "")


def _check_chunks(records: list[Row]) -> None:
    types = [_type_of(record).lower() for record in records]
    chunks = sum(1 for index, name in enumerate(types) if index == 0 or name != types[index - 1])
    if chunks > MAX_CHUNKS:
        raise SandboxError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking.",
        )


def _run(
    call: Call, rows: list[Any], one: Callable[[Writer, int, Any], Row], *, all_or_none: bool
) -> Response:
    """Each row on its own; with ``all_or_none`` the good ones go back when one fails."""
    call.records = len(rows)
    writer = call.writer()
    results: list[Row] = []
    try:
        with call.org.store.transaction():
            for index, row in enumerate(rows):
                try:
                    results.append(one(writer, index, row))
                except SandboxError as error:
                    results.append(_failure(error))
            if all_or_none and not all(result["success"] for result in results):
                raise _RollBackError  # noqa: TRY301 - leaving the block is what rolls back
    except _RollBackError:
        call.keys.clear()
        call.org.permissions_changed()
        results = [_failure(_ROLLED_BACK) if result["success"] else result for result in results]
    return Response(200, results)


def _no_mixing(call: Call, records: list[Row]) -> Callable[[Row], None]:
    """A check that refuses set-up objects beside others, measured by the first record."""
    entities = call.org.entities
    first = entities.get(_type_of(records[0]).lower()) if records else None

    def check(record: Row) -> None:
        entity = entities.get(_type_of(record).lower())
        if first and entity and first.setup != entity.setup:
            raise SandboxError(
                "MIXED_DML_OPERATION",
                "DML operation on setup object is not permitted after you have updated a non-setup object (or vice "
                f"versa): {entity.name}, original object: {first.name}",
            )

    return check


def _typed(record: Row) -> str:
    name = _type_of(record)
    if not name:
        raise SandboxError("INVALID_INPUT", "Unable to parse record: attributes.type is missing")
    return name


def create(call: Call) -> Response:
    """Insert up to 200 records, types in runs."""
    records, all_or_none = _records(call)
    _check_chunks(records)
    mixing = _no_mixing(call, records)

    def one(writer: Writer, _index: int, record: Row) -> Row:
        mixing(record)
        return _success(writer.insert(_typed(record), record))

    return _run(call, records, one, all_or_none=all_or_none)


def update(call: Call) -> Response:
    """Update up to 200 records by id."""
    records, all_or_none = _records(call)
    _check_chunks(records)
    mixing = _no_mixing(call, records)
    ids = Counter(str(record.get("id") or record.get("Id")) for record in records)

    def one(writer: Writer, _index: int, record: Row) -> Row:
        mixing(record)
        record_id = record.get("id") or record.get("Id")
        if not record_id:
            raise SandboxError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
        if ids[str(record_id)] > 1:
            raise SandboxError("DUPLICATE_VALUE", f"duplicate id in list: {record_id}")
        values = {key: value for key, value in record.items() if key.lower() != "id"}
        writer.update(_typed(record), str(record_id), values)
        return _success(to18(str(record_id)) or str(record_id))

    return _run(call, records, one, all_or_none=all_or_none)


def upsert(call: Call, name: str, key: str) -> Response:
    """Upsert of one type by a key that every record carries in its body."""
    entity = entity_named(call, name)
    records, all_or_none = _records(call)
    field = Writer(call.org, call.person).key_field(entity, key)
    split = [_split_key(record, field.name) for record in records]
    times = Counter(str(value).strip().lower() for value, _ in split if value is not None)

    def one(writer: Writer, index: int, record: Row) -> Row:
        if _typed(record).lower() != entity.name.lower():
            raise SandboxError("INVALID_INPUT", f"Only records of type {entity.name} belong in this call")
        value, values = split[index]
        if value is not None and times[str(value).strip().lower()] > 1:
            raise SandboxError(
                "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=[field.name]
            )
        record_id, created = writer.upsert(entity.name, field.name, value, values)
        return {**_success(record_id), "created": created}

    return _run(call, records, one, all_or_none=all_or_none)


def _split_key(record: Row, key: str) -> tuple[Any, Row]:
    """The key's value, and the record without it."""
    values = {name: value for name, value in record.items() if name.lower() != key.lower()}
    value = next((value for name, value in record.items() if name.lower() == key.lower()), None)
    return value, values


def delete(call: Call) -> Response:
    """Delete up to 200 records by id."""
    ids = [each.strip() for each in call.request.query.get("ids", "").split(",") if each.strip()]
    if not ids:
        raise SandboxError("MISSING_ARGUMENT", "ids not specified")
    if len(ids) > MAX_RECORDS:
        raise SandboxError("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records")

    def one(writer: Writer, _index: int, record_id: str) -> Row:
        writer.delete(record_id)
        return _success(to18(record_id) or record_id)

    return _run(call, ids, one, all_or_none=call.flag("allOrNone"))


def retrieve(call: Call, name: str) -> Response:
    """Records by id, in the order asked; null for one that is not there."""
    entity = entity_named(call, name)
    if call.request.method == "POST":
        body = call.request.json_object()
        ids, wanted = body.get("ids"), body.get("fields")
    else:
        query = call.request.query
        ids = [each for each in query.get("ids", "").split(",") if each]
        wanted = [each for each in query.get("fields", "").split(",") if each]
    if not isinstance(ids, list) or not isinstance(wanted, list) or not ids or not wanted:
        raise SandboxError("MISSING_ARGUMENT", "ids and fields are needed")
    if len(ids) > MAX_RETRIEVED:
        raise SandboxError("EXCEEDED_ID_LIMIT", "cannot retrieve more than 2000 records")
    call.records = len(ids)
    found = []
    for each in ids:
        row = call.org.store.get(entity, to18(str(each)) or "")
        gone = row is None or row.get("IsDeleted")
        found.append(
            None if gone or row is None else show_record(call, entity, row, [str(one) for one in wanted])
        )
    return Response(200, found)
