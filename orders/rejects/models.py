"""Lines that could not be stored, kept until somebody corrects or dismisses them."""

from django.db import models
from django.db.models import Q

from orders.rejects.states import RejectReason, RejectState
from orders.runs.models import ImportRun
from orders.sources.models import OrderSource
from prm.tenancy.base import TenantForeignKey, TenantModel


class RejectedLine(TenantModel):
    """A line that could not be stored, kept until somebody corrects or dismisses it.

    `raw` holds the cells of the mapped columns as they were written, by field; columns without a
    field (patients' names, say) are never kept. `fingerprint` identifies the content within the
    source, so that importing the file again adds nothing. `corrected` holds the cells as a person
    corrected them; they are applied again whenever the same content is sent again.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="rejected_lines", index=False)
    run = TenantForeignKey(ImportRun, models.CASCADE, related_name="rejected_lines")
    file_no = models.IntegerField()
    line_no = models.IntegerField()
    reason = models.CharField(max_length=32)
    field = models.CharField(max_length=24, blank=True)
    column = models.CharField(max_length=200, blank=True)
    message = models.TextField()
    raw = models.JSONField(default=dict)
    corrected = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=32)
    state = models.CharField(
        max_length=12, choices=RejectState, default=RejectState.OPEN, db_default=RejectState.OPEN
    )
    settled_by = models.CharField(max_length=160, blank=True, db_default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("file_no", "line_no")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "source", "fingerprint"], name="orders_rejected_content"
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "reason"], condition=Q(state="open"), name="orders_rejected_open"),
        )

    def __str__(self) -> str:
        return f"{self.line_no}: {self.message}"

    @property
    def heading(self) -> str:
        """The reason in words."""
        reason = RejectReason.of(self.reason)
        return reason.heading if reason else self.reason

    @property
    def advice(self) -> str:
        """What to do; what is wrong with this line where nothing can be said of all of its kind."""
        reason = RejectReason.of(self.reason)
        return (reason.advice if reason else "") or self.message
