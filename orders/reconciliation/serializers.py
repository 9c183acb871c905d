"""Reconciliation by API."""

from typing import ClassVar

from rest_framework import serializers

from orders.reconciliation.models import ControlTotal
from orders.reconciliation.states import Basis, Cause, DayState, Side
from prm.api.fields import DayField
from prm.api.serializers import Strict, StrictModel
from prm.core.money import ISO_4217


class ControlTotalSerializer(StrictModel[ControlTotal]):
    """What a source counts on a day: `orders`, `amount` or both; `currency` without a word is the source's."""

    source = serializers.CharField(source="source.name", max_length=80, help_text="The source's name.")  # type: ignore[assignment]
    day = DayField()
    orders = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)
    currency = serializers.CharField(max_length=3, required=False, allow_blank=True, default="")

    class Meta:
        model = ControlTotal
        fields: ClassVar[tuple[str, ...]] = (
            "id", "source", "day", "currency", "orders", "amount", "origin", "by", "declared_at",
        )  # fmt: skip
        read_only_fields: ClassVar[tuple[str, ...]] = ("id", "origin", "by", "declared_at")

    def validate_currency(self, value: str) -> str:
        """Return the code in capitals."""
        code = value.strip().upper()
        if code and code not in ISO_4217:
            raise serializers.ValidationError("This is no currency code of ISO 4217.")
        return code


class SumSerializer(serializers.Serializer[object]):
    """A number of orders and an amount; null is unknown, never zero."""

    orders = serializers.IntegerField(allow_null=True)
    amount = serializers.CharField(allow_null=True)


class DifferenceSerializer(serializers.Serializer[object]):
    """Orders that differ for one cause, and what will happen."""

    cause = serializers.ChoiceField(choices=Cause.choices)
    words = serializers.CharField()
    next = serializers.CharField()
    between = serializers.ChoiceField(choices=Side.choices)
    orders = serializers.IntegerField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    records = serializers.IntegerField()


class UnknownThereSerializer(serializers.Serializer[object]):
    """Records in Salesforce of which nobody here knows, and what they come to in `currency`."""

    currency = serializers.CharField()
    records = serializers.IntegerField()
    amount = serializers.CharField()


class DaySerializer(serializers.Serializer[object]):
    """The three figures of a source, day and currency; `salesforce` is null without a connection.

    Amounts of source and here are in `currency`; `counted` and that of Salesforce in the tenant's. `counted_there_at`:
    when the day was counted in Salesforce itself; `unknown_there`: what it has on that day that nobody here knows of, by
    currency, of all sources.
    """

    id = serializers.UUIDField()
    source = serializers.CharField()  # type: ignore[assignment]
    day = serializers.DateField()
    currency = serializers.CharField()
    basis = serializers.ChoiceField(choices=Basis.choices)
    at_source = SumSerializer()
    here = SumSerializer()
    counted = serializers.CharField()
    rate_missing = serializers.IntegerField()
    salesforce = SumSerializer(allow_null=True)
    counted_there_at = serializers.DateTimeField(allow_null=True)
    unknown_there = UnknownThereSerializer(many=True)
    unread = serializers.IntegerField()
    state = serializers.ChoiceField(choices=DayState.choices)
    signed_by = serializers.CharField()
    note = serializers.CharField()
    taken_at = serializers.DateTimeField()
    differences = DifferenceSerializer(many=True)


class MoneySerializer(serializers.Serializer[object]):
    """What all days come to in one currency: source, here, Salesforce."""

    currency = serializers.CharField()
    source = SumSerializer()  # type: ignore[assignment]
    here = SumSerializer()
    counted = serializers.CharField()
    counted_currency = serializers.CharField()
    rate_missing = serializers.IntegerField()
    salesforce = SumSerializer(allow_null=True)
    unread = serializers.IntegerField()
    agrees = serializers.BooleanField()


class UndatedSerializer(serializers.Serializer[object]):
    """Rejected rows of which no day can be read."""

    currency = serializers.CharField()
    rows = serializers.IntegerField()
    amount = serializers.CharField()


class TotalSerializer(serializers.Serializer[object]):
    """The whole tenant's money."""

    currency = serializers.CharField()
    salesforce = serializers.CharField()
    taken_at = serializers.DateTimeField(allow_null=True)
    open_days = serializers.IntegerField()
    total = MoneySerializer(many=True)
    undated_rejects = UndatedSerializer(many=True)


class DifferingSerializer(serializers.Serializer[object]):
    """One order, or rejected row, that differs."""

    cause = serializers.ChoiceField(choices=Cause.choices)
    number = serializers.CharField()
    order = serializers.UUIDField(source="order_id", allow_null=True)
    rejected_row = serializers.UUIDField(source="line_id", allow_null=True)
    orders = serializers.IntegerField()
    difference = serializers.CharField(allow_null=True)
    here = serializers.CharField(allow_null=True)
    salesforce = serializers.CharField(source="there", allow_null=True)
    words = serializers.CharField()


class SignSerializer(Strict[object]):
    """Why a day differs, in words."""

    note = serializers.CharField(max_length=10_000)


class SpanSerializer(Strict[object]):
    """Which days are counted anew; without them the last 35."""

    first = DayField(required=False, allow_null=True)
    last = DayField(required=False, allow_null=True)


class AskedSerializer(serializers.Serializer[object]):
    """Whether Salesforce itself is counted, in the background."""

    counted = serializers.BooleanField()
    asked_salesforce = serializers.BooleanField()
