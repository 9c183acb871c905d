"""The figures of a campaign as last counted, so that no page counts."""

from django.db import models

from activities.campaigns.planning.models import Campaign
from prm.tenancy.base import TenantModel, TenantOneToOneField
from prm.tenancy.managers import TenantManager


class Figures(TenantModel):
    """What was counted of a campaign at a moment; partners, not people.

    `result_on`: from that day on no order counts any more. `*_before` are orders in as many weeks before sending.
    """

    campaign = TenantOneToOneField(Campaign, models.CASCADE, related_name="figures")
    at = models.DateTimeField()
    result_on = models.DateField(null=True)
    sent = models.PositiveIntegerField(default=0)
    reached = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    came = models.PositiveIntegerField(default=0)
    ordered = models.PositiveIntegerField(default=0)
    other = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    held_ordered = models.PositiveIntegerField(default=0)
    held_other = models.PositiveIntegerField(default=0)
    orders_before = models.PositiveIntegerField(default=0)
    held_orders_before = models.PositiveIntegerField(default=0)
    responded = models.PositiveIntegerField(default=0)

    objects = TenantManager()

    def __str__(self) -> str:
        return f"{self.sent} sent"
