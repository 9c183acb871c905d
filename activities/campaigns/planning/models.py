"""Campaigns, their waves, links and members."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from activities.campaigns.states import Again, CampaignState, Channel, Group, Reach
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.core.urls import tenant_url
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class CampaignQuerySet(TenantQuerySet["Campaign"]):
    """Reads of campaigns."""

    def running(self) -> Self:
        """Keep those under way."""
        return self.filter(state=CampaignState.RUNNING)


@audited()
class Campaign(TenantModel):
    """Something done to bring partners nearer.

    `channels`: by what, the first is the main one. `budget` and `spent` are in `currency`. `product` is what is to be ordered, empty for
    anything; orders within `weeks` weeks after sending count. `holdout_percent`: what part of the partners of a wave is held out.
    """

    name = models.CharField(max_length=80)
    goal = models.CharField(max_length=200, blank=True)
    channels = ArrayField(models.CharField(max_length=8, choices=Channel))
    starts_on = models.DateField()
    ends_on = models.DateField()
    budget = MoneyField(null=True, blank=True)
    spent = MoneyField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    product = TenantForeignKey(
        "orders.Product", models.SET_NULL, null=True, blank=True, related_name="campaigns"
    )
    weeks = models.PositiveSmallIntegerField(default=8)
    holdout_percent = models.PositiveSmallIntegerField(default=33)
    state = models.CharField(max_length=8, choices=CampaignState, default=CampaignState.DRAFT)
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    owner = TenantForeignKey("accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(CampaignQuerySet)()

    class Meta:
        ordering = ("-starts_on", "-id")
        indexes = (models.Index(fields=["tenant", "state", "-starts_on"], name="campaigns_campaign_state"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="campaigns_dates"),
            models.CheckConstraint(condition=Q(holdout_percent__lte=90), name="campaigns_holdout"),
            models.CheckConstraint(
                condition=(Q(budget=None) | Q(budget__gte=0)) & (Q(spent=None) | Q(spent__gte=0)),
                name="campaigns_money",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        """Whether nothing was sent and no coin shown."""
        return self.state == CampaignState.DRAFT

    @property
    def is_running(self) -> bool:
        """Whether its links count."""
        return self.state == CampaignState.RUNNING

    @property
    def main_channel(self) -> Channel:
        """Return the first channel."""
        return Channel(self.channels[0])

    @property
    def channel_words(self) -> str:
        """Return the channels as words."""
        return ", ".join(Channel(one).label for one in self.channels)

    def get_absolute_url(self) -> str:
        """Return the page of the campaign, in the tenant in scope."""
        return tenant_url(current_tenant(), "campaigns:campaign", pk=self.pk)


@audited(exclude=["to_add", "cursor", "size", "partners", "held"])
class Wave(TenantModel):
    """Members who got their coins together.

    `seed` was drawn when the wave was made and never changes: it and a partner's id say on which side the coin falls
    (`rules.is_held_out`). The list is closed at `drawn_at`. `to_add`: what is still to be put in, as a task goes on with it at `cursor`.
    `again_on` are the days on which those who had done nothing were sent it again.
    `size` is how many members it has, `partners` and `held` of how many partners, as a worker counted them last: pages count nothing.
    """

    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="waves", index=False)
    number = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=32, editable=False)
    holdout_percent = models.PositiveSmallIntegerField()
    drawn_at = models.DateTimeField(null=True, editable=False)
    sent_on = models.DateField(null=True, blank=True)
    again_on = ArrayField(models.DateField(), default=list, blank=True)
    to_add = models.JSONField(default=dict)
    cursor = models.UUIDField(null=True, editable=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    partners = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    held = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "campaign", "number"], name="campaigns_wave_number"),
        )

    def __str__(self) -> str:
        return f"Wave {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether members may still come and go."""
        return self.drawn_at is None

    @property
    def is_filling(self) -> bool:
        """Whether a task is putting members in."""
        return bool(self.to_add)


@audited(gone_by="campaign", exclude=["visits", "partners"])
class Link(TenantModel):
    """An address that a campaign's links may lead to. `visits` and `partners` are what was counted, at least."""

    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="links", index=False)
    number = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    visits = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    partners = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "campaign", "number"], name="campaigns_link_number"),
        )

    def __str__(self) -> str:
        return self.label


class MemberQuerySet(TenantQuerySet["Member"]):
    """Reads of members."""

    def sent(self) -> Self:
        """Keep those who were not held out."""
        return self.filter(group=Group.SENT)

    def held(self) -> Self:
        """Keep those who were held out."""
        return self.filter(group=Group.HELD)

    def quiet(self, again: str) -> Self:
        """Keep those who did not open, or did not come, as far as we see; who came has opened."""
        came = Q(came_on__isnull=False) | Q(attended_at__isnull=False)
        return self.exclude(came | Q(opened_on__isnull=False) if again == Again.UNOPENED else came)


class Member(TenantModel):
    """A partner, or a person there, in a wave; `group` is "" until the coins are tossed, and never changes after.

    What is known of what they did is *at least*: `opened_on` and `came_on` are the first days, `last_on` the last one; `pages` counts page
    visits. `attended_at` is from a list or a QR code. `filtered`: why nothing of theirs is counted, as long as nothing is. `is_drawn`: the
    coins of the wave are tossed, as a worker tells its members after the start. `responded_there`: what Salesforce says; `status_there` is
    the status that somebody chose there, and `status_responds` whether it stands for a response. `orders`: what the partner ordered in the
    weeks that count, as a worker counted it last, of both groups alike.
    """

    campaign = TenantForeignKey(Campaign, models.CASCADE, related_name="members", index=False)
    wave = TenantForeignKey(Wave, models.CASCADE, related_name="members")
    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="campaign_members")
    contact = TenantForeignKey(
        "partners.Contact", models.CASCADE, null=True, blank=True, related_name="campaign_members"
    )
    group = models.CharField(max_length=4, choices=Group, blank=True)
    reach = models.CharField(max_length=8, choices=Reach, blank=True)
    reach_on = models.DateField(null=True)
    opened_on = models.DateField(null=True)
    opens = models.PositiveIntegerField(default=0, db_default=0)
    came_on = models.DateField(null=True)
    pages = models.PositiveIntegerField(default=0, db_default=0)
    last_on = models.DateField(null=True)
    attended_at = models.DateTimeField(null=True)
    responded_on = models.DateField(null=True)
    filtered = models.CharField(max_length=8, blank=True, default="", db_default="")
    is_drawn = models.BooleanField(default=False, db_default=False)
    responded_there = models.BooleanField(default=False, db_default=False)
    status_there = models.CharField(max_length=40, blank=True, default="", db_default="")
    status_responds = models.BooleanField(default=False, db_default=False)
    orders = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=now, editable=False, db_default=models.functions.Now())

    objects = TenantManager.from_queryset(MemberQuerySet)()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "campaign", "partner", "contact"],
                name="campaigns_member_once",
                nulls_distinct=False,
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "campaign", "group", "partner"], name="campaigns_member_group"),
        )

    def __str__(self) -> str:
        return str(self.contact or self.partner)

    @property
    def has_responded(self) -> bool:
        """Whether they did something, or Salesforce says so."""
        return bool(self.came_on or self.attended_at or self.responded_on)
