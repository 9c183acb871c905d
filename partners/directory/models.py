"""Partners and the codes by which order systems name them."""

from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest, Now
from django.urls import reverse

from partners.directory.codes import normalise
from partners.directory.states import Kind
from partners.standing.states import Tier
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant
from prm.tenancy.managers import TenantManager, TenantQuerySet


class PartnerQuerySet(TenantQuerySet["Partner"]):
    """Reads of partners; all stay chainable."""

    def active(self) -> Self:
        """Partners still in the panel."""
        return self.filter(is_active=True)

    def with_standing(self) -> Self:
        """With standing, organisation and rep in the same query.

        `share_told` and `headroom_told` (the middle of the money on the table a year) are null where
        the estimates cannot be right.
        """
        trusted = When(standing__share_doubtful=False, then=F("standing__share"))
        room = F("standing__total_estimate") - Greatest(F("standing__revenue_12m"), Value(Decimal(0)))
        return self.select_related("standing", "organisation", "rep__user").annotate(
            share_told=Case(trusted),
            headroom_told=Case(When(standing__share_doubtful=False, then=room), output_field=MoneyField()),
        )

    def matching(self, text: str) -> Self:
        """Partners whose name contains the text, or one of whose codes begins with it."""
        words = text.strip()
        if not words:
            return self
        codes = ReferralCode.objects.filter(normal__startswith=normalise(words))
        return self.filter(
            Q(name__icontains=words) | Q(pk__in=codes.values("partner_id")),
        )

    def awaiting_decision(self, day: Any) -> Self:
        """Partners whose rules propose another tier, unless that proposal is being held on `day`."""
        return self.filter(
            ~Q(tier=""),
            ~Q(standing__tier_proposal=F("tier")),
            standing__tier_proposal__gt="",
        ).exclude(tier_held=F("standing__tier_proposal"), tier_held_until__gt=day)


@audited()
class Partner(TenantModel):
    """A person or organisation that sends us business.

    `tier` is the tier in force ("" until the first is set) since `tier_since`; it changes through
    a tier review only. `tier_held` is a proposal that a manager declined until `tier_held_until`.
    """

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind)
    specialty = models.CharField(max_length=120, blank=True)
    organisation = TenantForeignKey(
        "partners.Partner", models.SET_NULL, null=True, blank=True, related_name="members"
    )
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    is_active = models.BooleanField("active", default=True)
    rep = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="panel"
    )
    tier = models.CharField(max_length=8, choices=Tier, blank=True, editable=False)
    tier_since = models.DateField(null=True, blank=True, editable=False)
    tier_held = models.CharField(max_length=8, choices=Tier, blank=True, editable=False)
    tier_held_until = models.DateField(null=True, blank=True, editable=False)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())
    updated_at = models.DateTimeField(default=now, editable=False, db_default=Now())
    version = models.PositiveIntegerField(default=1, editable=False, db_default=1)

    objects = TenantManager.from_queryset(PartnerQuerySet)()

    class Meta:
        ordering = ("name", "id")
        indexes = (models.Index(fields=["tenant", "name", "id"], name="partners_partner_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def second_word(self) -> str:
        """What stands beside the name in lists: the specialty, or else the kind."""
        return self.specialty or self.get_kind_display()

    def get_absolute_url(self) -> str:
        """The partner page, in the tenant in scope."""
        return reverse("partners:detail", kwargs={"tenant": current_tenant().slug, "pk": self.pk})


@audited()
class ReferralCode(TenantModel):
    """How an order system names a partner. `normal` decides whether two codes are the same.

    `scheme` says whose code it is, as free text: "NPI", "customer number", "agent number".
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=120)
    # Byte order, as in orders: what begins with a text is found by the index.
    normal = models.CharField(max_length=120, editable=False, db_collation="C")
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "normal"], name="partners_code_normal"),
            models.CheckConstraint(condition=~Q(normal=""), name="partners_code_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}".strip()
