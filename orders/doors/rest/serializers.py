"""What programs are answered about the orders they sent."""

from rest_framework import serializers

from orders.doors.rest.service import Outcome
from prm.core.schema import Problem


class ProblemSerializer(serializers.Serializer[Problem]):
    """One thing wrong."""

    field = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Outcome]):
    """What became of one order."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=["created", "corrected", "unchanged", "superseded", "rejected"])
    id = serializers.UUIDField(allow_null=True)
    partner = serializers.UUIDField(allow_null=True, help_text="null while nobody knows whose order it is")
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]


class OutcomesSerializer(serializers.Serializer[dict[str, object]]):
    """What became of a batch."""

    source = serializers.CharField()  # type: ignore[assignment]
    results = OutcomeSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
