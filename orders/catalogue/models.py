"""What orders are for."""

from typing import Self

from django.db import models
from django.db.models import Q

from prm.core.urls import tenant_url
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class ProductQuerySet(TenantQuerySet["Product"]):
    """Reads of products."""

    def own(self) -> Self:
        """Keep products that are no other one."""
        return self.filter(merged_into=None)

    def matching(self, text: str) -> Self:
        """Keep products whose code or name contains the text, and those that stand for one whose does."""
        asked = Q(code__icontains=text) | Q(name__icontains=text)
        known_as = Q(aliases__code__icontains=text) | Q(aliases__name__icontains=text)
        return self.filter(asked | known_as).distinct()


class Product(TenantModel):
    """What orders are for, by the code the order systems write. The latest name sent counts.

    `merged_into` is the product that this one is, "" of its own; `merged_via` the one with which it came there. `family`
    is what people call several together.
    """

    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)
    family = models.CharField(max_length=80, blank=True, default="", db_default="")
    merged_into = TenantForeignKey("self", models.SET_NULL, null=True, related_name="aliases")
    merged_via = TenantForeignKey("self", models.SET_NULL, null=True, related_name="+", index=False)
    merged_by = models.CharField(max_length=160, blank=True, default="", db_default="")
    merged_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(ProductQuerySet)()

    class Meta:
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=["tenant", "code"], name="orders_product_code"),)

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def main(self) -> "Product":
        """Return the product that this one is."""
        return self.merged_into or self

    def get_absolute_url(self) -> str:
        """Return the page of the product, in the tenant in scope."""
        return tenant_url(current_tenant(), "orders:product", pk=self.pk)
