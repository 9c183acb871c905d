"""Shared credit in the API."""

from rest_framework import serializers

from orders.book.models import ShareRule
from orders.states import ShareCase
from prm.api.fields import DayField
from prm.api.serializers import Strict, StrictModel


class PartSerializer(Strict[object]):
    """Who gets how much, in per cent."""

    partner = serializers.UUIDField()
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)


class PartsSerializer(Strict[object]):
    """The parts of one order, which make 100; none: it counts by the rules, or else for its partner alone."""

    parts = PartSerializer(many=True, max_length=100)  # type: ignore[call-arg]  # of the list that `many` makes


class ShareRuleSerializer(StrictModel[ShareRule]):
    """Of which orders a part is another partner's, by rule. The same orders again change the rule."""

    case = serializers.ChoiceField(ShareCase.choices)
    subject = serializers.UUIDField(source="subject_id", required=False, allow_null=True)
    region = serializers.CharField(max_length=120, required=False, allow_blank=True)
    to = serializers.UUIDField(source="to_id", required=False, allow_null=True)
    since = DayField(required=False, allow_null=True)

    class Meta:
        model = ShareRule
        fields = ("id", "case", "subject", "region", "to", "percent", "since", "created_at")
        read_only_fields = ("id", "created_at")
        validators: tuple[()] = ()
