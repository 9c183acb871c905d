"""What is remembered of an object's description."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from prm.tenancy.base import TenantModel


class ObjectShape(TenantModel):
    """One Salesforce object as it was described to us last; `looked_at` empty: look with the next run.

    `facts` is `rules.Facts` as JSON. `rests` maps names of fields ("" for the object) to why they rest (`rules.Why`),
    and since when.
    """

    sobject = models.CharField(max_length=80)
    looked_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)
    rests = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "sobject"], name="salesforce_objectshape_one"),
        ]

    def __str__(self) -> str:
        return self.sobject
