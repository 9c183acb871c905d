"""Tags, and who has them."""

from django.db import models
from django.db.models import Q

from partners.tags.rules import LONGEST
from prm.core.clock import now
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


@audited(exclude=["key"])
class Tag(TenantModel):
    """A free word of the tenant. `key` is its word in small letters, by which it is found."""

    name = models.CharField(max_length=LONGEST)
    key = models.CharField(max_length=2 * LONGEST, editable=False, db_collation="C")

    class Meta:
        ordering = ("key",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "key"], name="partners_tag_key"),
            models.CheckConstraint(condition=~Q(key=""), name="partners_tag_named"),
        )

    def __str__(self) -> str:
        return self.name


@audited(about=["partner"])
class PartnerTag(TenantModel):
    """One partner has one tag."""

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="tagged", index=False)
    tag = TenantForeignKey(Tag, models.CASCADE, related_name="tagged", index=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("tag__key",)
        verbose_name = "tag of a partner"
        constraints = (
            models.UniqueConstraint(fields=["tenant", "partner", "tag"], name="partners_partnertag_one"),
        )
        indexes = (models.Index(fields=["tenant", "tag", "partner"], name="partners_partnertag_tag"),)

    def __str__(self) -> str:
        return str(self.tag.name)
