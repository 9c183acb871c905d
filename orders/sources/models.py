"""Order sources: one system each that sends orders."""

from typing import Self

from django.db import models
from django.db.models import Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from orders.sources import kinds
from orders.sources.spec import Spec
from partners.directory import schemes
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class OrderSourceQuerySet(TenantQuerySet["OrderSource"]):
    """Reads of sources; all stay chainable."""

    def of_scheme(self, scheme: str) -> Self:
        """Keep sources whose codes are of a scheme, as anybody writes it; "" is that of sources without one."""
        return self.filter(scheme_key=schemes.key_of(scheme))


@audited(exclude=["scheme_key"])
class OrderSource(TenantModel):
    """One system that sends orders, and how its columns and codes are to be read.

    `spec` is the JSON form of `orders.sources.spec.Spec`; services validate it before saving.
    """

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=kinds.LONGEST, choices=kinds.choices, default=kinds.USUAL)
    spec = models.JSONField(default=dict)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(default=now, editable=False)
    # Whose codes it sends (see `partners.directory.schemes`), for statements that compare many at once.
    scheme_key = models.GeneratedField(
        expression=schemes.scheme_key(Coalesce(KT("spec__code_scheme"), Value(""))),
        output_field=models.CharField(max_length=schemes.LONGEST, db_collation="C"),
        db_persist=True,
    )

    objects = TenantManager.from_queryset(OrderSourceQuerySet)()

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
        return Spec.parse(self.spec, is_held=True)
