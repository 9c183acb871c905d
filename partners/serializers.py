"""Input and output of the API."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from partners import scoring
from partners.models import Partner, ReferralCode, ShareEstimate, Standing, Tier, TierReview
from partners.presentation import explain
from prm.tenancy.context import current_tenant
from prm.tenancy.models import Membership, Role


class CodeSerializer(serializers.ModelSerializer[ReferralCode]):
    """A referral code; `normal` is the form in which codes are compared."""

    class Meta:
        model = ReferralCode
        fields = ("id", "partner", "scheme", "code", "normal", "created_at")
        read_only_fields = ("id", "normal", "created_at")

    def get_fields(self) -> dict[str, Any]:
        """Bind the choice of partners to the tenant in scope."""
        return _bound(super().get_fields())


class NestedCodeSerializer(serializers.Serializer[Any]):
    """A code as part of a partner."""

    scheme = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    code = serializers.CharField(max_length=120)


class ComponentSerializer(serializers.Serializer[Any]):
    """One part of a score: null points mean that it cannot be told yet."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, as DRF allows
    weight = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True)
    fraction = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField()


def _tier(text: str) -> Any:
    """A tier that is only read, and may be empty."""
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
    def get_components(self, standing: Standing) -> list[dict[str, Any]]:
        """Explain each component in a sentence."""
        tenant = current_tenant()
        parts = []
        for part in standing.components:
            known = scoring.component(part["key"])
            label = known.label if known else part["key"]
            shown = {name: part[name] for name in ("key", "weight", "points", "fraction")}
            parts.append({**shown, "label": label, "sentence": explain(part, tenant)})
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


class PartnerSerializer(serializers.ModelSerializer[Partner]):
    """A partner with codes and standing. Send `version` with a change to be told of a clash."""

    tier = _tier("The tier in force; empty until the first is set.")
    codes = NestedCodeSerializer(many=True, required=False)
    standing = serializers.SerializerMethodField()
    version = serializers.IntegerField(required=False)

    class Meta:
        model = Partner
        fields = (
            "id", "name", "kind", "specialty", "organisation", "rep", "city", "region", "email", "phone",
            "website", "notes", "is_active", "tier", "tier_since", "codes", "standing", "version",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "tier", "tier_since", "created_at", "updated_at")

    def get_fields(self) -> dict[str, Any]:
        """Bind the choices of organisation and rep to the tenant in scope."""
        return _bound(super().get_fields())

    def get_standing(self, partner: Partner) -> dict[str, Any] | None:
        """Null until it is computed, and for callers who may not see standings."""
        standing = getattr(partner, "standing", None)
        if standing is None or not self.context.get("with_standing"):
            return None
        return dict(StandingSerializer(standing).data)


class EstimateSerializer(serializers.ModelSerializer[ShareEstimate]):
    """An estimate of all a partner's orders in a year, with its 90 % range."""

    class Meta:
        model = ShareEstimate
        fields = ("id", "partner", "low", "middle", "high", "source", "as_of", "by", "created_at")
        read_only_fields = ("id", "by", "created_at")

    def get_fields(self) -> dict[str, Any]:
        """Bind the choice of partners to the tenant in scope."""
        return _bound(super().get_fields())


def _bound(fields: dict[str, Any]) -> dict[str, Any]:
    """Give relations the querysets of the tenant in scope: another tenant's row does not exist."""
    querysets: dict[str, Callable[[], Any]] = {
        "partner": Partner.objects.all,
        "organisation": Partner.objects.all,
        "rep": Membership.objects.exclude(role=Role.PARTNER).all,
    }
    for name, queryset in querysets.items():
        field = fields.get(name)
        if isinstance(field, serializers.PrimaryKeyRelatedField) and not field.read_only:
            setattr(field, "queryset", queryset())  # noqa: B010  (the stubs take it for a descriptor)
    return fields


class ProposalSerializer(serializers.ModelSerializer[Partner]):
    """A change of tier that the rules propose and that waits for a decision."""

    partner = serializers.UUIDField(source="pk", read_only=True)
    tier = _tier("The tier in force.")
    proposed_tier = serializers.CharField(source="standing.tier_proposal", read_only=True)
    proposal = serializers.JSONField(source="standing.proposal", read_only=True)
    revenue_12m = serializers.DecimalField(
        source="standing.revenue_12m", max_digits=18, decimal_places=4, read_only=True
    )

    class Meta:
        model = Partner
        fields = ("partner", "name", "tier", "tier_since", "proposed_tier", "proposal", "revenue_12m")
        read_only_fields = fields


class DecisionSerializer(serializers.Serializer[Any]):
    """A decision; the two tiers are what the caller saw, so that a stale one is refused."""

    decision = serializers.ChoiceField(choices=["accept", "hold", "override"])
    from_tier = serializers.ChoiceField(choices=Tier.choices)
    proposed_tier = serializers.ChoiceField(choices=Tier.choices)
    tier = serializers.ChoiceField(choices=Tier.choices, required=False, allow_blank=True, default="")
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class ReviewSerializer(serializers.ModelSerializer[TierReview]):
    """A signed decision."""

    from_tier = _tier("Empty before the first.")
    proposed_tier = _tier("Empty when nothing was proposed.")
    decided_tier = _tier("Empty when a first tier was taken back.")
    signed_by = serializers.SerializerMethodField()

    class Meta:
        model = TierReview
        fields = (
            "id", "partner", "from_tier", "proposed_tier", "decided_tier", "decision", "reason",
            "signed_by", "signed_at", "effective_on", "policy_version", "evidence",
        )  # fmt: skip
        read_only_fields = fields

    def get_signed_by(self, review: TierReview) -> str | None:
        """The signer's name; null for a first tier set by the rules."""
        return str(review.signed_by.user) if review.signed_by else None
