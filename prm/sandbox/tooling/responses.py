"""Custom objects and fields over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from prm.sandbox.kit.errors import SandboxError, not_found
from prm.sandbox.kit.messages import Response
from prm.sandbox.kit.types import JsonObject
from prm.sandbox.query.definitions import Definitions
from prm.sandbox.records.lookup import addressed
from prm.sandbox.routing.models import Call
from prm.sandbox.schema.models import Entity, Schema
from prm.sandbox.schema.values import show_value
from prm.sandbox.store.models import Store
from prm.sandbox.tooling.deploying import Deployments, read_package
from prm.sandbox.tooling.service import Catalogue


@dataclass(frozen=True, slots=True)
class Tooling:
    """Answers calls about the catalogue."""

    schema: Schema
    store: Store
    catalogue: Catalogue
    definitions: Definitions
    deployments: Deployments = field(default_factory=Deployments)

    def deploy(self, call: Call) -> Response:
        """Make the custom objects of a package; those that are there already stay as they are."""
        objects = read_package(call.request.headers.get("content-type", ""), call.request.body)
        failures: list[JsonObject] = []
        for full_name, metadata in objects.items():
            try:
                if self.schema.find(full_name) is None:
                    self.catalogue.create_object(full_name, metadata)
            except SandboxError as error:
                failures.append({"fullName": full_name, "problem": error.message, "problemType": "Error"})
        deployment_id = self.deployments.note(self.store.new_id("0Af"), len(objects), failures)
        return Response(201, {"id": deployment_id, "deployResult": self.deployments.look(deployment_id)})

    def deployment(self, call: Call, deployment_id: str) -> Response:
        """Tell how far a deployment is; it is over when it is looked at for the second time."""
        result = self.deployments.look(deployment_id)
        return Response(200, {"id": deployment_id, "deployResult": result})

    def _entity(self, name: str) -> Entity:
        found = self.schema.tooling.get(name.lower())
        if found is None:
            raise not_found()
        return found

    def create(self, call: Call, name: str) -> Response:
        """Make a custom field or object from `FullName` and `Metadata`."""
        makers = {
            "CustomField": self.catalogue.create_field,
            "CustomObject": self.catalogue.create_object,
        }
        entity = self._entity(name)
        if entity.name not in makers:
            raise SandboxError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type {entity.name} cannot be inserted"
            )
        body = call.request.json_object()
        full_name, metadata = body.get("FullName"), body.get("Metadata")
        missing = [key for key in ("FullName", "Metadata") if not body.get(key)]
        if missing or not isinstance(metadata, dict):
            raise SandboxError(
                "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}", fields=missing
            )
        record_id = makers[entity.name](str(full_name), metadata)
        call.records = 1
        return Response(201, {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []})

    def read(self, call: Call, name: str, record_id: str) -> Response:
        """Read one row of the catalogue with its Metadata."""
        entity = self._entity(name)
        self.definitions.refresh()
        row = addressed(self.store, entity, record_id)
        url = f"{call.base}/tooling/sobjects/{entity.name}/{row['Id']}"
        shown: JsonObject = {"attributes": {"type": entity.name, "url": url}}
        shown |= {each.name: show_value(each, row[each.name]) for each in entity.fields.values()}
        if row.get("Metadata"):
            metadata: JsonObject = json.loads(str(row["Metadata"]))
            shown["Metadata"] = {key: value for key, value in metadata.items() if not key.startswith("_")}
        return Response(200, shown)

    def change(self, call: Call, name: str, record_id: str) -> Response:
        """Replace a custom field's Metadata."""
        entity = self._entity(name)
        row = addressed(self.store, entity, record_id)
        metadata = call.request.json_object().get("Metadata")
        if entity.name != "CustomField" or not isinstance(metadata, dict):
            raise SandboxError("INVALID_FIELD", "Metadata of a CustomField is needed")
        self.catalogue.change_field(str(row["Id"]), metadata)
        return Response(204)

    def delete(self, call: Call, name: str, record_id: str) -> Response:
        """Delete a custom field."""
        entity = self._entity(name)
        row = addressed(self.store, entity, record_id)
        if entity.name != "CustomField":
            raise SandboxError("INVALID_OPERATION", "only custom fields can be deleted here")
        self.catalogue.delete_field(str(row["Id"]))
        return Response(204)
