"""Versions of the rules of level, tier and score."""

from datetime import date

import pgtrigger
from django.db import models
from django.db.models import F, Q

from partners.policy.rules import USUAL_VISITS, Rules
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


def default_regulated_kinds() -> list[str]:
    """Return what stood in versions made before kinds were the tenant's own; frozen migrations name it."""
    return ["physician", "practice"]


def usual_visits() -> dict[str, list[int]]:
    """Return the visits that are expected unless a version says otherwise."""
    return {tier: list(plan) for tier, plan in USUAL_VISITS.items()}


# What a version says; once it has been in force, decisions rest on it and none of this changes.
FIGURES = (
    "basis", "high_from", "medium_from", "high_pct", "medium_pct", "trailing_months", "hysteresis_pct",
    "minimum_stay_months", "repeat_k", "repeat_n", "lapse_months", "weights", "usual_visits",
)  # fmt: skip


@audited()
class StandingPolicy(TenantModel):
    """One version of the rules of level, tier and score. Past versions are kept and explain the past.

    `basis` says whether the bands were given as amounts, or as the upper `high_pct` and `medium_pct` per cent of
    those with revenue: then the amounts were found on the day the version came into force. `is_confirmed`: somebody
    has agreed to the bands; without it nobody has a tier. A draft with `agreed_at` comes into force by itself on
    `valid_from`. `usual_visits` are [visits, months] by tier.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_FORCE = "in_force", "In force"
        PAST = "past", "Past"

    class Basis(models.TextChoices):
        FIXED = "fixed", "Amounts"
        PERCENTILE = "percentile", "Percentiles"

    version = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.IN_FORCE)
    valid_from = models.DateField()
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.FIXED)
    high_from = MoneyField(default=10_000)
    medium_from = MoneyField(default=2_000)
    high_pct = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    medium_pct = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    trailing_months = models.PositiveSmallIntegerField(default=12)
    hysteresis_pct = models.DecimalField(max_digits=4, decimal_places=1, default=5)
    minimum_stay_months = models.PositiveSmallIntegerField(default=6)
    repeat_k = models.PositiveSmallIntegerField(default=3)
    repeat_n = models.PositiveSmallIntegerField(default=6)
    lapse_months = models.PositiveSmallIntegerField(default=6)
    weights = models.JSONField(default=dict, blank=True)
    usual_visits = models.JSONField(default=usual_visits, blank=True)
    # As they were when the version was made; which are regulated now says `partners.kinds`.
    regulated_kinds = models.JSONField(default=list, blank=True)
    is_confirmed = models.BooleanField(default=True, db_default=True)
    reason = models.TextField(blank=True)
    signed_by = TenantForeignKey(
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(fields=["tenant", "version"], name="partners_policy_version"),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(state="in_force"), name="partners_policy_in_force"
            ),
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(state="draft"), name="partners_policy_draft"
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
        triggers = (
            pgtrigger.Protect(
                name="figures_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'draft' AND OLD.is_confirmed AND "
                    f"ROW({', '.join(f'OLD.{name}' for name in FIGURES)}) IS DISTINCT FROM "
                    f"ROW({', '.join(f'NEW.{name}' for name in FIGURES)})"
                ),
            ),
        )

    def __str__(self) -> str:
        return f"Version {self.version}"

    @property
    def rules(self) -> Rules:
        """Return the figures alone, for the pure functions."""
        return Rules(
            high_from=self.high_from,
            medium_from=self.medium_from,
            trailing_months=self.trailing_months,
            hysteresis_pct=self.hysteresis_pct,
            minimum_stay_months=self.minimum_stay_months,
            repeat_k=self.repeat_k,
            repeat_n=self.repeat_n,
            lapse_months=self.lapse_months,
            is_confirmed=self.is_confirmed,
            usual_visits=tuple(
                (tier, int(plan[0]), int(plan[1])) for tier, plan in self.usual_visits.items()
            ),
        )

    def is_due(self, day: date) -> bool:
        """Return whether an agreed draft comes into force on this day."""
        return self.state == self.State.DRAFT and self.agreed_at is not None and self.valid_from <= day
