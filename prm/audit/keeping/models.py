"""How long the trail is kept, and what was done to the trail itself: exports, and what the years removed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from prm.audit.trail.rules import LEAST_YEARS, MOST_YEARS, USUAL_YEARS
from prm.core.clock import now
from prm.core.notation.reader import figure
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


@audited()
class AuditRetention(TenantModel):
    """How many years events are kept; empty: for good. At most one row, without one `USUAL_YEARS`.

    The database removes nothing younger (`audit_forget`), whoever asks.
    """

    years = models.PositiveSmallIntegerField("kept for years", null=True, blank=True, default=USUAL_YEARS)

    class Meta:
        verbose_name = "retention of the audit trail"
        constraints = (
            models.UniqueConstraint(fields=["tenant"], name="audit_retention_one"),
            models.CheckConstraint(
                condition=Q(years=None) | Q(years__gte=LEAST_YEARS, years__lte=MOST_YEARS),
                name="audit_retention_years",
            ),
        )

    def __str__(self) -> str:
        return "for good" if self.years is None else f"{self.years} year{'' if self.years == 1 else 's'}"


@audited()
class AuditExport(TenantModel):
    """Somebody took lines of the trail along: how many, as what, and which were asked for."""

    FORMATS: ClassVar = (("csv", "CSV"), ("xlsx", "workbook"), ("json", "JSON"))

    lines = models.PositiveIntegerField()
    file_format = models.CharField("format", max_length=8, choices=FORMATS)
    asked = models.CharField("which lines", max_length=400, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = "export of the audit trail"

    def __str__(self) -> str:
        return f"{figure(self.lines)} lines as {self.get_file_format_display()}"


@audited()
class AuditClearing(TenantModel):
    """What the nightly run removed because its years were over, by kind of row."""

    lines = models.PositiveIntegerField()
    older_than = models.DateTimeField()
    kinds = models.JSONField("by kind", default=dict)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = "clearing of the audit trail"

    def __str__(self) -> str:
        return f"{figure(self.lines)} lines from before {self.older_than:%Y-%m-%d}"
