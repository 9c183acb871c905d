"""Estimates of what partners order in a year, at us and elsewhere."""

from django.db import models
from django.db.models import F, Q

from partners.directory.models import Partner
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited(about=["partner"])
class ShareEstimate(TenantModel):
    """What somebody believes a partner's orders amount to in a year, at us and elsewhere.

    `low` and `high` bound it with 90 % confidence. Only the latest of each source counts.
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="estimates")
    low = MoneyField()
    middle = MoneyField()
    high = MoneyField()
    source = models.CharField(max_length=80)
    as_of = models.DateField()
    by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("-as_of", "-created_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(low__gt=0, low__lte=F("middle"), middle__lte=F("high")),
                name="partners_estimate_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source}, {self.as_of:%Y-%m}"
