"""The trail by API."""

from rest_framework import serializers

from prm.api.serializers import Strict
from prm.audit.trail.rules import LEAST_YEARS, MOST_YEARS


class AuditChangeSerializer(serializers.Serializer[object]):
    """One field before and after, in words."""

    field = serializers.CharField(source="name")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the answer, not the label of one
    before = serializers.CharField()
    after = serializers.CharField()


class AuditLineSerializer(serializers.Serializer[object]):
    """One change of one row."""

    id = serializers.CharField(source="key")
    at = serializers.DateTimeField()
    who = serializers.CharField()
    who_note = serializers.CharField()
    door = serializers.CharField()
    kind = serializers.CharField()
    object_id = serializers.UUIDField()
    what = serializers.CharField()
    detail = serializers.CharField()
    act = serializers.CharField()
    changes = AuditChangeSerializer(many=True)
    undo = serializers.CharField(
        source="undo.url",
        help_text="The page's address that takes it back by a POST; empty where nothing does.",
    )
    undo_why_not = serializers.CharField(source="undo.why")


class AuditPageSerializer(serializers.Serializer[object]):
    """Some lines, the newest first."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = AuditLineSerializer(many=True)


class RetentionSerializer(Strict[object]):
    """For how many years the trail is kept; null for good."""

    years = serializers.IntegerField(min_value=LEAST_YEARS, max_value=MOST_YEARS, allow_null=True)
