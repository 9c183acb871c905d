"""One record: create, read, update, delete, by id or by external id."""

from __future__ import annotations

from dataclasses import dataclass

from prm.sandbox.access.models import Access
from prm.sandbox.kit.clock import http_date
from prm.sandbox.kit.errors import SandboxError, entity_is_deleted, not_found
from prm.sandbox.kit.messages import Response
from prm.sandbox.kit.types import JsonObject, Row
from prm.sandbox.records.lookup import addressed, key_field, with_key
from prm.sandbox.records.service import Writer, Writers
from prm.sandbox.routing.models import Call
from prm.sandbox.rows.shapes import done, show_record, stamp_of
from prm.sandbox.schema.models import Entity
from prm.sandbox.store.models import Store

# Before this version an upsert that updates has no body.
UPSERT_BODY_SINCE = 46


def _refuse_key(name: str) -> SandboxError:
    return SandboxError("INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")


@dataclass(frozen=True, slots=True)
class Rows:
    """Answers calls about one record."""

    store: Store
    access: Access
    writers: Writers

    def _writer(self, call: Call) -> Writer:
        return self.writers.open(call.person, call.keys)

    def _shown(self, call: Call, entity: Entity, row: Row) -> Response:
        stamp = stamp_of(row)
        if call.request.is_unmodified(stamp):
            return Response(304)
        view = self.access.view(call.person, entity)
        body = show_record(entity, view, row, base=call.base, wanted=call.request.names("fields"))
        return Response(200, body, {"Last-Modified": http_date(stamp)})

    # By id

    def create(self, call: Call, name: str) -> Response:
        """Create a record."""
        entity = self.access.addressed(call.person, name)
        record_id = self._writer(call).insert(entity.name, call.request.json_object())
        call.records = 1
        location = f"{call.base}/sobjects/{entity.name}/{record_id}"
        return Response(201, done(record_id), {"Location": location})

    def read(self, call: Call, name: str, record_id: str) -> Response:
        """Read a record; one in the recycle bin is not found."""
        entity = self.access.addressed(call.person, name)
        row = addressed(self.store, entity, record_id)
        if row.get("IsDeleted"):
            raise not_found()
        return self._shown(call, entity, row)

    def update(self, call: Call, name: str, record_id: str) -> Response:
        """Change a record, unless it was modified since `If-Unmodified-Since`."""
        entity = self.access.addressed(call.person, name)
        row = addressed(self.store, entity, record_id)
        if row.get("IsDeleted"):
            raise entity_is_deleted()
        call.request.guard(stamp_of(row))
        values = call.request.json_object()
        if any(key.lower() == "id" for key in values):
            raise _refuse_key("Id")
        self._writer(call).update(entity.name, str(row["Id"]), values)
        call.records = 1
        return Response(204)

    def delete(self, call: Call, name: str, record_id: str) -> Response:
        """Delete a record."""
        entity = self.access.addressed(call.person, name)
        self._writer(call).delete(record_id, entity.name)
        call.records = 1
        return Response(204)

    # By external id

    def _with_key(self, call: Call, name: str, key: str, value: str) -> tuple[Entity, list[Row]]:
        entity = self.access.addressed(call.person, name)
        field = key_field(self.access.view(call.person, entity), key)
        return entity, with_key(self.store, entity, field, value)

    def _several(self, call: Call, entity: Entity, rows: list[Row]) -> Response:
        return Response(300, [f"{call.base}/sobjects/{entity.name}/{row['Id']}" for row in rows])

    def read_by_key(self, call: Call, name: str, key: str, value: str) -> Response:
        """Read by external id; 300 when several records have it."""
        entity, rows = self._with_key(call, name, key, value)
        if not rows:
            raise not_found()
        return self._several(call, entity, rows) if len(rows) > 1 else self._shown(call, entity, rows[0])

    def delete_by_key(self, call: Call, name: str, key: str, value: str) -> Response:
        """Delete by external id; 300 when several records have it."""
        entity, rows = self._with_key(call, name, key, value)
        if not rows:
            raise not_found()
        if len(rows) > 1:
            return self._several(call, entity, rows)
        return self.delete(call, entity.name, str(rows[0]["Id"]))

    def upsert(self, call: Call, name: str, key: str, value: str) -> Response:
        """Create or change by external id: 201, 200 (204 before version 46), 300 when several have it."""
        entity, rows = self._with_key(call, name, key, value)
        values = call.request.json_object()
        for given in values:
            if given.lower() in ("id", key.lower()):
                raise _refuse_key(given)
        if len(rows) > 1:
            return self._several(call, entity, rows)
        if rows:
            call.request.guard(stamp_of(rows[0]))
        record_id, created = self._writer(call).upsert(
            entity.name, key, value, values, update_only=call.request.flag("updateOnly")
        )
        call.records = 1
        if not created and call.version < UPSERT_BODY_SINCE:
            return Response(204)
        return Response(201 if created else 200, done(record_id, created=created))

    def upsert_by_nothing(self, call: Call, name: str) -> Response:
        """Upsert with an empty key, that is a create."""
        answer = self.create(call, name)
        body: JsonObject = {**(answer.body if isinstance(answer.body, dict) else {}), "created": True}
        return Response(201, body, answer.headers)
