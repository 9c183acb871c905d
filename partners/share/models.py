"""Estimates of what partners order in a year, at us and elsewhere."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from partners.directory.models import Partner
from partners.share.states import RequestState
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


@audited(about=["partner"])
class EstimateRequest(TenantModel):
    """A question to whoever has the partner in their panel: what they order in all, here and elsewhere.

    It stands on Today of the rep of the moment, and goes away with an answer, however that comes (page, file, API).
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="estimate_requests", index=False)
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=RequestState, default=RequestState.OPEN)
    asked_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    asked_at = models.DateTimeField(default=now, db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    estimate = TenantForeignKey(
        ShareEstimate, models.SET_NULL, null=True, blank=True, related_name="answers", index=False
    )

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "partner"],
                condition=Q(state=RequestState.OPEN),
                name="partners_estimate_asked_once",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, closed_at=None)
                | (~Q(state=RequestState.OPEN) & Q(closed_at__isnull=False)),
                name="partners_estimate_request_closed",
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "partner", "-asked_at"], name="partners_estimate_asked"),
            models.Index(fields=["tenant", "estimate"], name="partners_estimate_answers"),
        )

    def __str__(self) -> str:
        return self.note or "Question to the rep"
