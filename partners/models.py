"""Partners, their codes and months, and what is known about how they stand."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest, Now
from django.urls import reverse

from partners.codes import normalise
from partners.standing import Rules
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel, TenantOneToOneField
from prm.tenancy.calendar import add_months
from prm.tenancy.clock import now
from prm.tenancy.context import current_tenant
from prm.tenancy.fields import MoneyField
from prm.tenancy.managers import TenantManager, TenantQuerySet


class Kind(models.TextChoices):
    """What sort of partner this is; a policy marks kinds as regulated."""

    PHYSICIAN = "physician", "Physician"
    PRACTICE = "practice", "Practice"
    HOSPITAL = "hospital", "Hospital"
    AGENT = "agent", "Agent"
    AGENCY = "agency", "Agency"
    DEALER = "dealer", "Dealer"


class Tier(models.TextChoices):
    """Value of the relationship by trailing revenue."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Level(models.TextChoices):
    """Where the relationship stands."""

    PROSPECT = "prospect", "Prospect"
    NEW = "new", "New"
    REPEAT = "repeat", "Repeat"
    LAPSED = "lapsed", "Lapsed"


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
    rep = TenantForeignKey("tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="panel")
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


class PartnerMonthQuerySet(TenantQuerySet["PartnerMonth"]):
    """Reads of partner-months."""

    def of_year_ending(self, month: Any, months: int = 12) -> Self:
        """The rows of the `months` months that end with `month`."""
        return self.filter(month__gt=add_months(month, -months), month__lte=month)


class PartnerMonth(TenantModel):
    """What one partner brought in one month of the tenant's calendar. Written by the orders app only.

    orders: orders that count (neither cancelled nor mere reversals). units, revenue: net of
    reversals, so they may be negative. first_on, last_on: first and last day of an order that
    counts, empty in a month with reversals only. A month without any order line has no row.
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="months", index=False)
    month = models.DateField()
    orders = models.IntegerField(default=0)
    units = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    revenue = MoneyField(default=0)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)

    objects = TenantManager.from_queryset(PartnerMonthQuerySet)()

    class Meta:
        ordering = ("month",)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "partner", "month"],
                include=["orders", "revenue", "first_on", "last_on"],
                name="partners_month_one",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="partners_month_first_day"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


@audited()
class ShareEstimate(TenantModel):
    """What somebody believes a partner's orders amount to in a year, at us and elsewhere.

    `low` and `high` bound it with 90 % confidence. Only the latest of each source counts.
    """

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="estimates")
    low = MoneyField()
    middle = MoneyField()
    high = MoneyField()
    source = models.CharField(max_length=80)
    as_of = models.DateField()
    by = TenantForeignKey(
        "tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("-as_of", "-created_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(low__gt=0, low__lte=F("middle"), middle__lte=F("high")),
                name="partners_estimate_range",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source}, {self.as_of:%Y-%m}"


def default_regulated_kinds() -> list[str]:
    """Kinds that may not be rewarded by volume unless the tenant says so."""
    return [Kind.PHYSICIAN.value, Kind.PRACTICE.value]


@audited()
class StandingPolicy(TenantModel):
    """One version of the rules of level, tier and score. Past versions are kept and explain the past."""

    class State(models.TextChoices):
        IN_FORCE = "in_force", "In force"
        PAST = "past", "Past"

    version = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.IN_FORCE)
    valid_from = models.DateField()
    high_from = MoneyField(default=10_000)
    medium_from = MoneyField(default=2_000)
    trailing_months = models.PositiveSmallIntegerField(default=12)
    hysteresis_pct = models.DecimalField(max_digits=4, decimal_places=1, default=5)
    minimum_stay_months = models.PositiveSmallIntegerField(default=6)
    repeat_k = models.PositiveSmallIntegerField(default=3)
    repeat_n = models.PositiveSmallIntegerField(default=6)
    lapse_months = models.PositiveSmallIntegerField(default=6)
    weights = models.JSONField(default=dict, blank=True)
    regulated_kinds = models.JSONField(default=default_regulated_kinds, blank=True)
    signed_by = TenantForeignKey(
        "tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "version"], name="partners_policy_version"),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(state="in_force"), name="partners_policy_in_force"
            ),
            models.CheckConstraint(
                condition=Q(high_from__gt=F("medium_from"), medium_from__gt=0),
                name="partners_policy_bands",
            ),
            models.CheckConstraint(
                condition=Q(repeat_k__gte=1, repeat_k__lte=F("repeat_n"), lapse_months__gte=1),
                name="partners_policy_windows",
            ),
        )

    def __str__(self) -> str:
        return f"Version {self.version}"

    @property
    def rules(self) -> Rules:
        """The figures alone, for the pure functions."""
        return Rules(
            high_from=self.high_from,
            medium_from=self.medium_from,
            trailing_months=self.trailing_months,
            hysteresis_pct=self.hysteresis_pct,
            minimum_stay_months=self.minimum_stay_months,
            repeat_k=self.repeat_k,
            repeat_n=self.repeat_n,
            lapse_months=self.lapse_months,
        )


class StandingFigures(TenantModel):
    """The figures that a standing and its month-end snapshot have in common.

    score: 0–100, null when no component can tell. components: list of {key, weight, points,
    fraction, facts}. share and its range are ratios, headroom is money a year, both null
    without estimates. revenue_12m: the twelve calendar months that end with the month of `as_of`.
    policy_version: the StandingPolicy that was applied.
    """

    level = models.CharField(max_length=8, choices=Level)
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    components = models.JSONField(default=list)
    share = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    revenue_12m = MoneyField(default=0)
    orders_12m = models.IntegerField(default=0)
    policy_version = models.PositiveIntegerField()
    computed_at = models.DateTimeField(default=now, db_default=Now())

    class Meta:
        abstract = True


class Standing(StandingFigures):
    """Where one partner stands now. Written by `services.recompute_standings` only.

    A recomputation that finds nothing different leaves the row alone, so `computed_at` and `as_of`
    tell since when the figures are what they are. `share_doubtful`: the estimates lie below what
    the partner already sends, so share and headroom are not shown. `score_month_ago`: score at the
    end of the previous month, from StandingMonth. `proposal`: why `tier_proposal` is what it is
    (rule, band, threshold, revenue and months it was judged by, as JSON). `fingerprint`: checksum of
    all that was computed, by which a recomputation knows what has changed without reading it.
    """

    partner = TenantOneToOneField(Partner, models.CASCADE, related_name="standing")
    tier_proposal = models.CharField(max_length=8, choices=Tier, blank=True)
    proposal = models.JSONField(default=dict)
    share_low = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    share_high = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    share_doubtful = models.BooleanField(default=False)
    headroom_low = MoneyField(null=True)
    headroom_high = MoneyField(null=True)
    total_estimate = MoneyField(null=True)
    revenue_total = MoneyField(default=0)
    first_order_on = models.DateField(null=True)
    last_order_on = models.DateField(null=True)
    score_month_ago = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    as_of = models.DateField()
    fingerprint = models.CharField(max_length=32, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(fields=["tenant", "-revenue_12m"], name="partners_standing_revenue"),
            models.Index(fields=["tenant", "-score"], name="partners_standing_score"),
        )

    def __str__(self) -> str:
        return f"{self.level}, score {self.score}"

    @property
    def score_change(self) -> int | None:
        """Whole points gained since the end of last month; None when either is not known."""
        if self.score is None or self.score_month_ago is None:
            return None
        return whole(self.score) - whole(self.score_month_ago)

    @property
    def headroom(self) -> Decimal | None:
        """The middle of the money on the table a year, None when it cannot be told."""
        if self.total_estimate is None or self.share_doubtful:
            return None
        ours = max(Decimal(0), Decimal(self.revenue_12m))
        return max(Decimal(0), Decimal(self.total_estimate) - ours)


class StandingMonth(StandingFigures):
    """How a partner stood at the end of a month, as it was known when the month had ended."""

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="standing_months", index=False)
    month = models.DateField()
    tier = models.CharField(max_length=8, choices=Tier, blank=True)

    class Meta:
        ordering = ("month",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "partner", "month"], name="partners_standing_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="partners_standing_month_first"),
        )

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


@audited()
class TierReview(TenantModel):
    """A signed decision about one partner's tier. Never changed; an undo is a review of its own.

    "initial" is the first tier, set by the rules without a signature. `evidence` holds what was
    decided on: figures, band, rule and what was in force before. From `effective_on` on
    `decided_tier` is in force; `tier_since` says since when it counts for the minimum stay.
    """

    class Decision(models.TextChoices):
        INITIAL = "initial", "First tier"
        ACCEPT = "accept", "Accepted"
        HOLD = "hold", "Held"
        OVERRIDE = "override", "Overridden"
        UNDO = "undo", "Undone"

    partner = TenantForeignKey(Partner, models.CASCADE, related_name="tier_reviews", index=False)
    from_tier = models.CharField(max_length=8, choices=Tier, blank=True)
    proposed_tier = models.CharField(max_length=8, choices=Tier, blank=True)
    decided_tier = models.CharField(max_length=8, choices=Tier, blank=True)
    decision = models.CharField(max_length=8, choices=Decision)
    reason = models.TextField(blank=True)
    signed_by = TenantForeignKey(
        "tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    signed_at = models.DateTimeField(default=now, db_default=Now())
    effective_on = models.DateField()
    tier_since = models.DateField(null=True, blank=True)
    policy_version = models.PositiveIntegerField()
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ("-signed_at", "-id")
        indexes = (
            models.Index(fields=["tenant", "partner", "-signed_at"], name="partners_review_partner"),
            models.Index(fields=["tenant", "-signed_at"], name="partners_review_signed"),
        )

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.decided_tier}"


@audited()
class PartnerAccess(TenantModel):
    """Binds a member with the role partner to the one partner whose referrals they may see."""

    membership = TenantOneToOneField("tenancy.Membership", models.CASCADE, related_name="partner_access")
    partner = TenantForeignKey(Partner, models.CASCADE, related_name="accesses")

    def __str__(self) -> str:
        return str(self.partner_id)


def whole(score: Decimal) -> int:
    """Round a score for display; halves go up, as people expect."""
    return int(score.quantize(Decimal(1), rounding=ROUND_HALF_UP))
