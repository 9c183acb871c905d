"""Policies in the API: what is sent are the names of a policy file, what is answered those that `policy --show` prints."""

from rest_framework import serializers

from prm.api.serializers import Strict


class FiguresSerializer(Strict[dict[str, object]]):
    """Figures of a policy; those not sent stay as they are. `bands` may stand for where medium and high begin."""

    basis = serializers.CharField(required=False, max_length=20)
    high_from = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)
    medium_from = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)
    high_pct = serializers.DecimalField(max_digits=4, decimal_places=1, required=False, allow_null=True)
    medium_pct = serializers.DecimalField(max_digits=4, decimal_places=1, required=False, allow_null=True)
    trailing_months = serializers.IntegerField(required=False)
    hysteresis_pct = serializers.DecimalField(max_digits=4, decimal_places=1, required=False)
    minimum_stay_months = serializers.IntegerField(required=False)
    repeat_k = serializers.IntegerField(required=False)
    repeat_n = serializers.IntegerField(required=False)
    lapse_months = serializers.IntegerField(required=False)
    weights = serializers.DictField(child=serializers.FloatField(), required=False)
    usual_visits = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(), max_length=2), required=False
    )


class DraftSerializer(FiguresSerializer):
    """Figures to keep as the draft, and why."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class ConfirmSerializer(Strict[dict[str, object]]):
    """Why the draft is put in force, and from when (without: today)."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    valid_from = serializers.DateField(required=False, allow_null=True)
