"""Imports in the API."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.runs.kept import kept_preview
from orders.runs.models import ImportRun
from orders.runs.states import RunState
from prm.api.serializers import Strict, StrictModel
from prm.core.types import Json


class FileSerializer(Strict[object]):
    """A file of an import: `lines` are those read of it."""

    name = serializers.CharField(read_only=True)
    bytes = serializers.IntegerField(read_only=True)
    lines = serializers.IntegerField(read_only=True)


class DoubtSerializer(Strict[object]):
    """A column that another reading fits better than the source's: nothing goes in before one of `accept` is sent."""

    column = serializers.CharField(read_only=True)
    field = serializers.CharField(read_only=True)
    sentence = serializers.CharField(read_only=True)
    accept = serializers.ListField(source="choices", child=serializers.CharField(), read_only=True)


class ImportSerializer(StrictModel[ImportRun]):
    """An import: how far it is, what came of its lines, and what it waits for.

    `state` is reading, preview (it waits for a look: see `doubts`), queued, running, done, failed, cancelled or taken_back.
    `counts` accounts for every line once it is done. `files_left_out`: what of a ZIP file is not taken. Rejected rows are
    `rejected-rows/?run=<id>`.
    """

    source = serializers.CharField(source="source.name", read_only=True)  # type: ignore[assignment]  # DRF's own name
    files = FileSerializer(many=True, read_only=True)
    files_left_out = serializers.ListField(source="left_out", child=serializers.CharField(), read_only=True)
    doubts = serializers.SerializerMethodField()
    counts = serializers.JSONField(read_only=True)
    accepted = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ImportRun
        fields = (
            "id", "source", "state", "step", "files", "files_left_out", "lines_total", "lines_done", "rejected", "message",
            "doubts", "accepted", "counts", "by", "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(DoubtSerializer(many=True))  # type: ignore[untyped-decorator]
    def get_doubts(self, run: ImportRun) -> Json:
        """Return what keeps a run from going on, with what may be accepted."""
        kept = kept_preview(run) if run.state == RunState.PREVIEW else None
        return list(DoubtSerializer(kept.shown.doubts, many=True).data) if kept else []


class SentFilesSerializer(Strict[object]):
    """Files of a source: each `file` is one, or a ZIP file of several. `accept`: readings for these files alone."""

    source = serializers.CharField(max_length=80)  # type: ignore[assignment]  # DRF's own name
    file = serializers.ListField(child=serializers.FileField())
    accept = serializers.ListField(child=serializers.CharField(max_length=100), default=list)
    start = serializers.BooleanField(default=True)

    words: ClassVar = "`start=false`: nothing is written before `imports/<id>/start/`."


class StartSerializer(Strict[object]):
    """Readings that hold for the files of this import alone, as its `doubts` name them."""

    accept = serializers.ListField(child=serializers.CharField(max_length=100), default=list)
