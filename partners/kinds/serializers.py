"""Kinds of partner in the API."""

from rest_framework import serializers

from partners.kinds.models import PartnerKind
from prm.api.serializers import StrictModel


class KindSerializer(StrictModel[PartnerKind]):
    """A kind of partner. `key` is what partners name it by: said with a new one, or made of its word, and stays."""

    key = serializers.CharField(required=False, max_length=40)
    plural = serializers.CharField(required=False, max_length=40)

    class Meta:
        model = PartnerKind
        fields = (
            "id", "key", "singular", "plural", "is_regulated", "is_organisation", "is_offered", "place",
        )  # fmt: skip
        read_only_fields = ("id", "place")
