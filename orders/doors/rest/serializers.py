"""What programs send as orders, and what they are answered."""

from typing import Any

from rest_framework import serializers

from orders.book.states import OrderState


class IncomingLineSerializer(serializers.Serializer[Any]):
    """A line as it is sent (for the description; orders.doors.rest.incoming judges it)."""

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
