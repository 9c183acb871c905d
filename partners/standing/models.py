"""Partner-months, and what is known about how partners stand."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.directory.models import Partner
from partners.standing.rules import whole
from partners.states import Level, Tier
from prm.core.calendar import add_months
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.base import TenantForeignKey, TenantModel, TenantOneToOneField, unkeyed_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class PartnerMonthQuerySet(TenantQuerySet["PartnerMonth"]):
    """Reads of partner-months."""

    def of_year_ending(self, month: date, months: int = 12) -> Self:
        """Return the rows of the `months` months that end with `month`."""
        return self.filter(month__gt=add_months(month, -months), month__lte=month)


class PartnerMonth(TenantModel):
    """What one partner brought in one month of the tenant's calendar. Written by the orders app only.

    orders: orders that count (neither cancelled nor mere reversals). units, revenue: net of
    reversals, so they may be negative. first_on, last_on: first and last day of an order that
    counts, empty in a month with reversals only. A month without any order line has no row.
    """

    tenant = unkeyed_tenant()
    partner = TenantForeignKey(Partner, models.CASCADE, related_name="months", enforce="trigger", index=False)
    month = models.DateField()
    orders = models.IntegerField(default=0)
    units = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    revenue = MoneyField(default=0)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)

    objects = TenantManager.from_queryset(PartnerMonthQuerySet)()

    class Meta:
        ordering = ("month",)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "partner", "month"],
                include=["orders", "revenue", "first_on", "last_on"],
                name="partners_month_one",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="partners_month_first_day"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class StandingFigures(TenantModel):
    """The figures that a standing and its month-end snapshot have in common.

    score: 0–100, null when no component can tell. components: list of {key, weight, points,
    fraction, facts}. share and its range are ratios, headroom is money a year, both null
    without estimates. revenue_12m: the twelve calendar months that end with the month of `as_of`.
    policy_version: the StandingPolicy that was applied.
    """

    level = models.CharField(max_length=8, choices=Level)
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    components = models.JSONField(default=list)
    share = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    revenue_12m = MoneyField(default=0)
    orders_12m = models.IntegerField(default=0)
    policy_version = models.PositiveIntegerField()
    computed_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        abstract = True


class Standing(StandingFigures):
    """Where one partner stands now. Written by `service.recompute_standings` only.

    A recomputation that finds nothing different leaves the row alone, so `computed_at` and `as_of`
    tell since when the figures are what they are. `share_doubtful`: the estimates lie below what
    the partner already sends, so share and headroom are not shown. `score_month_ago`: score at the
    end of the previous month, from StandingMonth. `proposal`: why `tier_proposal` is what it is
    (rule, band, threshold, revenue and months it was judged by, as JSON). `fingerprint`: checksum of
    all that was computed, by which a recomputation knows what has changed without reading it.
    """

    partner = TenantOneToOneField(Partner, models.CASCADE, related_name="standing")
    tier_proposal = models.CharField(max_length=8, choices=Tier, blank=True)
    proposal = models.JSONField(default=dict)
    share_low = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    share_high = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    share_doubtful = models.BooleanField(default=False)
    headroom_low = MoneyField(null=True)
    headroom_high = MoneyField(null=True)
    total_estimate = MoneyField(null=True)
    revenue_total = MoneyField(default=0)
    first_order_on = models.DateField(null=True)
    last_order_on = models.DateField(null=True)
    score_month_ago = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    as_of = models.DateField()
    fingerprint = models.CharField(max_length=32, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(fields=["tenant", "-revenue_12m"], name="partners_standing_revenue"),
            models.Index(fields=["tenant", "-score"], name="partners_standing_score"),
        )

    def __str__(self) -> str:
        return f"{self.level}, score {self.score}"

    @property
    def score_change(self) -> int | None:
        """Return whole points gained since the end of last month; None when either is not known."""
        if self.score is None or self.score_month_ago is None:
            return None
        return whole(self.score) - whole(self.score_month_ago)

    @property
    def headroom(self) -> Decimal | None:
        """Return the middle of the money on the table a year, None when it cannot be told."""
        if self.total_estimate is None or self.share_doubtful:
            return None
        ours = max(Decimal(0), Decimal(self.revenue_12m))
        return max(Decimal(0), Decimal(self.total_estimate) - ours)


class StandingMonth(StandingFigures):
    """How a partner stood at the end of a month, as it was known when the month had ended.

    `months_mark`: checksum of the months it was made from, by which a past that has changed is seen.
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="standing_months", index=False)
    month = models.DateField()
    tier = models.CharField(max_length=8, choices=Tier, blank=True)
    months_mark = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("month",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "partner", "month"], name="partners_standing_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="partners_standing_month_first"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class LevelChange(TenantModel):
    """A partner who came to another level: an event for Today and digests. Written with the standing that shows it.

    `on` is the day of judgement on which it was first seen. A first standing is no change.
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="level_changes", index=False)
    was = models.CharField(max_length=8, choices=Level)
    level = models.CharField(max_length=8, choices=Level)
    on = models.DateField()
    noted_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        ordering = ("-on", "-id")
        indexes = (
            models.Index(fields=["tenant", "-on"], name="partners_level_on"),
            models.Index(fields=["tenant", "partner", "-on"], name="partners_level_partner"),
        )

    def __str__(self) -> str:
        return f"{self.was} → {self.level}"


class StandingRequest(TenantModel):
    """A note, written by the database with a change, that standings are out of date.

    Kept until the standings are recomputed, in the same transaction as these. Notes are only ever added
    (two people who change the same partner do not wait for each other) and may say the same twice.
    `partner_id` is null for everybody; `done_to` then is the last partner, in the order of ids, whose
    turn has come. `by_night`: nobody waits for it; work of its own (`partners.recompute_night`) sees to it.
    """

    wall_is_swept = True

    partner_id = models.UUIDField(null=True)
    done_to = models.UUIDField(null=True)
    by_night = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return str(self.partner_id or "everybody")
