"""Tier reviews in the API."""

from rest_framework import serializers

from partners.directory.models import Partner
from partners.reviews.models import TierReview
from partners.standing.serializers import tier_field
from partners.states import Tier
from prm.api.serializers import Strict
from prm.core.fields import LONGEST_TEXT


class ProposalSerializer(serializers.ModelSerializer[Partner]):
    """A change of tier that the rules propose and that waits for a decision."""

    partner = serializers.UUIDField(source="pk", read_only=True)
    tier = tier_field("The tier in force.")
    proposed_tier = serializers.CharField(source="standing.tier_proposal", read_only=True)
    proposal = serializers.JSONField(source="standing.proposal", read_only=True)
    revenue_12m = serializers.DecimalField(
        source="standing.revenue_12m", max_digits=18, decimal_places=4, read_only=True
    )

    class Meta:
        model = Partner
        fields = ("partner", "name", "tier", "tier_since", "proposed_tier", "proposal", "revenue_12m")
        read_only_fields = fields


class DecisionSerializer(Strict[dict[str, str]]):
    """A decision; the two tiers are what the caller saw, so that a stale one is refused."""

    decision = serializers.ChoiceField(choices=["accept", "hold", "override"])
    from_tier = serializers.ChoiceField(choices=Tier.choices)
    proposed_tier = serializers.ChoiceField(choices=Tier.choices)
    tier = serializers.ChoiceField(choices=Tier.choices, required=False, allow_blank=True, default="")
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_TEXT)

    def validate(self, attrs: dict[str, str]) -> dict[str, str]:
        """Refuse a tier that the decision does not set."""
        if attrs["tier"] and attrs["decision"] != "override":
            raise serializers.ValidationError({"tier": "Only an override sets a tier."}, code="not_taken")
        return attrs


class ReviewSerializer(serializers.ModelSerializer[TierReview]):
    """A signed decision."""

    from_tier = tier_field("Empty before the first.")
    proposed_tier = tier_field("Empty when nothing was proposed.")
    decided_tier = tier_field("Empty when a first tier was taken back.")
    signed_by = serializers.SerializerMethodField()

    class Meta:
        model = TierReview
        fields = (
            "id", "partner", "from_tier", "proposed_tier", "decided_tier", "decision", "reason",
            "signed_by", "signed_at", "effective_on", "policy_version", "evidence",
        )  # fmt: skip
        read_only_fields = fields

    def get_signed_by(self, review: TierReview) -> str | None:
        """Return the signer's name; null for a first tier set by the rules."""
        return str(review.signed_by.user) if review.signed_by else None
