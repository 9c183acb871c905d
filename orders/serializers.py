"""What the API says about orders. What it takes is read by orders.incoming."""

from typing import Any, ClassVar

from rest_framework import serializers

from orders.models import Order, OrderLine
from orders.states import OrderState


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    """One line of an order."""

    product_code = serializers.CharField(source="product.code", default="")
    product_name = serializers.CharField(source="product.name", default="")

    class Meta:
        model = OrderLine
        fields = ("ordinal", "product_code", "product_name", "quantity", "unit_price", "amount", "placed_at")
        read_only_fields = fields


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order without its lines."""

    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    partner_name = serializers.CharField(source="partner.name", default="")
    name_sent = serializers.CharField(source="partner_name")

    class Meta:
        model = Order
        fields: ClassVar[tuple[str, ...]] = (
            "id", "source", "number", "partner", "partner_name", "code", "name_sent", "placed_at", "month",
            "currency", "amount", "units", "state", "is_reversal", "revision", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class OrderDetailSerializer(OrderSerializer):
    """An order with its lines."""

    lines = LineSerializer(many=True)

    class Meta(OrderSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*OrderSerializer.Meta.fields, "lines")
        read_only_fields = fields


class IncomingLineSerializer(serializers.Serializer[Any]):
    """A line as it is sent (for the description; orders.incoming judges it)."""

    product_code = serializers.CharField(required=False)
    product_name = serializers.CharField(required=False)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)
    unit_price = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)
    amount = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)


class IncomingOrderSerializer(serializers.Serializer[Any]):
    """An order as it is sent. Fields that are not listed are refused."""

    number = serializers.CharField(max_length=64)
    placed_at = serializers.DateTimeField(
        help_text="ISO 8601; a date alone is midnight in the source's time zone"
    )
    code = serializers.CharField(required=False, help_text="referral code")
    partner_name = serializers.CharField(required=False)
    currency = serializers.CharField(required=False, help_text="ISO 4217")
    state = serializers.ChoiceField(choices=OrderState.choices, required=False)
    lines = IncomingLineSerializer(many=True, required=False)
    amount = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)


class IncomingBatchSerializer(serializers.Serializer[Any]):
    """Up to 1,000 orders of one source. A single order may also be sent by itself, with `source` in it."""

    source = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text='name of the order source; default "API"'
    )
    orders = IncomingOrderSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing wrong."""

    field = serializers.CharField()
    message = serializers.CharField()
    code = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of one order."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=["created", "corrected", "unchanged", "superseded", "rejected"])
    id = serializers.UUIDField(allow_null=True)
    partner = serializers.UUIDField(allow_null=True, help_text="null while nobody knows whose order it is")
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]


class OutcomesSerializer(serializers.Serializer[Any]):
    """What became of a batch."""

    source = serializers.CharField()  # type: ignore[assignment]
    results = OutcomeSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField())
