"""Partners and the codes by which order systems name them."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Greatest, Lower, Now, Reverse

from partners.directory import schemes
from partners.directory.codes import normalise
from partners.directory.sql import ALIASES, NAMES
from partners.kinds.models import kind_word
from partners.kinds.rules import LONGEST_KEY
from partners.states import Tier
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.core.urls import tenant_url
from prm.core.words.countries import country_name
from prm.ownfields.models import OwnValue, constraints_for, indexes_for
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.context import current_tenant, current_tenant_id
from prm.tenancy.managers import TenantManager, TenantQuerySet


def _digits(column: str) -> Func:
    """Return the digits of a column without the zeros before them."""
    digits = Func(F(column), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace")
    return Func(digits, Value("0"), function="ltrim")


class PartnerQuerySet(TenantQuerySet["Partner"]):
    """Reads of partners; all stay chainable."""

    def active(self) -> Self:
        """Keep partners still in the panel."""
        return self.filter(is_active=True)

    def with_standing(self) -> Self:
        """Load standing, organisation and rep in the same query.

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
        """Keep partners one of whose names contains the text, or one of whose codes begins with it."""
        words = text.strip()
        if not words:
            return self
        codes = ReferralCode.objects.filter(normal__startswith=normalise(words))
        aliases = PartnerAlias.objects.filter(name__icontains=words)
        return self.filter(
            Q(name__icontains=words)
            | Q(pk__in=codes.values("partner_id"))
            | Q(pk__in=aliases.values("partner_id")),
        )

    def by_beginning(self, text: str) -> Self:
        """Put those first whose name begins with the text; within both, by name."""
        begins = Case(When(name__istartswith=text.strip(), then=Value(0)), default=Value(1))
        return self.order_by(begins, "name", "pk")

    def awaiting_decision(self, day: date) -> Self:
        """Keep partners whose rules propose another tier, unless that proposal is being held on `day`."""
        return self.filter(
            ~Q(tier=""),
            ~Q(standing__tier_proposal=F("tier")),
            standing__tier_proposal__gt="",
        ).exclude(tier_held=F("standing__tier_proposal"), tier_held_until__gt=day)


class PartnerManager(TenantManager["Partner"]):
    """Finds partners without those that were merged into another: no list, sum or choice can forget it."""

    def get_queryset(self) -> models.QuerySet["Partner"]:
        """Return the partners of the tenant in scope that are partners of their own."""
        return super().get_queryset().filter(merged_into=None)


@audited(exclude=["phone_digits", "email_key"])
class Partner(TenantModel):
    """A person or organisation that sends us business.

    `tier` is the tier in force ("" until the first is set) since `tier_since`; it changes through
    a tier review only. `tier_held` is a proposal that a manager declined until `tier_held_until`.
    `merged_into` is the partner that this one turned out to be (`partners.merges`): such a row is there for
    its past only, and `objects` does not find it.
    """

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=LONGEST_KEY)
    specialty = models.CharField(max_length=120, blank=True)
    organisation = TenantForeignKey(
        "partners.Partner", models.SET_NULL, null=True, blank=True, related_name="members"
    )
    city = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=120, blank=True)
    # ISO 3166-1 alpha-2; "" where nobody has said it.
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
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
    # Columns of their own, since under row-level security no index is used for a comparison with a call in it.
    phone_digits = models.GeneratedField(
        expression=Func(F("phone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace"),
        output_field=models.CharField(max_length=40, db_collation="C"),
        db_persist=True,
    )
    email_key = models.GeneratedField(
        expression=Lower("email"),
        output_field=models.CharField(max_length=254, db_collation="C"),
        db_persist=True,
    )
    merged_into = TenantForeignKey(
        "partners.Partner", models.SET_NULL, null=True, editable=False, related_name="merged_from"
    )
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())
    updated_at = models.DateTimeField(default=now, editable=False, db_default=Now())
    version = models.PositiveIntegerField(default=1, editable=False, db_default=1)

    objects = PartnerManager.from_queryset(PartnerQuerySet)()
    with_merged = TenantManager.from_queryset(PartnerQuerySet)()

    class Meta:
        ordering = ("name", "id")
        # Of a row that refers to a partner, the partner is found whatever became of it.
        base_manager_name = "with_merged"
        indexes = (
            models.Index(fields=["tenant", "name", "id"], name="partners_partner_name"),
            models.Index(fields=["tenant", "updated_at", "id"], name="partners_partner_updated"),
            models.Index(
                fields=["tenant", "phone_digits"], condition=~Q(phone=""), name="partners_partner_phone"
            ),
            models.Index(
                fields=["tenant", "email_key"], condition=~Q(email=""), name="partners_partner_email"
            ),
        )
        triggers = NAMES.triggers()

    def __str__(self) -> str:
        return self.name

    def get_kind_display(self) -> str:
        """Return the tenant's word for its kind."""
        return kind_word(self.kind)

    def get_country_display(self) -> str:
        """Return the name of its country, "" without one."""
        return country_name(self.country)

    @property
    def second_word(self) -> str:
        """Return what stands beside the name in lists: the specialty, or else the kind."""
        return self.specialty or self.get_kind_display()

    def get_absolute_url(self) -> str:
        """Return the partner page, in the tenant in scope."""
        return tenant_url(current_tenant(), "partners:detail", pk=self.pk)


class PartnerWord(TenantModel):
    """One word of a partner's name, by which similar names are found; the database keeps it with the name.

    See `prm.core.words`. A word with one slip still begins or ends as it should, hence `backwards`.
    """

    id = None  # type: ignore[assignment]  # removes the inherited field
    pk = models.CompositePrimaryKey("tenant", "partner", "word")
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        default=current_tenant_id,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    partner = TenantForeignKey(Partner, models.CASCADE, related_name="words", index=False)
    word = models.CharField(max_length=40, db_collation="C")
    backwards = models.GeneratedField(
        expression=Reverse("word"),
        output_field=models.CharField(max_length=40, db_collation="C"),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "word"], include=["partner"], name="partners_word"),
            models.Index(
                fields=["tenant", "backwards"], include=["word", "partner"], name="partners_word_backwards"
            ),
        ]

    def __str__(self) -> str:
        return self.word


@audited(about=["partner"])
class PartnerAlias(TenantModel):
    """Another name by which a partner is known: a nickname, a former practice, who it was before a merge."""

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())

    class Meta:
        ordering = ("created_at", "id")
        constraints = (models.CheckConstraint(condition=~Q(name=""), name="partners_alias_not_empty"),)
        triggers = ALIASES.triggers()

    def __str__(self) -> str:
        return self.name


class AliasWord(TenantModel):
    """One word of another name, as `PartnerWord` is one of the name itself."""

    id = None  # type: ignore[assignment]  # removes the inherited field
    pk = models.CompositePrimaryKey("tenant", "alias", "word")
    tenant = models.ForeignKey(
        "tenancy.Tenant",
        on_delete=models.CASCADE,
        default=current_tenant_id,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    alias = TenantForeignKey(PartnerAlias, models.CASCADE, related_name="words", index=False)
    word = models.CharField(max_length=40, db_collation="C")
    backwards = models.GeneratedField(
        expression=Reverse("word"),
        output_field=models.CharField(max_length=40, db_collation="C"),
        db_persist=True,
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "word"], include=["alias"], name="partners_alias_word"),
            models.Index(
                fields=["tenant", "backwards"], include=["word", "alias"], name="partners_alias_backwards"
            ),
        ]

    def __str__(self) -> str:
        return self.word


@audited(exclude=["digits", "scheme_key"], about=["partner"])
class ReferralCode(TenantModel):
    """How an order system names a partner: `normal` and `scheme_key` decide whether two codes are the same.

    `scheme` says whose code it is, as free text: "NPI", "customer number", "agent number"; see `schemes`.
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=schemes.LONGEST, blank=True)
    code = models.CharField(max_length=120)
    # Byte order, as in orders: what begins with a text is found by the index.
    normal = models.CharField(max_length=120, editable=False, db_collation="C")
    # A column of its own, since under row-level security no index is used for a comparison with a call in it.
    digits = models.GeneratedField(
        expression=_digits("normal"),
        output_field=models.CharField(max_length=120, db_collation="C"),
        db_persist=True,
    )
    scheme_key = models.GeneratedField(
        expression=schemes.scheme_key("scheme"),
        output_field=models.CharField(max_length=schemes.LONGEST, db_collation="C"),
        db_persist=True,
    )
    created_at = models.DateTimeField(default=now, editable=False, db_default=Now())

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["tenant", "normal", "scheme_key"], name="partners_code_normal"),
            models.CheckConstraint(condition=~Q(normal=""), name="partners_code_not_empty"),
        )
        indexes = (models.Index(fields=["tenant", "digits"], name="partners_code_digits"),)

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}".strip()


@audited(exclude=["text_key"], about=["partner"])
class PartnerValue(OwnValue):
    """What one partner has in one of the tenant's own fields (`prm.ownfields`)."""

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="own_values", index=False)
    field = TenantForeignKey("ownfields.OwnField", models.PROTECT, related_name="+", index=False)

    class Meta:
        verbose_name = "own field of a partner"
        constraints = constraints_for("partners_own", "partner")
        indexes = indexes_for("partners_own", "partner")

    def __str__(self) -> str:
        return str(self.field.words(self.stored))
