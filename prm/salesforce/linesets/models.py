"""The line items of one record, as a set."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

from prm.core.clock import now
from prm.tenancy.base import TenantModel


class LineSet(TenantModel):
    """What is known of the line items of one record there.

    `items` are how many of ours are there at most, `digest` is that of the set both sides agreed on, "" when that is not
    known (since a call is under way, or its answer was lost). `is_dirty`: they are to be compared, not before `not_before`;
    `version` counts how often that was asked for, so that what is asked meanwhile is not forgotten.
    """

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    is_dirty = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(default=now)
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id"], name="salesforce_lineset_record"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "mapping", "since"],
                condition=Q(is_dirty=True),
                name="salesforce_lineset_dirty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mapping} {self.record_id}"


# Reads nothing else; writes which records are to be compared. One statement for any number, in the order of their ids.
_MARK = """
    INSERT INTO salesforce_lineset
        (id, tenant_id, mapping, record_id, is_dirty, version, since, attempts, items, digest)
    SELECT gen_random_uuid(), current_setting('prm.tenant')::uuid, %s, d.id, true, 1, clock_timestamp(), 0, 0, ''
    FROM unnest(%s::uuid[]) d(id) ORDER BY d.id
    ON CONFLICT (tenant_id, mapping, record_id) DO UPDATE
      SET is_dirty = true, version = salesforce_lineset.version + 1, since = EXCLUDED.since, attempts = 0, not_before = NULL
"""


def mark(mapping: str, ids: Iterable[UUID]) -> None:
    """Have the line items of records compared with the next run. Call inside a transaction."""
    wanted = sorted(set(ids))
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_MARK, [mapping, wanted])


def forget(mapping: str, ids: Iterable[UUID]) -> None:
    """Forget what was known of the line items of records that are gone here."""
    LineSet.objects.filter(mapping=mapping, record_id__in=list(ids)).delete()


def with_items(mapping: str, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these records may have line items of ours there."""
    rows = LineSet.objects.filter(mapping=mapping, record_id__in=list(ids), items__gt=0)
    return set(rows.values_list("record_id", flat=True))


def count_with_items(mapping: str) -> int:
    """Return how many records have line items of ours there."""
    return LineSet.objects.filter(mapping=mapping, items__gt=0).count()


def ready(moment: datetime) -> Q:
    """Return which sets are to be compared at a moment."""
    return Q(is_dirty=True) & (Q(not_before__isnull=True) | Q(not_before__lte=moment))


def has_work() -> bool:
    """Whether the line items of some record could be compared now."""
    return LineSet.objects.filter(ready(now())).exists()
