"""Mass changes and thresholds in the API."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from prm.api.serializers import StrictModel
from prm.salesforce.breakers import queries, service
from prm.salesforce.guards.models import GuardRules, HeldChange, MassChange


class HeldChangeSerializer(StrictModel[HeldChange]):
    """One field of one record, with the value before and after."""

    class Meta:
        model = HeldChange
        fields = ("record_id", "title", "field", "before", "after")
        read_only_fields = fields


class MassChangeSerializer(StrictModel[MassChange]):
    """A mass change; `words` say it in a sentence, `changes` are the first 200 of what is held."""

    words = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()

    class Meta:
        model = MassChange
        fields = (
            "id", "mapping", "direction", "kind", "cause", "records", "total", "state", "words", "since",
            "decided_by", "decided_at", "settled_at", "changes",
        )  # fmt: skip
        read_only_fields = fields

    def get_words(self, mass: MassChange) -> str:
        """Return it as one sentence."""
        return queries.words_of(mass)

    @extend_schema_field(HeldChangeSerializer(many=True))  # type: ignore[untyped-decorator]
    def get_changes(self, mass: MassChange) -> list[dict[str, object]]:
        """Return the first of what is held."""
        rows = mass.changes.order_by("title", "record_id", "field")[:200]
        return [dict(row) for row in HeldChangeSerializer(rows, many=True).data]


class GuardRulesSerializer(StrictModel[GuardRules]):
    """From how many records on a change waits for a person."""

    class Meta:
        model = GuardRules
        fields = tuple(service.THRESHOLDS)
