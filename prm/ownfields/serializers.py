"""Own fields in the API, and their values on other records."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from prm.api.serializers import Strict, StrictModel
from prm.core.ids import LONGEST_KEY
from prm.ownfields.models import OwnField
from prm.ownfields.registry import records
from prm.ownfields.rules import LONGEST_TEXT, LONGEST_WORD, MOST_CHOICES, MOST_FIELDS
from prm.ownfields.states import FieldType
from prm.ownfields.values import plain_of

_KEY_HELP: Final = (
    "Leave it out for a new one. A choice that is left out of the list is put away, not removed."
)


class ChoiceSerializer(Strict[dict[str, object]]):
    """A choice of a field."""

    key = serializers.CharField(max_length=LONGEST_KEY, required=False, help_text=_KEY_HELP)
    word = serializers.CharField(max_length=LONGEST_WORD)
    offered = serializers.BooleanField(read_only=True)


class OwnFieldSerializer(StrictModel[OwnField]):
    """A field that the tenant has added. `key` is what values name it by: said with a new one, or made of its name, and stays."""

    of = serializers.CharField(max_length=20, help_text="partner, visit or order; stays")
    key = serializers.CharField(required=False, max_length=LONGEST_KEY)
    type = serializers.ChoiceField(choices=FieldType.choices, help_text="stays")
    choices = ChoiceSerializer(many=True, required=False, max_length=MOST_CHOICES)  # type: ignore[call-arg]  # of the list

    class Meta:
        model = OwnField
        fields = ("id", "of", "key", "name", "type", "choices", "place", "is_archived")
        read_only_fields = ("id", "place")

    def validate_of(self, value: str) -> str:
        """Say which records have fields."""
        known = [record.key for record in records()]
        if value not in known:
            raise serializers.ValidationError(f"There are {', '.join(known)}.")
        return value


@extend_schema_field(
    {
        "type": "object",
        "description": "Values of the tenant's own fields (`GET own-fields/`) by key. A text, a number as text (`12.5`), a date "
        "(`2026-11-23`) or the key of a choice. Sent: what is named is set, null takes it away, others stay.",
        "additionalProperties": {
            "oneOf": [{"type": "string", "maxLength": LONGEST_TEXT}, {"type": "number"}],
            "nullable": True,
        },
        "maxProperties": MOST_FIELDS,
    }
)
class OwnValuesField(serializers.Field):  # type: ignore[type-arg]  # a subscript fails at run time
    """The values of a record's own fields, by key; the view loads them with its rows (`prefetch_related("own_values")`)."""

    def __init__(self, of: str = "") -> None:
        super().__init__(required=False, source="*")
        self.of = of

    def to_internal_value(self, data: object) -> dict[str, object]:
        """Return what was sent. Whether such fields are there the service says."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("This is an object of values by key.")
        if len(data) > MOST_FIELDS:
            raise serializers.ValidationError(f"At most {MOST_FIELDS} values.")
        for key, value in data.items():
            if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | None):
                raise serializers.ValidationError(f"{str(key)[:60]}: this is a text, a number or null.")
        return {"own": dict(data)}

    def to_representation(self, record: object) -> dict[str, str]:
        """Return the values of a record."""
        return plain_of(self.of, record)
