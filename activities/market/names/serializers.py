"""Competitors and differentiators in the API."""

from rest_framework import serializers

from activities.market.names.models import Competitor, Differentiator
from prm.api.fields import RowField
from prm.api.serializers import Strict


class NamedSerializer(Strict[Competitor | Differentiator]):
    """A competitor or differentiator. Adding a name that is there gives the row that has it.

    `same_as` is the id of the one it is another name of, null for a name of its own.
    """

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=120)
    same_as = RowField(read_only=True, allow_null=True)


class CompetitorSerializer(NamedSerializer):
    """A competitor, with the city of its office, "" for not known."""

    city = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class OtherNameSerializer(Strict[object]):
    """Another name of one."""

    name = serializers.CharField(max_length=120)


class MergeCompetitorSerializer(Strict[object]):
    """Which competitor it is; with `preview` nothing is changed and what would move is answered."""

    into = RowField(queryset=Competitor.objects)
    preview = serializers.BooleanField(required=False, default=False)


class MergeDifferentiatorSerializer(Strict[object]):
    """Which differentiator it is; see `MergeCompetitorSerializer`."""

    into = RowField(queryset=Differentiator.objects)
    preview = serializers.BooleanField(required=False, default=False)


class MovingSerializer(serializers.Serializer[object]):
    """What a merge moves, or would move."""

    into = serializers.UUIDField()
    merged = serializers.BooleanField()
    insights = serializers.IntegerField()
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    other_names = serializers.ListField(child=serializers.CharField())


class AlikeNamesSerializer(serializers.Serializer[object]):
    """Two names that may be one: `id` has fewer insights than `into`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    into = serializers.UUIDField()
    into_name = serializers.CharField()
    reason = serializers.CharField()
    insights = serializers.IntegerField()
