"""Whom was written to, on which day."""

from django.db import models

from prm.accounts.models import Membership
from prm.core.clock import now
from prm.digest.sending.states import MailState
from prm.tenancy.base import TenantForeignKey, TenantModel


class DigestMail(TenantModel):
    """The digest of one member and one day of theirs, whether or not a mail went: the constraint sends none twice.

    `lines` are how many things needed the member, `print` by what the same is known again; `message` is why it failed.
    """

    member = TenantForeignKey(Membership, models.CASCADE, related_name="+", index=False)
    day = models.DateField()
    state = models.CharField(max_length=8, choices=MailState, default=MailState.CLAIMED)
    at = models.DateTimeField(default=now)
    subject = models.CharField(max_length=200, blank=True)
    lines = models.PositiveIntegerField(default=0)
    print = models.CharField(max_length=24, blank=True)
    message = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        constraints = (models.UniqueConstraint(fields=["tenant", "member", "day"], name="digest_mail_once"),)
        indexes = (models.Index(fields=["tenant", "-at"], name="digest_mail_at"),)

    def __str__(self) -> str:
        return self.subject or self.get_state_display()
