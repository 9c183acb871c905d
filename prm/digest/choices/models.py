"""What the organisation has arranged, and what each person chose instead."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from prm.accounts.models import Membership
from prm.core.clock import now
from prm.digest.choices.rules import USUAL_FREQUENCY, USUAL_TIME, USUAL_WEEKDAY
from prm.digest.choices.states import Frequency, Weekday
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited(exclude=["changed_at"])
class DigestDefault(TenantModel):
    """What holds for whoever has not chosen. At most one row; without one as delivered."""

    frequency = models.CharField(max_length=8, choices=Frequency, default=USUAL_FREQUENCY)
    weekday = models.PositiveSmallIntegerField("day of the week", choices=Weekday, default=USUAL_WEEKDAY)
    at = models.TimeField("time of the day", default=USUAL_TIME)
    changed_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = "digest, the organisation's default"
        constraints = (
            models.UniqueConstraint(fields=["tenant"], name="digest_default_one"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="digest_default_weekday"),
        )

    def __str__(self) -> str:
        return self.get_frequency_display()


@audited(exclude=["changed_at"])
class DigestChoice(TenantModel):
    """What one member chose: empty fields are as the organisation has it. `muted` are keys of topics not told."""

    member = TenantForeignKey(Membership, models.CASCADE, related_name="+", index=False)
    frequency = models.CharField(max_length=8, choices=Frequency, blank=True)
    weekday = models.PositiveSmallIntegerField("day of the week", choices=Weekday, null=True, blank=True)
    at = models.TimeField("time of the day", null=True, blank=True)
    timezone = models.CharField("time zone", max_length=40, blank=True)
    muted = ArrayField(models.CharField(max_length=40), default=list, verbose_name="not told of")
    changed_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = "digest, a person's choice"
        constraints = (
            models.UniqueConstraint(fields=["tenant", "member"], name="digest_choice_member"),
            models.CheckConstraint(
                condition=Q(weekday=None) | Q(weekday__lte=6), name="digest_choice_weekday"
            ),
        )

    def __str__(self) -> str:
        return self.get_frequency_display() or "As the organisation"
