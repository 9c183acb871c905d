"""Collections of up to 200 records: create, update, upsert, delete, retrieve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from prm.sandbox.access.models import Access
from prm.sandbox.kit.errors import SandboxError, json_error
from prm.sandbox.kit.ids import to18
from prm.sandbox.kit.messages import Response
from prm.sandbox.kit.types import Json, JsonObject, as_list, as_object, text_or_empty
from prm.sandbox.records.lookup import key_field
from prm.sandbox.records.service import Writer, Writers
from prm.sandbox.routing.models import Call
from prm.sandbox.rows.shapes import done, show_record
from prm.sandbox.schema.models import Schema
from prm.sandbox.store.models import Store

MAX_RECORDS, MAX_CHUNKS, MAX_RETRIEVED = 200, 10, 2000
_ROLLED_BACK = SandboxError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
_Each = TypeVar("_Each")


class _RollBackError(Exception):
    """Leaves the transaction of an all-or-none call."""


def _failure(error: SandboxError) -> JsonObject:
    return {"success": False, "errors": [error.as_row()]}


def _records(body: JsonObject) -> list[JsonObject]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise json_error("records: an array of objects is needed")
    if len(records) > MAX_RECORDS:
        raise SandboxError(
            "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call"
        )
    return records


def _type_of(record: JsonObject) -> str:
    return text_or_empty(as_object(record.get("attributes")).get("type"))


def _id_of(record: JsonObject) -> str:
    return text_or_empty(record.get("id") or record.get("Id"))


def _check_chunks(records: list[JsonObject]) -> None:
    types = [_type_of(record).lower() for record in records]
    chunks = sum(1 for index, name in enumerate(types) if index == 0 or name != types[index - 1])
    if chunks > MAX_CHUNKS:
        raise SandboxError(
            "LIMIT_EXCEEDED",
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking.",
        )


def _typed(record: JsonObject) -> str:
    name = _type_of(record)
    if not name:
        raise SandboxError("INVALID_INPUT", "Unable to parse record: attributes.type is missing")
    return name


def _split_key(record: JsonObject, key: str) -> tuple[Json, JsonObject]:
    """Return the key's value, and the record without it."""
    values = {name: value for name, value in record.items() if name.lower() != key.lower()}
    value = next((value for name, value in record.items() if name.lower() == key.lower()), None)
    return value, values


@dataclass(frozen=True, slots=True)
class Collections:
    """Answers calls about many records."""

    schema: Schema
    store: Store
    access: Access
    writers: Writers

    def _run(
        self,
        call: Call,
        rows: Sequence[_Each],
        one: Callable[[Writer, _Each], JsonObject],
        *,
        all_or_none: bool,
    ) -> Response:
        """Do each row on its own; with `all_or_none` the good ones go back when one fails."""
        call.records = len(rows)
        rule = call.request.headers.get("sforce-duplicate-rule-header", "")
        writer = self.writers.open(call.person, call.keys, allow_save="allowsave=true" in rule.lower())
        results: list[JsonObject] = []
        try:
            with self.store.transaction():
                for row in rows:
                    try:
                        results.append(one(writer, row))
                    except SandboxError as error:
                        results.append(_failure(error))
                if all_or_none and not all(result["success"] for result in results):
                    raise _RollBackError  # noqa: TRY301 - leaving the block is what rolls back
        except _RollBackError:
            call.keys.clear()
            self.access.changed()
            results = [_failure(_ROLLED_BACK) if result["success"] else result for result in results]
        return Response(200, results)

    def _no_mixing(self, records: list[JsonObject]) -> Callable[[JsonObject], None]:
        """Return a check that refuses set-up objects beside others, measured by the first record."""
        first = self.schema.find(_type_of(records[0])) if records else None

        def check(record: JsonObject) -> None:
            entity = self.schema.find(_type_of(record))
            if first and entity and first.setup != entity.setup:
                raise SandboxError(
                    "MIXED_DML_OPERATION",
                    "DML operation on setup object is not permitted after you have updated a non-setup object (or "
                    f"vice versa): {entity.name}, original object: {first.name}",
                )

        return check

    def create(self, call: Call) -> Response:
        """Insert records, types in runs."""
        body = call.request.json_object()
        records = _records(body)
        _check_chunks(records)
        mixing = self._no_mixing(records)

        def one(writer: Writer, record: JsonObject) -> JsonObject:
            mixing(record)
            return done(writer.insert(_typed(record), record))

        return self._run(call, records, one, all_or_none=body.get("allOrNone") is True)

    def update(self, call: Call) -> Response:
        """Update records by id, types in runs."""
        body = call.request.json_object()
        records = _records(body)
        _check_chunks(records)
        mixing = self._no_mixing(records)
        times = Counter(_id_of(record) for record in records)

        def one(writer: Writer, record: JsonObject) -> JsonObject:
            mixing(record)
            record_id = _id_of(record)
            if not record_id:
                raise SandboxError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
            if times[record_id] > 1:
                raise SandboxError("DUPLICATE_VALUE", f"duplicate id in list: {record_id}")
            values = {key: value for key, value in record.items() if key.lower() != "id"}
            writer.update(_typed(record), record_id, values)
            return done(to18(record_id) or record_id)

        return self._run(call, records, one, all_or_none=body.get("allOrNone") is True)

    def upsert(self, call: Call, name: str, key: str) -> Response:
        """Upsert records of one type by a key that every record carries in its body."""
        entity = self.access.addressed(call.person, name)
        body = call.request.json_object()
        records = _records(body)
        field = key_field(self.access.view(call.person, entity), key)
        values = [_split_key(record, field.name)[0] for record in records]
        times = Counter(_folded(value) for value in values if value is not None)

        def one(writer: Writer, record: JsonObject) -> JsonObject:
            if _typed(record).lower() != entity.name.lower():
                raise SandboxError("INVALID_INPUT", f"Only records of type {entity.name} belong in this call")
            value, rest = _split_key(record, field.name)
            if value is not None and times[_folded(value)] > 1:
                raise SandboxError(
                    "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", fields=[field.name]
                )
            record_id, created = writer.upsert(entity.name, field.name, value, rest)
            return done(record_id, created=created)

        return self._run(call, records, one, all_or_none=body.get("allOrNone") is True)

    def delete(self, call: Call) -> Response:
        """Delete records by id."""
        ids = call.request.names("ids")
        if not ids:
            raise SandboxError("MISSING_ARGUMENT", "ids not specified")
        if len(ids) > MAX_RECORDS:
            raise SandboxError(
                "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records"
            )

        def one(writer: Writer, record_id: str) -> JsonObject:
            writer.delete(record_id)
            return done(to18(record_id) or record_id)

        return self._run(call, ids, one, all_or_none=call.request.flag("allOrNone"))

    def retrieve(self, call: Call, name: str) -> Response:
        """Read records by id, in the order asked; null for one that is not there."""
        entity = self.access.addressed(call.person, name)
        view = self.access.view(call.person, entity)
        ids, wanted = _asked(call)
        call.records = len(ids)
        rows = [self.store.get(entity, to18(each) or "") for each in ids]
        return Response(
            200,
            [
                None
                if row is None or row.get("IsDeleted")
                else show_record(entity, view, row, base=call.base, wanted=wanted)
                for row in rows
            ],
        )


def _folded(value: Json) -> str:
    return str(value).strip().lower()


def _asked(call: Call) -> tuple[list[str], list[str]]:
    """Return the ids and the fields that a body or an address asks for."""
    if call.request.method == "POST":
        body = call.request.json_object()
        ids, wanted = ([str(each) for each in as_list(body.get(key))] for key in ("ids", "fields"))
    else:
        ids, wanted = call.request.names("ids"), call.request.names("fields")
    if not ids or not wanted:
        raise SandboxError("MISSING_ARGUMENT", "ids and fields are needed")
    if len(ids) > MAX_RETRIEVED:
        raise SandboxError("EXCEEDED_ID_LIMIT", "cannot retrieve more than 2000 records")
    return ids, wanted
