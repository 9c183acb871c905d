"""The parts of an opportunity, by product."""

from django.db import models
from django.db.models import Q

from activities.market.budgets.models import Opportunity
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager


@audited(gone_by="opportunity")
class OpportunityProduct(TenantModel):
    """What part of an opportunity's amount is for one of its products, in its currency. There are none, or two and more."""

    opportunity = TenantForeignKey(Opportunity, models.CASCADE, related_name="parts", index=False)
    product = TenantForeignKey("orders.Product", models.RESTRICT, related_name="+")
    amount = MoneyField()

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "opportunity", "product"], name="activities_part_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="activities_part_amount"),
        )

    def __str__(self) -> str:
        return f"{self.product_id} {self.amount}"
