"""/tooling: custom fields and objects made by POST, read by query."""

from __future__ import annotations

import json
from typing import Any

from prm.sandbox import catalogue
from prm.sandbox.errors import SandboxError, not_found
from prm.sandbox.messages import Call, Response
from prm.sandbox.query import run_query
from prm.sandbox.rest_rows import stored_row
from prm.sandbox.schema import Entity
from prm.sandbox.values import show_value

_KINDS = ("customfield", "customobject")


def _entity(call: Call, name: str) -> Entity:
    found = call.org.tooling.get(name.lower())
    if found is None:
        raise not_found()
    return found


def create(call: Call, name: str) -> Response:
    """Make a custom field or object from ``FullName`` and ``Metadata``."""
    entity = _entity(call, name)
    if name.lower() not in _KINDS:
        raise SandboxError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {entity.name} cannot be inserted"
        )
    body = call.request.json_object()
    full_name, metadata = body.get("FullName"), body.get("Metadata")
    missing = [key for key, value in (("FullName", full_name), ("Metadata", metadata)) if not value]
    if missing or not isinstance(metadata, dict):
        raise SandboxError(
            "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}", fields=missing
        )
    make = catalogue.create_field if name.lower() == "customfield" else catalogue.create_object
    with call.org.store.transaction():
        record_id = make(call.org, str(full_name), metadata)
    call.records = 1
    return Response(201, {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []})


def read(call: Call, name: str, record_id: str) -> Response:
    """GET of one catalogue row with its Metadata."""
    entity = _entity(call, name)
    row = stored_row(call, entity, record_id)
    shown: dict[str, Any] = {each.name: show_value(each, row[each.name]) for each in entity.fields.values()}
    if shown.get("Metadata"):
        metadata = json.loads(shown["Metadata"])
        shown["Metadata"] = {key: value for key, value in metadata.items() if not key.startswith("_")}
    url = f"{call.base}/tooling/sobjects/{entity.name}/{row['Id']}"
    return Response(200, {"attributes": {"type": entity.name, "url": url}, **shown})


def change(call: Call, name: str, record_id: str) -> Response:
    """Replace a custom field's Metadata."""
    row = stored_row(call, _entity(call, name), record_id)
    metadata = call.request.json_object().get("Metadata")
    if name.lower() != "customfield" or not isinstance(metadata, dict):
        raise SandboxError("INVALID_FIELD", "Metadata of a CustomField is needed")
    with call.org.store.transaction():
        catalogue.change_field(call.org, str(row["Id"]), metadata)
    return Response(204)


def delete(call: Call, name: str, record_id: str) -> Response:
    """Delete a custom field."""
    row = stored_row(call, _entity(call, name), record_id)
    if name.lower() != "customfield":
        raise SandboxError("INVALID_OPERATION", "only custom fields can be deleted here")
    with call.org.store.transaction():
        catalogue.delete_field(call.org, str(row["Id"]))
    return Response(204)


def query(call: Call) -> Response:
    """Tooling query: CustomField, CustomObject, EntityDefinition, FieldDefinition."""
    soql = call.request.query.get("q", "")
    body = run_query(call.org, call.person, soql, base=call.base, tooling=True)
    body["entityTypeName"] = body["records"][0]["attributes"]["type"] if body["records"] else None
    body["size"] = len(body["records"])
    call.records = len(body["records"])
    return Response(200, body)
