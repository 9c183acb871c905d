"""Versions of the rules of level, tier and score."""

from django.db import models
from django.db.models import F, Q

from partners.policy.rules import Rules
from partners.states import Kind
from prm.core.clock import now
from prm.core.fields import MoneyField
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel


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
        "accounts.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
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
        )
