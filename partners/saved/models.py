"""Saved views."""

from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from partners.saved.rules import LONGEST_QUERY
from prm.core.clock import now
from prm.core.urls import tenant_url
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class SavedViewQuerySet(TenantQuerySet["SavedView"]):
    """Reads of saved views."""

    def seen_by(self, member_id: UUID | None) -> Self:
        """Keep a member's own and those shared with everybody; own ones first, by name."""
        mine = Q(owner=member_id) if member_id else Q(pk__in=[])
        return self.filter(mine | Q(is_shared=True)).order_by("is_shared", "name", "pk")


@audited()
class SavedView(TenantModel):
    """A name for what the list of partners shows. `query` is canonical (`rules.canonical`)."""

    name = models.CharField(max_length=60)
    query = models.CharField("what it shows", max_length=LONGEST_QUERY, blank=True)
    owner = TenantForeignKey("accounts.Membership", models.CASCADE, related_name="saved_views", index=False)
    is_shared = models.BooleanField("shared with everybody", default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(SavedViewQuerySet)()

    class Meta:
        ordering = ("name", "id")
        verbose_name = "saved view"
        constraints = (
            models.UniqueConstraint(fields=["tenant", "owner", "name"], name="partners_savedview_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the list as the view shows it."""
        home = tenant_url(current_tenant(), "partners:list")
        return f"{home}?view={self.pk}{f'&{self.query}' if self.query else ''}"
