"""Rates in the API."""

from rest_framework import serializers

from orders.rates.models import ExchangeRate
from prm.api.fields import DayField
from prm.api.serializers import Strict, StrictModel


class RateSerializer(StrictModel[ExchangeRate]):
    """What one unit of `currency` is worth in `into`, the tenant's currency unless said, from `since` on."""

    currency = serializers.CharField(max_length=3)
    into = serializers.CharField(max_length=3, required=False)
    since = DayField()
    rate = serializers.DecimalField(max_digits=24, decimal_places=12)
    source = serializers.CharField(max_length=80, required=False, allow_blank=True)  # type: ignore[assignment]

    class Meta:
        model = ExchangeRate
        fields = ("id", "currency", "into", "since", "rate", "source", "created_at")
        read_only_fields = ("id", "created_at")
        validators: tuple[()] = ()


class WaitingSerializer(Strict[object]):
    """Orders of one currency and month whose amount, in that currency, counts nowhere yet, and why."""

    currency = serializers.CharField()
    month = serializers.DateField()
    reason = serializers.CharField()
    orders = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=None, decimal_places=4)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
