"""Order sources: one system each that sends orders."""

from django.db import models

from orders.sources import kinds
from orders.sources.spec import Spec
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel


@audited()
class OrderSource(TenantModel):
    """One system that sends orders, and how its columns and codes are to be read.

    `spec` is the JSON form of `orders.sources.spec.Spec`; services validate it before saving.
    """

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=kinds.LONGEST, choices=kinds.choices, default=kinds.USUAL)
    spec = models.JSONField(default=dict)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["tenant", "name"], name="orders_source_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def needs(self) -> str:
        """What its orders need to come in, in words; "" for nothing."""
        return kinds.needs_of(self.kind)

    @property
    def rules(self) -> Spec:
        """The specification, parsed."""
        return Spec.parse(self.spec)
