"""What managers advise against a competitor."""

from django.db import models

from activities.market.names.models import Competitor
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager

LONGEST_LINE = 300


@audited()
class BattleLine(TenantModel):
    """One version of the advice against a competitor; the highest is in force, rows are added and never changed.

    An empty text takes the advice back.
    """

    competitor = TenantForeignKey(Competitor, models.CASCADE, related_name="lines", index=False)
    version = models.PositiveIntegerField()
    text = models.CharField(max_length=LONGEST_LINE, blank=True)
    by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    at = models.DateTimeField(default=now)

    objects = TenantManager()

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "competitor", "version"], name="activities_line_version"
            ),
        )

    def __str__(self) -> str:
        return self.text
