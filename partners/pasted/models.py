"""What somebody pasted, and whom it means."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from prm.core.clock import now
from prm.tenancy.base import TenantForeignKey, TenantModel


class PastedColumn(TenantModel):
    """One pasted column: `ids` of partners for certain, `missing` the other lines, as [line number, text, why].

    It is its owner's own, and one of the last few that they pasted.
    """

    owner = TenantForeignKey(
        "accounts.Membership", models.CASCADE, related_name="pasted_columns", index=False
    )
    ids = ArrayField(models.UUIDField(), default=list)
    missing = models.JSONField(default=list)
    lines = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["tenant", "owner", "-at"], name="partners_pasted_at"),)

    def __str__(self) -> str:
        return f"{len(self.ids)} of {self.lines}"
