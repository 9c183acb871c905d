"""What counting saw in Salesforce."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.base import TenantModel


class SeenThere(TenantModel):
    """A record that counting found to be other in Salesforce than the engine knows it.

    `held` holds the counted fields as they are there, {} when the record is gone. `base` is what the engine had
    agreed on when it was seen: once that changes, or the record was written again (`modstamp`), this holds no more.
    """

    mapping = models.CharField(max_length=64)
    record_id = models.UUIDField()
    held = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    modstamp = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "record_id"], name="salesforce_seenthere_record"
            ),
        ]


class CountedDay(TenantModel):
    """How many records of a mapping's object count in Salesforce on a day there in a currency, and what they come to.

    `currency` is "" in an organisation with one; a day without records has one row without a currency.
    `known` and `known_amount` are the same as the engine, and counting, know it record by record: where they differ,
    there is something there that nobody here knows of.
    """

    mapping = models.CharField(max_length=64)
    day = models.DateField()
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    records = models.IntegerField()
    amount = MoneyField()
    known = models.IntegerField()
    known_amount = MoneyField()
    counted_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "mapping", "day", "currency"], name="salesforce_countedday_one"
            ),
        ]
