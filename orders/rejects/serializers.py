"""Rejected rows in the API."""

from rest_framework import serializers

from orders.ingest.states import RejectReason
from orders.rejects.models import RejectedLine
from orders.sources.spec import FIELDS
from prm.api.serializers import Strict, StrictModel


class RejectedLineSerializer(StrictModel[RejectedLine]):
    """A row that could not be stored: `cells` by field as written, why, and what became of it."""

    cells = serializers.DictField(source="raw", read_only=True, child=serializers.CharField(allow_blank=True))

    class Meta:
        model = RejectedLine
        fields = (
            "id", "source", "run", "file_no", "line_no", "reason", "field", "column", "message", "number", "cells",
            "corrected", "state", "settled_by", "settled_at", "settled_in",
        )  # fmt: skip
        read_only_fields = fields


class CorrectSerializer(Strict[object]):
    """The cells of one row as they are right."""

    cells = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=500))


class AlikeSerializer(Strict[object]):
    """Open rows with `value` in `field` get `to`: those of a source, or of one `run` alone. `preview`: nothing is written."""

    source = serializers.CharField(max_length=200)  # type: ignore[assignment]  # DRF's own argument of that name
    run = serializers.UUIDField(required=False)
    reason = serializers.ChoiceField([reason.value for reason in RejectReason])
    field = serializers.ChoiceField(list(FIELDS))
    value = serializers.CharField(allow_blank=True, trim_whitespace=False)
    to = serializers.CharField(allow_blank=True, max_length=500)
    preview = serializers.BooleanField(default=False)


class ForeseenSerializer(Strict[object]):
    """What a correction does: rows, those that go in, into how many orders, and the import that brings them."""

    lines = serializers.IntegerField()
    ready = serializers.IntegerField()
    orders = serializers.IntegerField()
    problems = serializers.ListField(child=serializers.CharField())
    run = serializers.UUIDField(allow_null=True)
