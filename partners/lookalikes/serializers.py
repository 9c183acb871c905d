"""Pairs that look like one, in the API."""

from rest_framework import serializers

from partners.lookalikes.models import LookAlike
from prm.api.serializers import StrictModel


class LookAlikeSerializer(StrictModel[LookAlike]):
    """Two partners that may be one; `money` is twelve months' revenue of the smaller of both."""

    first_name = serializers.CharField(source="first.name", read_only=True)
    second_name = serializers.CharField(source="second.name", read_only=True)
    money = serializers.DecimalField(max_digits=18, decimal_places=4, read_only=True)

    class Meta:
        model = LookAlike
        fields = (
            "id", "first", "first_name", "second", "second_name", "score", "reasons", "money", "state",
            "found_at", "decided_at", "decided_by",
        )  # fmt: skip
        read_only_fields = (
            "id",
            "first",
            "second",
            "score",
            "reasons",
            "found_at",
            "decided_at",
            "decided_by",
        )
