"""Contacts: people at a partner."""

from typing import Self

from django.db import models
from django.db.models import Q

from partners.directory.models import Partner
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class ContactQuerySet(TenantQuerySet["Contact"]):
    """Reads of contacts."""

    def of(self, partner: Partner) -> Self:
        """Return the people at a partner, the preferred one first."""
        return self.filter(partner=partner).order_by("-is_preferred", "name", "pk")


@audited(about=["partner"])
class Contact(TenantModel):
    """A person at a partner."""

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    is_preferred = models.BooleanField("preferred", default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(ContactQuerySet)()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "partner"],
                condition=Q(is_preferred=True),
                name="partners_contact_preferred",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="partners_contact_named"),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.role}" if self.role else self.name
