"""Competitors, their differentiators, and observed facts about them."""

from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from activities.market.budgets.models import Opportunity
from activities.market.competition.states import Outcome
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


@audited()
class Competitor(TenantModel):
    """Who else gets business that could be ours."""

    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint("tenant", Lower("name"), name="activities_competitor_name"),)

    def __str__(self) -> str:
        return self.name


@audited()
class Differentiator(TenantModel):
    """What may decide for or against us: an earlier appointment, a price, a place."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("tenant", Lower("name"), name="activities_differentiator_name"),
        )

    def __str__(self) -> str:
        return self.name


class InsightQuerySet(TenantQuerySet["Insight"]):
    """Reads of insights."""

    def decided(self) -> "InsightQuerySet":
        """Won or lost; what was only heard of decides nothing."""
        return self.filter(outcome__in=(Outcome.WON, Outcome.LOST))

    def with_details(self) -> "InsightQuerySet":
        """With partner, competitor, rep and differentiators, newest first."""
        return (
            self.select_related("partner", "competitor", "rep__user")
            .prefetch_related("differentiators__differentiator")
            .order_by("-happened_on", "-id")
        )

    def naming(self, differentiator_id: UUID) -> "InsightQuerySet":
        """Those that name a differentiator."""
        named = InsightDifferentiator.objects.filter(
            insight=OuterRef("pk"), differentiator_id=differentiator_id
        )
        return self.filter(Exists(named))


@audited(gone_by="partner", about=["partner"])
class Insight(TenantModel):
    """One observed fact about the competition: who, what happened, because of what."""

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="insights", index=False)
    competitor = TenantForeignKey(Competitor, models.RESTRICT, related_name="insights")
    outcome = models.CharField(max_length=8, choices=Outcome)
    happened_on = models.DateField()
    note = models.TextField(blank=True)
    amount = MoneyField(null=True, blank=True)
    opportunity = TenantForeignKey(
        Opportunity, models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    visit = TenantForeignKey(
        "activities.Visit", models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    rep = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(InsightQuerySet)()

    class Meta:
        indexes = (
            models.Index(fields=["tenant", "partner", "-happened_on"], name="activities_insight_partner"),
            models.Index(fields=["tenant", "-happened_on"], name="activities_insight_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="activities_insight_amount"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.happened_on}"


@audited(gone_by="insight")
class InsightDifferentiator(TenantModel):
    """That an insight names a differentiator."""

    insight = TenantForeignKey(Insight, models.CASCADE, related_name="differentiators", index=False)
    differentiator = TenantForeignKey(Differentiator, models.RESTRICT, related_name="insights")

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "insight", "differentiator"], name="activities_insight_reason"
            ),
        )

    def __str__(self) -> str:
        return str(self.differentiator_id)
