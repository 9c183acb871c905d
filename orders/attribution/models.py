"""Referral codes that are nobody's."""

from django.db import models

from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


@audited()
class IgnoredCode(TenantModel):
    """A referral code that is nobody's: its orders stay without a partner and out of the queue."""

    normal = models.CharField(max_length=120, db_collation="C")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("normal",)
        constraints = (models.UniqueConstraint(fields=["tenant", "normal"], name="orders_ignored_code"),)

    def __str__(self) -> str:
        return self.normal
