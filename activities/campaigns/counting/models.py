"""What was asked of tracked links: for a day as it came, then as sums by partner, link and day.

No address and no browser is kept: `visitor` is a hash with the day's salt, and the salt goes with its day.
"""

from django.db import models

from activities.campaigns.planning.models import Campaign, Link, Member
from activities.campaigns.states import Act, Verdict, Why
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager


class DaySalt(TenantModel):
    """The salt of one day's visitors; thrown away when the day is over."""

    day = models.DateField()
    salt = models.BinaryField(max_length=16)

    objects = TenantManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant", "day"], name="campaigns_salt_day"),)

    def __str__(self) -> str:
        return self.day.isoformat()


class WebEvent(TenantModel):
    """One act of one visitor on one day, once: the same again leaves no row. Kept until its day is over and settled.

    `link` is empty for a picture in a letter, `member` for a link that stands in public. The schedule sees which tenants have unsettled rows.
    """

    wall_is_swept = True

    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="+", index=False)
    link = TenantForeignKey(Link, models.CASCADE, null=True, related_name="+")
    member = TenantForeignKey(Member, models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    visitor = models.BinaryField(max_length=12)
    act = models.CharField(max_length=5, choices=Act)
    at = models.DateTimeField()
    verdict = models.CharField(max_length=4, choices=Verdict, blank=True, default="", db_default="")

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "campaign", "day", "member", "link", "visitor", "act"],
                name="campaigns_event_once",
                nulls_distinct=False,
            ),
        )
        indexes = (
            models.Index(
                fields=["tenant", "at"],
                condition=models.Q(verdict=""),
                name="campaigns_event_unsettled",
            ),
        )

    def __str__(self) -> str:
        return f"{self.act} {self.day}"


class Filtered(TenantModel):
    """Requests that were not counted, of one day and reason. `slot` spreads what one robot asks, so that nobody waits for it."""

    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="filtered", index=False)
    member = TenantForeignKey(Member, models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    why = models.CharField(max_length=8, choices=Why)
    slot = models.PositiveSmallIntegerField()
    requests = models.PositiveIntegerField()

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "campaign", "why", "day", "member", "slot"],
                name="campaigns_filtered_once",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        return f"{self.why} {self.day}"


class FilteredTotal(TenantModel):
    """Requests of past days that were not counted, by campaign and reason."""

    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="filtered_totals", index=False)
    why = models.CharField(max_length=8, choices=Why)
    requests = models.BigIntegerField()

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "campaign", "why"], name="campaigns_filtered_total"),
        )

    def __str__(self) -> str:
        return self.why


class WebDay(TenantModel):
    """How often a partner's people opened a page on a day, each visitor once, at least."""

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="web_days", index=False)
    link = TenantForeignKey(Link, models.CASCADE, related_name="days", index=False)
    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="+", index=False)
    day = models.DateField()
    visits = models.PositiveIntegerField()

    objects = TenantManager()

    class Meta:
        ordering = ("-day", "-id")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "link", "partner", "day"], name="campaigns_day_once"),
        )
        indexes = (
            models.Index(fields=["tenant", "partner", "-day"], name="campaigns_day_partner"),
            models.Index(fields=["tenant", "campaign", "-day"], name="campaigns_day_campaign"),
            models.Index(fields=["tenant", "day"], name="campaigns_day_day"),
        )

    def __str__(self) -> str:
        return f"{self.visits} on {self.day}"
