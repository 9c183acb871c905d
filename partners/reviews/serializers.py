"""Tier reviews in the API."""

from typing import Final

from rest_framework import serializers

from partners.directory.models import Partner
from partners.directory.serializers import Fields, bound_to_tenant
from partners.reviews.cycle.models import CycleDecision, ReviewCycle
from partners.reviews.letters.queries import Letter
from partners.reviews.models import ReviewComment, TierReview
from partners.reviews.service import LONGEST_COMMENT
from partners.standing.serializers import tier_field
from partners.states import Tier
from prm.api.serializers import Strict, StrictModel
from prm.core.fields import LONGEST_TEXT

MOST_AT_ONCE: Final = 500


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
    until_changed = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Hold or override until somebody changes it, not only until the next review.",
    )

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


class AskedDecisionSerializer(Strict[dict[str, str]]):
    """A partner with the two tiers that the caller saw."""

    partner = serializers.UUIDField()
    from_tier = serializers.ChoiceField(choices=Tier.choices)
    proposed_tier = serializers.ChoiceField(choices=Tier.choices)


class ManySerializer(Strict[dict[str, object]]):
    """One decision about several proposals."""

    decision = serializers.ChoiceField(choices=["accept", "hold", "override"])
    proposals = AskedDecisionSerializer(many=True, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]  # of the list, by many
    tier = serializers.ChoiceField(choices=Tier.choices, required=False, allow_blank=True, default="")
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=LONGEST_TEXT)
    until_changed = serializers.BooleanField(required=False, default=False)


class CycleDecisionSerializer(serializers.ModelSerializer[CycleDecision]):
    """What was decided in a review that is not in force yet; `review` is what it became."""

    by = serializers.SerializerMethodField()

    class Meta:
        model = CycleDecision
        fields = (
            "id", "partner", "from_tier", "proposed_tier", "tier", "decision", "reason", "until_changed", "by", "at",
            "review", "left_out",
        )  # fmt: skip
        read_only_fields = fields

    def get_by(self, one: CycleDecision) -> str | None:
        """Return who decided; null for somebody who left."""
        return str(one.by.user) if one.by else None


class CycleSerializer(serializers.ModelSerializer[ReviewCycle]):
    """A review of a quarter: `open`, `once` (waits for a second signature), `signed`, `in_force`."""

    signed_by = serializers.SerializerMethodField()
    second_by = serializers.SerializerMethodField()

    class Meta:
        model = ReviewCycle
        fields = (
            "id", "name", "state", "figures_on", "effective_on", "opened_at", "signed_by", "signed_at", "second_by",
            "second_at", "reopened_at", "reopened_reason",
        )  # fmt: skip
        read_only_fields = fields

    def get_signed_by(self, cycle: ReviewCycle) -> str | None:
        """Return who signed first."""
        return str(cycle.signed_by.user) if cycle.signed_by else None

    def get_second_by(self, cycle: ReviewCycle) -> str | None:
        """Return who signed second."""
        return str(cycle.second_by.user) if cycle.second_by else None


class OpenSerializer(Strict[dict[str, object]]):
    """A new review: its name, and the day from which its decisions are in force."""

    name = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    effective_on = serializers.DateField(required=False, allow_null=True, default=None)


class ReopenSerializer(Strict[dict[str, str]]):
    """Why a review is opened again."""

    reason = serializers.CharField(max_length=LONGEST_TEXT)


class CommentSerializer(StrictModel[ReviewComment]):
    """What a rep says about a partner for the next review."""

    class Meta:
        model = ReviewComment
        fields = ("id", "partner", "text", "by", "at")
        read_only_fields = ("id", "by", "at")
        extra_kwargs = {"text": {"max_length": LONGEST_COMMENT}}

    def get_fields(self) -> Fields:
        """Bind the choice of partners to the tenant in scope."""
        return bound_to_tenant(super().get_fields())


class LetterSerializer(serializers.Serializer[Letter]):
    """A letter as it goes out; `state` is empty until somebody asked for it, then `asked`, `sent` or `failed`."""

    partner = serializers.UUIDField(source="decision.partner_id", read_only=True)
    to = serializers.CharField(read_only=True, help_text="Empty where no address is known.")
    subject = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)
    state = serializers.CharField(source="decision.letter", read_only=True)
