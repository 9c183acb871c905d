"""Cycles of tier reviews, what was decided in them, and how a tenant holds them."""

from django.db import models
from django.db.models import Q

from partners.directory.models import Partner
from partners.reviews.cycle.states import UNSETTLED, CycleState, LetterState
from partners.reviews.models import TierReview
from partners.states import Tier
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited()
class ReviewSettings(TenantModel):
    """How a tenant holds reviews; one row, made when something is set."""

    two_people = models.BooleanField(default=False)
    every_quarter = models.BooleanField(default=False)
    letter_subject = models.CharField(max_length=150, blank=True, default="", db_default="")
    letter_text = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="partners_review_settings_one"),)

    def __str__(self) -> str:
        return "Settings of reviews"


@audited()
class ReviewCycle(TenantModel):
    """One review of all proposals, as of `figures_on`; its decisions are in force from `effective_on`.

    Whoever opened it by schedule is nobody. `reopened_reason` is why it was opened again last; every step is in the audit trail.
    """

    name = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=CycleState, default=CycleState.OPEN)
    figures_on = models.DateField()
    effective_on = models.DateField()
    opened_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, related_name="+", index=False
    )
    opened_at = models.DateTimeField(default=now)
    signed_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, related_name="+", index=False
    )
    signed_at = models.DateTimeField(null=True)
    second_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, related_name="+", index=False
    )
    second_at = models.DateTimeField(null=True)
    reopened_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, related_name="+", index=False
    )
    reopened_at = models.DateTimeField(null=True)
    reopened_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(state__in=list(UNSETTLED)), name="partners_cycle_one_open"
            ),
        )
        indexes = (models.Index(fields=["tenant", "-opened_at"], name="partners_cycle_opened"),)

    def __str__(self) -> str:
        return self.name


@audited(about=["partner"])
class CycleDecision(TenantModel):
    """What was decided about one proposal in a cycle; it changes nothing before the cycle is in force.

    `until_changed`: a hold or override lasts until somebody changes it, else until the next review. `review` is the signed decision it
    became; `left_out` says why it became none. `letter` is how far
    its letter is, `letter_at` when the mail server took it.
    """

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="decisions", index=False)
    partner = TenantForeignKey(Partner, models.CASCADE, related_name="cycle_decisions", index=False)
    from_tier = models.CharField(max_length=8, choices=Tier)
    proposed_tier = models.CharField(max_length=8, choices=Tier)
    tier = models.CharField(max_length=8, choices=Tier)
    decision = models.CharField(max_length=8, choices=TierReview.Decision)
    reason = models.TextField(blank=True)
    until_changed = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)
    by = TenantForeignKey("accounts.Membership", models.SET_NULL, null=True, related_name="+", index=False)
    at = models.DateTimeField(default=now)
    review = TenantForeignKey(TierReview, models.SET_NULL, null=True, related_name="+", index=False)
    left_out = models.TextField(blank=True)
    letter = models.CharField(max_length=6, choices=LetterState, blank=True, default="", db_default="")
    letter_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "cycle", "partner"], name="partners_cycle_decision_one"
            ),
        )
        indexes = (models.Index(fields=["tenant", "partner"], name="partners_cycle_decision_of"),)

    def __str__(self) -> str:
        return f"{self.from_tier} → {self.tier}"
