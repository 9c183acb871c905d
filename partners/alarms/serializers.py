"""What is watched of a partner's orders, in the API."""

from rest_framework import serializers

from partners.alarms.models import OrderWatch
from partners.alarms.words import watch_words
from prm.tenancy.context import current_tenant


class WatchSerializer(serializers.ModelSerializer[OrderWatch]):
    """What a partner usually sends a month, and the alarm that stands; 1 in 20 steady partners shows one in a year."""

    usually = serializers.DecimalField(
        max_digits=10,
        decimal_places=1,
        read_only=True,
        allow_null=True,
        help_text="Orders a month, season taken out.",
    )
    direction = serializers.CharField(read_only=True, help_text="fall, rise, or empty where no alarm stands.")
    since = serializers.DateField(read_only=True, allow_null=True, help_text="First month of the change.")
    a_year = serializers.DecimalField(
        max_digits=18,
        decimal_places=4,
        read_only=True,
        allow_null=True,
        help_text="Money a year; negative for a fall.",
    )
    words = serializers.SerializerMethodField()

    class Meta:
        model = OrderWatch
        fields = ("month", "state", "usually", "direction", "since", "was", "now", "a_year", "words")
        read_only_fields = fields

    def get_words(self, watch: OrderWatch) -> str:
        """Return the sentence of the partner's page; empty where there is nothing to say."""
        return watch_words(watch, current_tenant())
