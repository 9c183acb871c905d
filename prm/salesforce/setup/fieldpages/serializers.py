"""The field mapping as the API says it."""

from __future__ import annotations

from rest_framework import serializers

from prm.api.serializers import Strict, StrictModel
from prm.salesforce.mapping.models import MappingVersion


class MappingTroubleSerializer(Strict[object]):
    """What stands against a row; `blocks`: it must be put right before the mapping can be put in force."""

    words = serializers.CharField()
    cure = serializers.CharField()
    blocks = serializers.BooleanField()
    values = serializers.SerializerMethodField(
        help_text="Values here that have none there, with how many records have each."
    )
    choices = serializers.ListField(child=serializers.CharField(), help_text="What those may become.")

    def get_values(self, trouble: object) -> list[dict[str, object]]:
        """Return pairs as objects."""
        return [{"value": value, "records": count} for value, count in getattr(trouble, "values", ())]


class MappingRowSerializer(Strict[object]):
    """One field: `kind` is field, constant (always the same value) or required (that nothing fills)."""

    kind = serializers.CharField()
    key = serializers.CharField(help_text="Its name here; of a constant or a required field the one there.")
    here = serializers.CharField()
    direction = serializers.CharField(help_text="push, pull, both or off.")
    there = serializers.CharField()
    there_label = serializers.CharField()
    facts = serializers.CharField(help_text="What the organisation says of the field, in words.")
    winner = serializers.CharField()
    way = serializers.CharField()
    is_changed = serializers.BooleanField()
    troubles = MappingTroubleSerializer(many=True)


class MappingObjectSerializer(Strict[object]):
    """One kind of record with its rows; `described_at` is null until somebody read the organisation."""

    mapping = serializers.CharField(source="mapping.key")
    sobject = serializers.CharField(source="mapping.sobject")
    object_label = serializers.CharField(source="label")
    scope = serializers.CharField(help_text="Which records are kept in step, in words.")
    kinds = serializers.SerializerMethodField(
        help_text="As what each kind is kept, in words: business or person accounts, and of which record type."
    )
    lines = serializers.CharField(
        help_text="Whether and how their lines go as products, in words; empty: they have none."
    )
    problems = serializers.IntegerField()
    unused = serializers.IntegerField()
    described_at = serializers.DateTimeField(allow_null=True)
    troubles = MappingTroubleSerializer(many=True)
    rows = MappingRowSerializer(many=True)

    def get_kinds(self, look: object) -> list[dict[str, str]]:
        """Return pairs as objects."""
        return [{"kind": kind, "kept_as": words} for kind, words in getattr(look, "kinds", ())]


class MappingVersionSerializer(StrictModel[MappingVersion]):
    """One version: draft, in_force or past, what it changed in words, and its document."""

    class Meta:
        model = MappingVersion
        fields = (
            "number",
            "state",
            "summary",
            "made_by",
            "made_at",
            "in_force_from",
            "in_force_until",
            "content",
        )
        read_only_fields = fields


class MappingSerializer(Strict[object]):
    """The mapping as it would be by the draft, or is where there is none; `document` is what differs from the delivered one."""

    draft = serializers.IntegerField(allow_null=True, help_text="The number of the draft, if there is one.")
    in_force = serializers.IntegerField(help_text="The number in force; 1 is as delivered.")
    problems = serializers.ListField(child=serializers.CharField())
    document = serializers.DictField()
    objects = MappingObjectSerializer(many=True)


class MappingDocumentSerializer(Strict[object]):
    """A whole mapping: `format` 1 and `objects` by key of the mapping."""

    format = serializers.IntegerField(default=1)
    objects = serializers.DictField(required=False)


class BackSerializer(Strict[object]):
    """Which version to draft again; 1 is as delivered."""

    number = serializers.IntegerField(min_value=1)
