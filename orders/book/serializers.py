"""What the API says about orders. What it takes is read by the door for programs."""

from typing import ClassVar

from rest_framework import serializers

from orders.book.models import Order, OrderLine, OrderShare
from prm.api.serializers import Strict
from prm.ownfields.serializers import OwnValuesField


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    """One line of an order."""

    product_code = serializers.CharField(source="product.code", default="")
    product_name = serializers.CharField(source="product.name", default="")
    is_refund = serializers.BooleanField(read_only=True)

    class Meta:
        model = OrderLine
        fields: ClassVar[tuple[str, ...]] = (
            "ordinal", "product_code", "product_name", "quantity", "unit_price", "amount", "placed_at", "state",
            "is_refund",
        )  # fmt: skip
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order without its lines.

    `amount` and `refunded` are in `currency`; `counted` is the amount in the tenant's currency, converted at
    `rate`, the one in force since `rate_on`; null while it waits, and `waits` says for what.
    """

    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    partner_name = serializers.CharField(source="partner.name", default="")
    name_sent = serializers.CharField(source="partner_name")
    # Computed by the database: DRF would answer such a field as a number, and amounts are texts.
    counted = serializers.DecimalField(max_digits=18, decimal_places=4, read_only=True, allow_null=True)
    own = OwnValuesField("order")

    class Meta:
        model = Order
        fields: ClassVar[tuple[str, ...]] = (
            "id", "source", "number", "partner", "partner_name", "code", "name_sent", "placed_at", "month",
            "currency", "amount", "counted", "rate", "rate_on", "waits", "units", "refunded", "state", "is_reversal", "is_shared", "revision", "created_at", "updated_at", "own",
        )  # fmt: skip
        read_only_fields = fields


class OrderOwnSerializer(Strict[object]):
    """What may be changed of an order that has come in: the tenant's own fields."""

    own = OwnValuesField("order")


class ShareSerializer(serializers.ModelSerializer[OrderShare]):
    """A part of the credit of an order, in per cent, and who said so: a `rule`, the `file`, or somebody by `hand`."""

    class Meta:
        model = OrderShare
        fields: ClassVar[tuple[str, ...]] = ("partner", "percent", "origin", "by", "created_at")
        read_only_fields = fields


class OrderDetailSerializer(OrderSerializer):
    """An order with its lines, and its parts where its credit is shared."""

    lines = LineSerializer(many=True)
    shares = ShareSerializer(many=True)

    class Meta(OrderSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*OrderSerializer.Meta.fields, "lines", "shares")
        read_only_fields = fields
