"""The file of letters that a worker writes for whoever sends."""

from django.db import models

from activities.campaigns.planning.models import Campaign
from activities.campaigns.states import Again, LetterState
from prm.core.clock import now
from prm.tenancy.base import TenantModel, TenantOneToOneField
from prm.tenancy.managers import TenantManager


class LetterFile(TenantModel):
    """The letters of a campaign as a file: asked for, being written, there. It is kept for a day.

    `done` of `total` members are in it; `stored_as` is where it lies in the storage. `again` says for whom, where it is for a second letter.
    """

    campaign = TenantOneToOneField(Campaign, models.CASCADE, related_name="letter_file")
    state = models.CharField(max_length=8, choices=LetterState)
    again = models.CharField(max_length=8, choices=Again, blank=True, default="")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    stored_as = models.CharField(max_length=300, blank=True, default="")
    asked_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    objects = TenantManager()

    def __str__(self) -> str:
        return f"Letters of {self.campaign_id}"

    @property
    def is_busy(self) -> bool:
        """Whether a worker is at it, or will be."""
        return self.state in (LetterState.ASKED, LetterState.WRITING)

    @property
    def is_there(self) -> bool:
        """Whether it can be taken."""
        return self.state == LetterState.READY and bool(self.stored_as)
