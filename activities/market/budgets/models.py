"""Opportunities and the updates of their budgets."""

from uuid import UUID

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from activities.market.budgets.sql import NAMES
from activities.market.budgets.states import OpportunityState, Stage
from activities.market.names.models import Competitor
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant_id
from prm.tenancy.managers import TenantManager, TenantQuerySet


class OpportunityQuerySet(TenantQuerySet["Opportunity"]):
    """Reads of opportunities."""

    def open(self) -> "OpportunityQuerySet":
        """Still expected."""
        return self.filter(state=OpportunityState.OPEN)

    def with_last_change(self) -> "OpportunityQuerySet":
        """With ``changed_from`` and ``changed_at`` of the last change of the amount (NULL if there is none)."""
        changes = BudgetUpdate.objects.filter(opportunity=OuterRef("pk"), old_amount__isnull=False).exclude(
            old_amount=F("new_amount")
        )
        last = changes.order_by("-at", "-id")
        return self.annotate(
            changed_from=Subquery(last.values("old_amount")[:1]), changed_at=Subquery(last.values("at")[:1])
        )


@audited(gone_by="partner", about=["partner"])
class Opportunity(TenantModel):
    """Future business with a partner: an expected amount and the day it is expected by.

    ``amount`` and ``close_date`` are the present ones; how they came about is in :class:`BudgetUpdate`. `asked_at` is when
    a manager asked whether they still hold; an answer empties it. `competitor` may be a name that stands for another.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="opportunities", index=False)
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.PROSPECTING)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    close_date = models.DateField()
    state = models.CharField(max_length=8, choices=OpportunityState, default=OpportunityState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    owner = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="opportunities"
    )
    competitor = TenantForeignKey(
        Competitor, models.RESTRICT, null=True, blank=True, related_name="opportunities"
    )
    product = TenantForeignKey(
        "orders.Product", models.SET_NULL, null=True, blank=True, related_name="opportunities"
    )
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(OpportunityQuerySet)()

    class Meta:
        verbose_name_plural = "opportunities"
        triggers = NAMES.triggers()
        indexes = (
            models.Index(fields=["tenant", "partner", "state"], name="activities_opp_partner"),
            models.Index(fields=["tenant", "state", "close_date"], name="activities_opp_close"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="activities_opp_amount"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="activities_opp_closed",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def keepers(self) -> frozenset[UUID]:
        """Who looks after it: its owner, and the rep of the partner."""
        return frozenset(pk for pk in (self.owner_id, self.partner.rep_id) if pk is not None)

    @property
    def is_open(self) -> bool:
        """Whether the business is still expected."""
        return self.state == OpportunityState.OPEN


@audited(gone_by="opportunity")
class OpportunityOrder(TenantModel):
    """That an order fulfilled a won opportunity. An order fulfils one at most, so that its money is counted once."""

    opportunity = TenantForeignKey(Opportunity, models.CASCADE, related_name="fulfilled_by")
    order = TenantForeignKey("orders.Order", models.CASCADE, related_name="+", index=False)
    tied_by = models.CharField(max_length=160, blank=True, default="", db_default="")
    at = models.DateTimeField(default=now)

    objects = TenantManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant", "order"], name="activities_order_once"),)

    def __str__(self) -> str:
        return str(self.order_id)


class OpportunityWord(TenantModel):
    """One word of an opportunity's name, by which it is found; the database keeps it with the name."""

    id = None  # type: ignore[assignment]  # removes the inherited field
    pk = models.CompositePrimaryKey("tenant", "opportunity", "word")
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        default=current_tenant_id,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    opportunity = TenantForeignKey(Opportunity, models.CASCADE, related_name="words", index=False)
    word = models.CharField(max_length=40, db_collation="C")

    class Meta:
        indexes = (
            models.Index(fields=["tenant", "word"], include=["opportunity"], name="activities_opp_word"),
        )

    def __str__(self) -> str:
        return self.word


@audited(gone_by="opportunity")
class BudgetUpdate(TenantModel):
    """One change of an opportunity's amount or date; rows are added, never changed.

    The first row of an opportunity has no old values. Taking a change back adds the reverse row, which
    names the row it ``reverses``. ``parts_before``: what was for which product before the amount moved, by the product's id;
    empty where it was not about several.
    """

    opportunity = TenantForeignKey(Opportunity, models.CASCADE, related_name="budget_updates", index=False)
    old_amount = MoneyField(null=True, blank=True)
    new_amount = MoneyField()
    old_close = models.DateField(null=True, blank=True)
    new_close = models.DateField()
    note = models.TextField(blank=True)
    parts_before = models.JSONField(default=dict, blank=True, editable=False)
    visit = TenantForeignKey(
        "activities.Visit", models.SET_NULL, null=True, blank=True, related_name="budget_updates"
    )
    reverses = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reversed_by")
    by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    at = models.DateTimeField(default=now)

    objects = TenantManager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["tenant", "opportunity", "-at"], name="activities_budget_at"),)
        constraints = (
            models.CheckConstraint(condition=Q(new_amount__gte=0), name="activities_budget_amount"),
        )

    def __str__(self) -> str:
        return f"{self.old_amount} → {self.new_amount}"
