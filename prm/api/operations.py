"""How an operation is described where its view says nothing itself. DRF loads this before it has views."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.fields import ChoiceField


class OurSchema(AutoSchema):
    """What all our views have in common, where a view says nothing itself."""

    def get_response_serializers(self) -> Any:
        """Return what is answered. What makes a row says whether it is new: sending again answers what is there."""
        found = super().get_response_serializers()
        makes = getattr(self.view, "action", "") in getattr(self.view, "makes_rows", ())
        if makes and not isinstance(found, dict):
            return {HTTPStatus.OK: found, HTTPStatus.CREATED: found}
        return found

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        """Describe a field. DRF forgets of a model's field that is only read whether it may be empty."""
        model = getattr(getattr(field.parent, "Meta", None), "model", None)
        if field.read_only and isinstance(field, ChoiceField) and model and field.source:
            columns = {column.name: column for column in model._meta.fields}
            field.allow_blank = field.allow_blank or getattr(columns.get(field.source), "blank", False)
        return super()._map_serializer_field(field, direction, bypass_extensions)
