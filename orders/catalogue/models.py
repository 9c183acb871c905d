"""What orders are for."""

from django.db import models

from prm.tenancy.base import TenantModel


class Product(TenantModel):
    """What orders are for, by the code the order systems write. The latest name sent counts."""

    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=["tenant", "code"], name="orders_product_code"),)

    def __str__(self) -> str:
        return self.name or self.code
