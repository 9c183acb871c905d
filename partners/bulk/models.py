"""What was done to many partners at once, so that it can be taken back."""

from django.db import models

from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited(exclude=["before"])
class BulkChange(TenantModel):
    """One act on many partners. `before` has what each of them had, by id; `after` what all have since.

    `put_back` says how many an undo has put back; what somebody has changed since stays.
    """

    action = models.CharField(max_length=20)
    words = models.CharField("what was done", max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField("value", null=True)
    count = models.PositiveIntegerField("partners")
    by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    at = models.DateTimeField(default=now, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    put_back = models.PositiveIntegerField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = "change of many partners"
        indexes = (models.Index(fields=["tenant", "-at"], name="partners_bulkchange_at"),)

    def __str__(self) -> str:
        return self.words
