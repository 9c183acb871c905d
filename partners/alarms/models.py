"""What is watched of each partner's orders."""

from django.db import models
from django.db.models import Q

from partners.alarms.states import Direction, Watching
from partners.directory.models import Partner
from prm.core.fields import MoneyField
from prm.tenancy.base import TenantModel, TenantOneToOneField


class OrderWatch(TenantModel):
    """What a partner usually sends, and the alarm that stands. Written by `service.watch_orders` only.

    month: the last whole month that was judged. usually: orders a month, season taken out; null where it cannot be
    told yet. Where an alarm stands: of which month, since which orders have been others, from how many a month to
    how many, what that is in money a year (negative for a fall), and when it was first known.
    """

    partner = TenantOneToOneField(Partner, models.CASCADE, related_name="watch")
    month = models.DateField()
    state = models.CharField(max_length=8, choices=Watching)
    usually = models.DecimalField(max_digits=10, decimal_places=1, null=True)
    direction = models.CharField(max_length=4, choices=Direction, blank=True)
    raised = models.DateField(null=True)
    since = models.DateField(null=True)
    was = models.DecimalField(max_digits=10, decimal_places=1, null=True)
    now = models.DecimalField(max_digits=10, decimal_places=1, null=True)
    a_year = MoneyField(null=True)
    raised_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["tenant", "direction", "a_year"],
                condition=~Q(direction=""),
                name="partners_watch_alarm",
            ),
        )

    def __str__(self) -> str:
        return self.direction or self.state
