"""Pairs of partners that look like one, and how far all were looked at."""

from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Least

from partners.directory.models import Partner
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class LookAlikeQuerySet(TenantQuerySet["LookAlike"]):
    """Reads of pairs."""

    def present(self) -> Self:
        """Keep pairs of two that are partners of their own."""
        return self.filter(first__merged_into=None, second__merged_into=None)

    def open(self) -> Self:
        """Keep pairs about which nobody decided, or which somebody put off."""
        return self.present().exclude(state=LookAlike.State.APART)

    def by_money(self) -> Self:
        """Read both in the same query, those put off last, then by the money of the smaller of both."""
        money = [
            Coalesce(F(f"{side}__standing__revenue_12m"), Value(0), output_field=MoneyField())
            for side in _SIDES
        ]
        later = models.Case(models.When(state=LookAlike.State.LATER, then=1), default=0)
        return (
            self.select_related(*_SIDES, *(f"{side}__standing" for side in _SIDES))
            .annotate(money=Least(*money), put_off=later)
            .order_by("put_off", "-money", "-score", "pk")
        )


_SIDES = ("first", "second")


@audited(exclude=["score", "reasons", "found_at"], about=["first", "second"])
class LookAlike(TenantModel):
    """Two partners that may be one; `first` has the lower id. `reasons` say why, in words."""

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        LATER = "later", "Later"
        APART = "apart", "Two"

    first = TenantForeignKey(Partner, models.CASCADE, related_name="+", index=False)
    second = TenantForeignKey(Partner, models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=now, editable=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=160, blank=True)

    objects = TenantManager.from_queryset(LookAlikeQuerySet)()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant", "first", "second"], name="partners_lookalike_pair"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="partners_lookalike_order"),
        )
        indexes = (models.Index(fields=["tenant", "state"], name="partners_lookalike_state"),)

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class LookAlikeCursor(TenantModel):
    """How far partners were looked at, by when they last changed."""

    stamp = models.DateTimeField(null=True)
    last_id = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant"], name="partners_lookalike_cursor"),)

    def __str__(self) -> str:
        return f"{self.stamp} {self.last_id}"
