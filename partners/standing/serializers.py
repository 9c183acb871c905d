"""What the API says about standings."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners.standing.models import Standing
from partners.standing.registry import Facts
from partners.standing.words import explain, label_of
from partners.states import Tier
from prm.tenancy.context import current_tenant


class ComponentSerializer(serializers.Serializer[Facts]):
    """One part of a score: null points mean that it cannot be told yet."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, as DRF allows
    weight = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True)
    fraction = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField()


def tier_field(text: str) -> serializers.ChoiceField:
    """Return a tier that is only read, and may be empty."""
    return serializers.ChoiceField(choices=Tier.choices, allow_blank=True, read_only=True, help_text=text)


class StandingSerializer(serializers.ModelSerializer[Standing]):
    """How a partner stands now. Amounts in the tenant's currency; share and headroom are null when doubtful."""

    components = serializers.SerializerMethodField()
    share = serializers.SerializerMethodField()
    share_low = serializers.SerializerMethodField()
    share_high = serializers.SerializerMethodField()
    headroom_low = serializers.SerializerMethodField()
    headroom_high = serializers.SerializerMethodField()

    class Meta:
        model = Standing
        fields = (
            "level", "tier_proposal", "score", "score_month_ago", "components", "share", "share_low",
            "share_high", "headroom_low", "headroom_high", "revenue_12m", "revenue_total", "orders_12m",
            "first_order_on", "last_order_on", "policy_version", "computed_at",
        )  # fmt: skip

    @extend_schema_field(ComponentSerializer(many=True))  # type: ignore[untyped-decorator]
    def get_components(self, standing: Standing) -> list[Facts]:
        """Explain each component in a sentence."""
        tenant = current_tenant()
        parts = []
        for part in standing.components:
            shown = {name: part[name] for name in ("key", "weight", "points", "fraction")}
            parts.append({**shown, "label": label_of(part["key"]), "sentence": explain(part, tenant)})
        return parts

    def _told(self, standing: Standing, name: str) -> str | None:
        value = getattr(standing, name)
        return None if value is None or standing.share_doubtful else str(value)

    def get_share(self, standing: Standing) -> str | None:
        """Our part of the partner's orders, 0 to 1."""
        return self._told(standing, "share")

    def get_share_low(self, standing: Standing) -> str | None:
        """Lower end of the 90 % range."""
        return self._told(standing, "share_low")

    def get_share_high(self, standing: Standing) -> str | None:
        """Upper end of the 90 % range."""
        return self._told(standing, "share_high")

    def get_headroom_low(self, standing: Standing) -> str | None:
        """Money on the table a year, lower end."""
        return self._told(standing, "headroom_low")

    def get_headroom_high(self, standing: Standing) -> str | None:
        """Money on the table a year, upper end."""
        return self._told(standing, "headroom_high")
