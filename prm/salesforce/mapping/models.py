"""What a tenant has chosen of the mapping, version by version, and how its organisation describes its objects."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


@audited()
class MappingVersion(TenantModel):
    """One version of what is chosen (`choices.Choices` as JSON). At most one is in force, and one is a draft.

    Without any, all is as declared, which people call version 1. `summary` says in words what it changed. Versions
    are numbered from 2; a draft has the number that it will have.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_FORCE = "in_force", "In force"
        PAST = "past", "Past"

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    content = models.JSONField(default=dict)
    summary = models.TextField(blank=True)
    made_by = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)
    in_force_from = models.DateTimeField(null=True, blank=True)
    in_force_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "number"], name="salesforce_mapping_number"),
            models.UniqueConstraint(
                fields=["tenant", "state"],
                condition=Q(state__in=["draft", "in_force"]),
                name="salesforce_mapping_one",
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


class ObjectDescription(TenantModel):
    """How an object was described last. `fields` by name as `facts.FieldFacts`, `record_types` ids by developer name.

    `forms` (`forms.Forms`) says in which form it keeps what it may keep in several. `label` is "" for an object that we were not shown.
    """

    sobject = models.CharField(max_length=80)
    label = models.CharField(max_length=120, blank=True)
    fields = models.JSONField(default=dict)
    record_types = models.JSONField(default=dict)
    forms = models.JSONField(default=dict)
    described_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "sobject"], name="salesforce_description_one"),
        ]

    def __str__(self) -> str:
        return self.sobject
