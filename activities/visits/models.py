"""Visits and the promises made in them."""

from django.db import models
from django.db.models import F, Q

from activities.visits.states import Channel, Purpose
from prm.core.clock import now
from prm.ownfields.models import OwnValue, constraints_for, indexes_for
from prm.tenancy.audit import audited
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.tenancy.managers import TenantManager, TenantQuerySet


class VisitQuerySet(TenantQuerySet["Visit"]):
    """Reads of visits."""

    def with_people(self) -> "VisitQuerySet":
        """With partner and rep, newest first."""
        return self.select_related("partner", "rep__user", "met").order_by("-happened_at", "-id")

    def promises(self) -> "VisitQuerySet":
        """Visits whose next step is still to be done, the most urgent first, undated ones last."""
        open_steps = self.exclude(next_step="").filter(next_step_done_at=None)
        return open_steps.order_by(F("next_step_due").asc(nulls_last=True), "happened_at", "id")


@audited(gone_by="partner", about=["partner"])
class Visit(TenantModel):
    """One rep–partner interaction: when, how, why, what was learned and what comes next.

    The id may be minted by the client, so that a visit sent twice is one visit. ``score_before`` is the
    partner's score when the visit was saved, to show its effect.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="visits", index=False)
    rep = TenantForeignKey("accounts.Membership", models.RESTRICT, related_name="visits", index=False)
    channel = models.CharField(max_length=12, choices=Channel)
    happened_at = models.DateTimeField()
    met = TenantForeignKey("partners.Contact", models.SET_NULL, null=True, blank=True, related_name="visits")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose)
    purpose_other = models.CharField(max_length=80, blank=True)
    learned = models.TextField(blank=True)
    next_step = models.CharField(max_length=200, blank=True)
    next_step_due = models.DateField(null=True, blank=True)
    next_step_done_at = models.DateTimeField(null=True, blank=True)
    score_before = models.DecimalField(max_digits=5, decimal_places=1, null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(VisitQuerySet)()

    class Meta:
        indexes = (
            models.Index(fields=["tenant", "partner", "-happened_at"], name="activities_visit_partner"),
            models.Index(fields=["tenant", "rep", "-happened_at"], name="activities_visit_rep"),
            models.Index(
                fields=["tenant", "rep", "next_step_due"],
                condition=Q(next_step_done_at=None) & ~Q(next_step=""),
                name="activities_visit_promise",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(next_step="") | Q(next_step_due=None, next_step_done_at=None),
                name="activities_visit_step_named",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.happened_at:%Y-%m-%d}"

    @property
    def purpose_words(self) -> str:
        """The purpose as people read it; for "Other", the rep's own words where there are any."""
        if self.purpose == Purpose.OTHER and self.purpose_other:
            return self.purpose_other
        return Purpose(self.purpose).label

    @property
    def has_open_step(self) -> bool:
        """Whether something was promised and is still to be done."""
        return bool(self.next_step) and self.next_step_done_at is None


@audited(exclude=["text_key"], gone_by="visit", about=["visit"])
class VisitValue(OwnValue):
    """What one visit has in one of the tenant's own fields (`prm.ownfields`)."""

    visit = TenantForeignKey(Visit, models.CASCADE, related_name="own_values", index=False)
    field = TenantForeignKey("ownfields.OwnField", models.PROTECT, related_name="+", index=False)

    class Meta:
        verbose_name = "own field of a visit"
        constraints = constraints_for("activities_own", "visit")
        indexes = indexes_for("activities_own", "visit")

    def __str__(self) -> str:
        return str(self.field.words(self.stored))
