"""What the API's bodies have in common: a field that is not taken is refused, at every depth."""

from collections.abc import Mapping
from typing import Final, TypeVar

from django.db.models import Model
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

T = TypeVar("T")
M = TypeVar("M", bound=Model)

Errors = dict[str, list[ErrorDetail]]

# Of a body made of nonsense so many names are answered, each shortened.
MOST_NAMED: Final = 20
LONGEST_NAME: Final = 60


class Strict(serializers.Serializer[T]):
    """Reads only fields that it writes. Programs that send others believe that they were kept."""

    def to_internal_value(self, data: object) -> object:
        """Return the fields as read. Raises ValidationError for bad ones, unknown ones, and those that only answer."""
        refused = self._not_taken(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            raise serializers.ValidationError({**refused, **detail}) from error
        if refused:
            raise serializers.ValidationError(refused)
        return value

    def _not_taken(self, data: Mapping[str, object]) -> Errors:
        found: Errors = {}
        for name in data:
            field = self.fields.get(name)
            if field is None:
                found[name[:LONGEST_NAME]] = [ErrorDetail("There is no such field.", "unknown_field")]
            elif field.read_only:
                found[name] = [ErrorDetail("This is answered, and not taken.", "read_only")]
            if len(found) == MOST_NAMED:
                break
        return found


class StrictModel(Strict[M], serializers.ModelSerializer[M]):
    """The same of a model's fields."""


class Nothing(Strict[object]):
    """A body without fields, of an action that needs none."""
