"""Rates of exchange, and how old one may be."""

from django.db import models
from django.db.models import Q

from orders.book.models import rate_field
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


@audited()
class ExchangeRate(TenantModel):
    """What one unit of `currency` is worth in `into`, the tenant's, from the day `since` until the next rate."""

    currency = models.CharField(max_length=3)
    into = models.CharField(max_length=3)
    since = models.DateField()
    rate = rate_field()
    source = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("currency", "-since")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "currency", "into", "since"], name="orders_exchangerate_one"
            ),
            models.CheckConstraint(
                condition=Q(rate__gt=0) & ~Q(currency=models.F("into")), name="orders_exchangerate_real"
            ),
        )

    def __str__(self) -> str:
        return f"{self.currency} {self.since:%Y-%m-%d}"


@audited()
class RatePolicy(TenantModel):
    """How many days a rate may be older than an order; empty: any number. At most one row."""

    oldest_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="orders_ratepolicy_one"),)

    def __str__(self) -> str:
        return "any age" if self.oldest_days is None else f"{self.oldest_days} days"
