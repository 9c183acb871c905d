"""The thresholds of a tenant, and mass changes that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Record
from typing import ClassVar
from uuid import UUID

from django.db import models

from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited()
class GuardRules(TenantModel):
    """From how many records on a change by one cause waits for a person; one row per tenant, made when it is needed.

    `…_records` is a number, `…_percent` a share of the linked records of the kind (and more than 20 of them). A field
    that Salesforce rewrites `loop_times` times within `loop_minutes`, each time after we wrote it, is stopped.
    Values that are changed into others are many on an ordinary day (a correction, a territory), values that are
    cleared and records that are deleted are not: hence the defaults.
    """

    changed_records = models.PositiveIntegerField(default=20_000)
    changed_percent = models.PositiveSmallIntegerField(default=100)
    cleared_records = models.PositiveIntegerField(default=100)
    cleared_percent = models.PositiveSmallIntegerField(default=10)
    deleted_records = models.PositiveIntegerField(default=100)
    deleted_percent = models.PositiveSmallIntegerField(default=10)
    loop_times = models.PositiveSmallIntegerField(default=4)
    loop_minutes = models.PositiveSmallIntegerField(default=30)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], name="salesforce_guardrules_one"),
        ]

    def __str__(self) -> str:
        return "Thresholds of the sync"


def rules_of_tenant() -> GuardRules:
    """Return the thresholds of the tenant in scope; unsaved defaults where nobody has set any."""
    found: GuardRules = GuardRules.objects.first() or GuardRules()
    return found


BY = "by "
"""How the cause of many small changes begins: then comes who made them."""


class MassChange(TenantModel):
    """What one cause did to many records at once: it waits until a person approves or refuses it.

    `cause` is a transaction here or a user there, or who made many small changes here ("by …"); `total` is how many
    linked records there are of the kind. `PASSED` says that a cause was looked at and is no mass, so that it is not looked at with every slice.
    """

    class Direction(models.TextChoices):
        PUSH = "push", "to Salesforce"
        PULL = "pull", "from Salesforce"

    class Kind(models.TextChoices):
        CHANGED = "changed", "changed"
        CLEARED = "cleared", "cleared"
        DELETED = "deleted", "deleted"

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a person"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        PASSED = "passed", "Looked at"

    mapping = models.CharField(max_length=64)
    direction = models.CharField(max_length=8, choices=Direction)
    kind = models.CharField(max_length=8, choices=Kind)
    cause = models.CharField(max_length=40)
    records = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    since = models.DateTimeField(default=now)
    decided_by = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    # Of what passed: the records, so that the same cause's next ones are counted with them for a while.
    seen = models.JSONField(default=list)

    class Meta:
        ordering = ("-since",)
        indexes: ClassVar = [
            models.Index(fields=["tenant", "state", "-since"], name="salesforce_masschange_since"),
        ]

    def __str__(self) -> str:
        return f"{self.records} {self.mapping} {self.kind} {self.get_direction_display()}"


class HeldChange(TenantModel):
    """One field of one record of a mass change, with the value before and after; without a field the whole record."""

    mass = TenantForeignKey(MassChange, on_delete=models.CASCADE, related_name="changes")
    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    field = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=255, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id", "field"], name="salesforce_heldchange_field"
            ),
        ]


def release(mapping: str, ours: Record[UUID, Record[str, object]]) -> None:
    """Let go what was changed here again since a mass change held it: that is an edit of its own.

    `ours` are the present values of records by field.
    """
    waiting = HeldChange.objects.filter(
        mapping=mapping,
        record_id__in=list(ours),
        mass__state=MassChange.State.WAITING,
        mass__direction=MassChange.Direction.PUSH,
    ).exclude(mass__kind=MassChange.Kind.DELETED)
    gone = [
        one.pk
        for one in waiting
        if one.field in ours[one.record_id] and ours[one.record_id][one.field] != one.after
    ]
    if gone:
        HeldChange.objects.filter(pk__in=gone).delete()


def held(mapping: str, ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Return by record which fields wait for a person's decision about a mass change; "" is the record itself."""
    found: dict[UUID, set[str]] = {}
    rows = HeldChange.objects.filter(
        mapping=mapping, record_id__in=list(ids), mass__state=MassChange.State.WAITING
    )
    for record_id, name in rows.values_list("record_id", "field"):
        found.setdefault(record_id, set()).add(name)
    return found
