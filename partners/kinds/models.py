"""The kinds of partner that a tenant has."""

from collections.abc import Mapping, Sequence
from typing import Self

from django.db import models
from django.db.models import Q

from partners.kinds.rules import LONGEST_KEY
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantModel
from prm.tenancy.context import current_tenant, forget_on, kept_on
from prm.tenancy.managers import TenantManager, TenantQuerySet


class PartnerKindQuerySet(TenantQuerySet["PartnerKind"]):
    """Reads of kinds; all stay chainable."""

    def offered(self) -> Self:
        """Keep those that a new partner may be of."""
        return self.filter(is_offered=True)


@audited()
class PartnerKind(TenantModel):
    """One kind of partner. `key` is what partners, files and the API name it by, and stays for good.

    `is_regulated`: such a partner may not be rewarded by volume, so that its portal shows counts and states, neither
    tier nor revenue. `is_organisation`: others can belong to one. `place` is its number in lists. One that is
    not `is_offered` was put away: partners who are of it stay so.
    """

    key = models.CharField(max_length=LONGEST_KEY)
    singular = models.CharField(max_length=40)
    plural = models.CharField(max_length=40)
    is_regulated = models.BooleanField(default=False)
    is_organisation = models.BooleanField(default=False)
    is_offered = models.BooleanField(default=True)
    place = models.PositiveSmallIntegerField(default=0)

    objects = TenantManager.from_queryset(PartnerKindQuerySet)()

    class Meta:
        ordering = ("place", "key")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "key"], name="partners_kind_key"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(singular=""), name="partners_kind_named"),
        )

    def __str__(self) -> str:
        return self.singular


_KEPT = "_partner_kinds"


def kinds() -> Sequence[PartnerKind]:
    """Return all kinds in their order, those put away too (1 query the first time)."""
    return kept_on(current_tenant(), _KEPT, lambda: list(PartnerKind.objects.all()))


def forget() -> None:
    """Read the list anew when it is next asked for."""
    forget_on(current_tenant(), _KEPT)


def kind_words() -> Mapping[str, str]:
    """Return the word for one partner of each kind, by key, those put away too."""
    return {kind.key: kind.singular for kind in kinds()}


def kind_word(key: str) -> str:
    """Return the word for a kind; a key that the tenant has not is read as it is written."""
    return kind_words().get(key) or key.replace("_", " ").capitalize()
