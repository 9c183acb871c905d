"""What people must look at: records held back, and values both sides changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.core.clock import now
from prm.tenancy.base import TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class SyncProblem(TenantModel):
    """Why one record is held, in Salesforce's own words. Deleted when the record goes through."""

    class Kind(models.TextChoices):
        REFUSED_THERE = "refused_there", "Refused by Salesforce"
        REFUSED_HERE = "refused_here", "Refused here"
        DELETED_THERE = "deleted_there", "Deleted in Salesforce"
        LATER = "later", "Tried again by itself"

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    title = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    code = models.CharField(max_length=80, blank=True)
    message = models.TextField()
    fields = models.JSONField(default=list)
    tries = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(default=now)
    last_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id"], name="salesforce_syncproblem_record"
            ),
        ]


class ConflictQuerySet(TenantQuerySet["Conflict"]):
    """Reads of conflicts."""

    def waiting(self) -> ConflictQuerySet:
        """Conflicts in which neither value may win without a person."""
        return self.filter(state=Conflict.State.OPEN)


class Conflict(TenantModel):
    """One field that both sides changed to different values; the losing value is kept here."""

    class State(models.TextChoices):
        OPEN = "open", "Waits for a person"
        SETTLED = "settled", "Settled by the field's rule"
        CHOSEN = "chosen", "Chosen by a person"

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    title = models.CharField(max_length=255, blank=True)
    there = models.CharField(max_length=80)
    agreed = models.JSONField(null=True)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    winner = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State)
    at = models.DateTimeField(default=now)
    chosen_by = models.CharField(max_length=120, blank=True)
    chosen_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ConflictQuerySet)()

    class Meta:
        ordering = ("-at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id", "there"],
                condition=models.Q(state="open"),
                name="salesforce_conflict_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state", "-at"], name="salesforce_conflict_at"),
        ]
