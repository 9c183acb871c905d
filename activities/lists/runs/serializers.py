"""Runs of lists in the API."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from activities.lists.runs.models import BringRow, BringRun
from prm.api.serializers import Strict, StrictModel


class RejectedRowSerializer(serializers.Serializer[object]):
    """A row that was not taken: its line in the file, and why."""

    line = serializers.IntegerField(read_only=True)
    reason = serializers.CharField(read_only=True)


class RunSerializer(StrictModel[BringRun]):
    """A list: how far it is, and how its rows split."""

    rejected = serializers.SerializerMethodField()

    class Meta:
        model = BringRun
        fields = (
            "id", "kind", "name", "state", "message", "problem", "columns", "header", "counts", "rows_total", "rows_done",
            "created_at", "finished_at", "rejected",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(RejectedRowSerializer(many=True))  # type: ignore[untyped-decorator]
    def get_rejected(self, run: BringRun) -> list[dict[str, object]]:
        """Return the first 100 rejected rows with their lines and reasons."""
        rows = BringRow.objects.filter(run=run, outcome="rejected").order_by("line")[:100]
        return [{"line": row.line, "reason": row.reason} for row in rows]


class BringSerializer(Strict[object]):
    """A list that is sent: a file, and what kind of list it is."""

    kind = serializers.CharField(max_length=32)
    file = serializers.FileField()
    start = serializers.BooleanField(default=False)
    blank_empties = serializers.BooleanField(default=False)
    defaults = serializers.JSONField(default=dict)

    words: ClassVar = "`start`: write at once what is certain and new; what is to decide waits for a person."
