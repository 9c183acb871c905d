"""Observed facts about the competition."""

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from activities.market.budgets.models import Opportunity
from activities.market.budgets.products.models import OpportunityProduct
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.names.models import Competitor, Differentiator
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet

LONGEST_CLAIM = 200


class InsightQuerySet(TenantQuerySet["Insight"]):
    """Reads of insights."""

    def decided(self) -> "InsightQuerySet":
        """Won or lost; what was only heard of decides nothing."""
        return self.filter(outcome__in=(Outcome.WON, Outcome.LOST))

    def with_details(self) -> "InsightQuerySet":
        """With partner, competitor, rep and differentiators, newest first."""
        return (
            self.select_related("partner", "competitor", "product", "rep__user")
            .prefetch_related("differentiators__differentiator")
            .order_by("-happened_on", "-id")
        )

    def about(self, products: Collection[UUID]) -> "InsightQuerySet":
        """Those about one of these products: as they say, or as their opportunity does where they say none."""
        said = Q(product__in=products)
        only = Q(product=None, opportunity__product__in=products)
        split = OpportunityProduct.objects.filter(opportunity=OuterRef("opportunity"), product__in=products)
        return self.filter(said | only | Q(Exists(split), product=None))

    def naming(self, differentiator_id: UUID) -> "InsightQuerySet":
        """Those that name a differentiator."""
        named = InsightDifferentiator.objects.filter(
            insight=OuterRef("pk"), differentiator_id=differentiator_id
        )
        return self.filter(Exists(named))


@audited(gone_by="partner", about=["partner"])
class Insight(TenantModel):
    """One observed fact about the competition: who, what happened, because of what.

    `amount` is in `currency`, which is "" for the company's own. `claim` is what they say of themselves, `noted_as` the
    name under which the competitor was noted, where that is another name of it. `source` and `confidence` are "" where
    nobody said.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="insights", index=False)
    competitor = TenantForeignKey(Competitor, models.RESTRICT, related_name="insights", index=False)
    noted_as = TenantForeignKey(
        Competitor, models.RESTRICT, null=True, blank=True, related_name="noted", editable=False
    )
    outcome = models.CharField(max_length=8, choices=Outcome)
    happened_on = models.DateField()
    note = models.TextField(blank=True)
    claim = models.CharField(max_length=LONGEST_CLAIM, blank=True, default="", db_default="")
    amount = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    product = TenantForeignKey(
        "orders.Product", models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    source = models.CharField(max_length=12, choices=Source, blank=True, default="", db_default="")
    confidence = models.CharField(max_length=8, choices=Confidence, blank=True, default="", db_default="")
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
            models.Index(fields=["tenant", "competitor", "-happened_on"], name="activities_insight_rival"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="activities_insight_amount"
            ),
        )

    @property
    def reasons(self) -> "list[Differentiator]":
        """The differentiators that decided, each once, by name."""
        named = {one.differentiator_id: one.differentiator for one in self.differentiators.all()}
        return sorted(named.values(), key=lambda one: one.name)

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.happened_on}"


@audited(gone_by="insight")
class InsightDifferentiator(TenantModel):
    """That an insight names a differentiator; twice when it names two that have become one since (`noted_as`)."""

    insight = TenantForeignKey(Insight, models.CASCADE, related_name="differentiators", index=False)
    differentiator = TenantForeignKey(Differentiator, models.RESTRICT, related_name="insights")
    noted_as = TenantForeignKey(
        Differentiator, models.RESTRICT, null=True, blank=True, related_name="noted", editable=False
    )

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "insight", "differentiator", "noted_as"],
                name="activities_insight_reasons",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return str(self.differentiator_id)
