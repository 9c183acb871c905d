"""What waits, and who had the last turn."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from prm.core.types import Json
from prm.tenancy.base import TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet
from prm.tenancy.work.states import Queue, Size


class JobQuerySet(TenantQuerySet["Job"]):
    """Reads of what waits."""

    def asking(self, name: str, arguments: dict[str, Json]) -> Self:
        """Return the pieces of work that ask for the same."""
        return self.filter(name=name, arguments=arguments)

    def waiting(self) -> Self:
        """Return those that nobody is at."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))

    def running(self) -> Self:
        """Return those that a living worker is at."""
        return self.filter(lease_until__gte=Now())


class Job(TenantModel):
    """A piece of work that waits or runs; deleted when it is done.

    `arguments`: of the task, as JSON. `lease`: the worker's claim, which holds until `lease_until` and is renewed
    while the work goes on. `attempts`: claims since the last slice that ended well. Moments are the database's
    (`clock_timestamp()`), so that workers need not agree on the time.
    The table holds only what waits, so claims read it whole and need no index of their own.
    """

    wall_is_swept = True

    queue = models.CharField(max_length=12, choices=Queue)
    size = models.PositiveSmallIntegerField(choices=Size, default=Size.SMALL)
    name = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    not_before = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = TenantManager.from_queryset(JobQuerySet)()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.name} {self.arguments}"


class Turn(TenantModel):
    """When work of a tenant, queue and size was last begun: who waits longest since then comes next."""

    wall_is_swept = True

    queue = models.CharField(max_length=12, choices=Queue)
    size = models.PositiveSmallIntegerField(choices=Size)
    served_at = models.DateTimeField()

    class Meta:
        ordering = (F("served_at").asc(nulls_first=True),)
        constraints = (models.UniqueConstraint(fields=["tenant", "queue", "size"], name="tenancy_turn_one"),)

    def __str__(self) -> str:
        return f"{self.queue} {self.size}: {self.served_at}"
