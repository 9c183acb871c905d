"""Control totals, counted days, what somebody signed, and of which day a rejected row is."""

from typing import Self

from django.db import models
from django.db.models import Q

from orders.reconciliation.states import Basis, DayState, Origin
from orders.rejects.models import RejectedLine
from orders.sources.models import OrderSource
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


@audited()
class ControlTotal(TenantModel):
    """How many orders a source counts on a day, and what they come to; None for what it does not say.

    The latest word holds: the one before is in the audit trail.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="control_totals", index=False)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    orders = models.IntegerField(null=True)
    amount = MoneyField(null=True)
    origin = models.CharField(max_length=8, choices=Origin)
    by = models.CharField(max_length=160, blank=True, default="", db_default="")
    declared_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("-day", "currency")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "source", "day", "currency"], name="orders_controltotal_one"
            ),
            models.CheckConstraint(
                condition=Q(orders__isnull=False) | Q(amount__isnull=False), name="orders_controltotal_says"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class ReconciledDayQuerySet(TenantQuerySet["ReconciledDay"]):
    """Reads of counted days."""

    def open(self) -> Self:
        """Return those that differ and that nobody has explained."""
        return self.filter(state=DayState.OPEN)

    def newest_first(self) -> Self:
        """Return them with their sources, the latest day first."""
        return self.select_related("source").order_by("-day", "source__name", "currency", "pk")


class ReconciledDay(TenantModel):
    """The three figures of one source, day and currency as they were counted at `taken_at`.

    Amounts of source and here are in `currency`; `counted` and `there_amount` in the tenant's. None is unknown.
    `parts` is a list of `orders.reconciliation.rules.Part` as JSON. `signed_by`: who explained it, or reopened it.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="reconciled_days", index=False)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=8, choices=Basis)
    source_orders = models.IntegerField(null=True)
    source_amount = MoneyField(null=True)
    unread = models.IntegerField(default=0)
    here_orders = models.IntegerField()
    here_amount = MoneyField()
    counted = MoneyField()
    rate_waits = models.IntegerField(default=0)
    there_orders = models.IntegerField(null=True)
    there_amount = MoneyField(null=True)
    parts = models.JSONField(default=list)
    print = models.CharField(max_length=24)
    state = models.CharField(max_length=12, choices=DayState)
    signed_by = models.CharField(max_length=160, blank=True, default="", db_default="")
    taken_at = models.DateTimeField(default=now)

    objects = TenantManager.from_queryset(ReconciledDayQuerySet)()

    class Meta:
        ordering = ("-day", "currency")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "source", "day", "currency"], name="orders_reconciledday_one"
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "day"], name="orders_reconciledday_day"),
            models.Index(
                fields=["tenant", "source"], condition=Q(state="open"), name="orders_reconciledday_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


@audited()
class SignOff(TenantModel):
    """What somebody said about a day's difference: explained, or (`is_reopened`) to be looked at again.

    It holds for the difference that was there (`print`): another one is open again.
    """

    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="sign_offs", index=False)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    is_reopened = models.BooleanField(default=False, db_default=False)
    print = models.CharField(max_length=24)
    note = models.TextField(blank=True, default="", db_default="")
    by = models.CharField(max_length=160, blank=True, default="", db_default="")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("-day", "currency")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "source", "day", "currency"], name="orders_signoff_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class RejectedFigure(TenantModel):
    """What a rejected row that is open or dismissed says of day, currency and amount; None for what cannot be read.

    `read_as` names the source's rules by which it was read: others read it anew.
    """

    line = TenantForeignKey(RejectedLine, models.CASCADE, related_name="figures", index=False)
    source = TenantForeignKey(OrderSource, models.CASCADE, related_name="+", index=False)
    number = models.CharField(max_length=64, blank=True, db_default="", db_collation="C")
    day = models.DateField(null=True)
    currency = models.CharField(max_length=3)
    amount = MoneyField(null=True)
    read_as = models.CharField(max_length=24)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant", "line"], name="orders_rejectedfigure_line"),)
        indexes = (models.Index(fields=["tenant", "source", "day"], name="orders_rejectedfigure_day"),)

    def __str__(self) -> str:
        return self.number


class ReconciliationMail(TenantModel):
    """What the last mail told, so that the same openness is told once; one row per tenant."""

    print = models.CharField(max_length=24)
    mailed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="orders_reconciliationmail_one"),)

    def __str__(self) -> str:
        return str(self.mailed_at)
