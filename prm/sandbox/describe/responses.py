"""Describe of all objects and of one."""

from __future__ import annotations

from dataclasses import dataclass

from prm.sandbox.access.models import Access
from prm.sandbox.describe.shapes import entity_summary, field_description
from prm.sandbox.kit.clock import http_date
from prm.sandbox.kit.messages import Response
from prm.sandbox.kit.types import JsonObject
from prm.sandbox.routing.models import Call
from prm.sandbox.schema.models import Entity, Schema
from prm.sandbox.schema.record_types import infos


@dataclass(frozen=True, slots=True)
class Describe:
    """Answers what a user can see."""

    schema: Schema
    access: Access

    def all_objects(self, call: Call) -> Response:
        """List the objects this user can see; 304 when nothing changed since."""
        if call.request.is_unmodified(self.access.changed_at):
            return Response(304)
        seen = [
            self._summary(call, each)
            for each in self.schema.entities.values()
            if self.access.rights(call.person, each)["read"]
        ]
        return Response(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": seen})

    def _summary(self, call: Call, entity: Entity) -> JsonObject:
        return entity_summary(entity, call.base, rights=self.access.rights(call.person, entity))

    def info(self, call: Call, name: str) -> Response:
        """Answer the object itself: its summary and nothing recent."""
        entity = self.access.addressed(call.person, name)
        return Response(200, {"objectDescribe": self._summary(call, entity), "recentItems": []})

    def describe(self, call: Call, name: str) -> Response:
        """Describe the object with the fields this user can see; 304 when nothing changed since."""
        entity = self.access.addressed(call.person, name)
        if call.request.is_unmodified(self.access.changed_at):
            return Response(304)
        view = self.access.view(call.person, entity)
        fields = [
            field_description(
                each,
                editable=each.name in view.editable,
                controlling=[one.value for one in entity.fields[each.controller].choices]
                if each.controller
                else (),
            )
            for each in view.fields.values()
        ]
        children = [
            {
                "childSObject": child.name,
                "field": each.name,
                "cascadeDelete": each.cascade,
                "relationshipName": None,
            }
            for child in self.schema.entities.values()
            for each in child.fields.values()
            if entity.name in each.reference_to
        ]
        types = infos(self.schema.record_types.get(entity.name, []), f"{call.base}/sobjects/{entity.name}")
        body = self._summary(call, entity)
        body |= {"fields": fields, "recordTypeInfos": types, "childRelationships": children}
        return Response(200, body, {"Last-Modified": http_date(self.access.changed_at)})
