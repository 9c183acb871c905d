"""Dated, signed decisions about tiers."""

from django.db import models
from django.db.models.functions import Now

from partners.directory.models import Partner
from partners.states import Tier
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited(about=["partner"])
class ReviewComment(TenantModel):
    """What a rep says about a partner for the next review; the latest stands beside the evidence."""

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="review_comments", index=False)
    text = models.TextField()
    by = TenantForeignKey("accounts.Membership", models.SET_NULL, null=True, related_name="+", index=False)
    at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["tenant", "partner", "-at"], name="partners_comment_of"),)

    def __str__(self) -> str:
        return self.text[:40]


@audited(about=["partner"])
class TierReview(TenantModel):
    """A signed decision about one partner's tier. Never changed; an undo is a review of its own.

    "initial" is the first tier, set by the rules without a signature. `evidence` holds what was
    decided on: figures, band, rule and what was in force before. From `effective_on` on
    `decided_tier` is in force; `tier_since` says since when it counts for the minimum stay.
    """

    class Decision(models.TextChoices):
        INITIAL = "initial", "First tier"
        ACCEPT = "accept", "Accepted"
        HOLD = "hold", "Held"
        OVERRIDE = "override", "Overridden"
        UNDO = "undo", "Undone"

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="tier_reviews", index=False)
    from_tier = models.CharField(max_length=8, choices=Tier, blank=True)
    proposed_tier = models.CharField(max_length=8, choices=Tier, blank=True)
    decided_tier = models.CharField(max_length=8, choices=Tier, blank=True)
    decision = models.CharField(max_length=8, choices=Decision)
    reason = models.TextField(blank=True)
    signed_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    signed_at = models.DateTimeField(default=now, db_default=Now())
    effective_on = models.DateField()
    tier_since = models.DateField(null=True, blank=True)
    policy_version = models.PositiveIntegerField()
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ("-signed_at", "-id")
        indexes = (
            models.Index(fields=["tenant", "partner", "-signed_at"], name="partners_review_partner"),
            models.Index(fields=["tenant", "-signed_at"], name="partners_review_signed"),
        )

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.decided_tier}"
