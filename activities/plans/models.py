"""Call plans: visits intended per partner and period."""

from datetime import date

from django.db import models
from django.db.models import Q

from activities.plans.rules import Plan
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class CallPlanQuerySet(TenantQuerySet["CallPlan"]):
    """Reads of call plans."""

    def in_force(self, day: date) -> "CallPlanQuerySet":
        """Return the one plan per partner that counts on ``day``: the latest that had begun by then."""
        return self.filter(valid_from__lte=day).order_by("partner_id", "-valid_from").distinct("partner_id")


@audited(about=["partner"])
class CallPlan(TenantModel):
    """Visits intended for a partner in each calendar block of ``months`` months, from a day on.

    ``visits = 0`` says that no visit is intended. Earlier plans stay, so that a past month is judged by
    the plan that held then.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="call_plans", index=False)
    visits = models.PositiveSmallIntegerField()
    months = models.PositiveSmallIntegerField("per so many months", default=1)
    valid_from = models.DateField()
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(CallPlanQuerySet)()

    class Meta:
        ordering = ("-valid_from",)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "partner", "valid_from"], name="activities_callplan_day"
            ),
            models.CheckConstraint(condition=Q(visits__lte=31), name="activities_callplan_visits"),
            models.CheckConstraint(
                condition=Q(months__in=(1, 2, 3, 6, 12)), name="activities_callplan_months"
            ),
        )

    def __str__(self) -> str:
        return self.plan.words

    @property
    def plan(self) -> Plan:
        """The plan as the rules of Today and the score see it."""
        return Plan(self.visits, self.months)
