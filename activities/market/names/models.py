"""Competitors, and what may decide between them and us."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet

_APART = Q(same_as=None) | ~Q(same_as=F("id"))


class CompetitorQuerySet(TenantQuerySet["Competitor"]):
    """Reads of competitors."""

    def own(self) -> Self:
        """Keep those that are no other one."""
        return self.filter(same_as=None)


class DifferentiatorQuerySet(TenantQuerySet["Differentiator"]):
    """Reads of differentiators."""

    def own(self) -> Self:
        """Keep those that are no other one."""
        return self.filter(same_as=None)


@audited()
class Competitor(TenantModel):
    """Who else gets business that could be ours.

    `same_as` is the competitor this name is another name of. `kept_apart` are competitors it was said not to be.
    `city` is where it has an office, as partners write theirs.
    """

    name = models.CharField(max_length=120)
    city = models.CharField(max_length=120, blank=True, default="", db_default="")
    same_as = TenantForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="other_names")
    joined_by = models.CharField(max_length=160, blank=True, default="", db_default="")
    joined_at = models.DateTimeField(null=True, blank=True)
    kept_apart = ArrayField(models.UUIDField(), default=list, blank=True, db_default=[])
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(CompetitorQuerySet)()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("tenant", Lower("name"), name="activities_competitor_name"),
            models.CheckConstraint(condition=_APART, name="activities_competitor_itself"),
        )

    def __str__(self) -> str:
        return self.name


@audited()
class Differentiator(TenantModel):
    """What may decide for or against us: an earlier appointment, a price, a place. See `Competitor`."""

    name = models.CharField(max_length=80)
    same_as = TenantForeignKey("self", models.RESTRICT, null=True, blank=True, related_name="other_names")
    joined_by = models.CharField(max_length=160, blank=True, default="", db_default="")
    joined_at = models.DateTimeField(null=True, blank=True)
    kept_apart = ArrayField(models.UUIDField(), default=list, blank=True, db_default=[])
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(DifferentiatorQuerySet)()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("tenant", Lower("name"), name="activities_differentiator_name"),
            models.CheckConstraint(condition=_APART, name="activities_diff_itself"),
        )

    def __str__(self) -> str:
        return self.name
