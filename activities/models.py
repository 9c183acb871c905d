"""Visits, call plans, competition insights, opportunities and their budgets.

All writes go through :mod:`activities.services`. Amounts are in the tenant's own currency unless a row
names another; moments are aware, days and months are the tenant's own.
"""

from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from activities.states import Channel, OpportunityState, Outcome, Purpose, Stage
from activities.today import Plan
from prm.tenancy.audit import audited
from prm.tenancy.clock import now
from prm.tenancy.fields import MoneyField
from prm.tenancy.models import TenantForeignKey, TenantManager, TenantModel, TenantQuerySet


class CallPlanQuerySet(TenantQuerySet["CallPlan"]):
    """Reads of call plans."""

    def in_force(self, day: date) -> "CallPlanQuerySet":
        """The one plan per partner that counts on ``day``: the latest that had begun by then."""
        return self.filter(valid_from__lte=day).order_by("partner_id", "-valid_from").distinct("partner_id")


@audited()
class CallPlan(TenantModel):
    """Visits intended for a partner in each calendar block of ``months`` months, from a day on.

    ``visits = 0`` says that no visit is intended. Earlier plans stay, so that a past month is judged by
    the plan that held then.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="call_plans", index=False)
    visits = models.PositiveSmallIntegerField()
    months = models.PositiveSmallIntegerField("per so many months", default=1)
    valid_from = models.DateField()
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(CallPlanQuerySet)()

    class Meta:
        ordering = ("-valid_from",)
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "partner", "valid_from"], name="activities_callplan_day"
            ),
            models.CheckConstraint(condition=Q(visits__lte=31), name="activities_callplan_visits"),
            models.CheckConstraint(
                condition=Q(months__in=(1, 2, 3, 6, 12)), name="activities_callplan_months"
            ),
        )

    def __str__(self) -> str:
        return self.plan.words

    @property
    def plan(self) -> Plan:
        """The plan as the rules of Today and the score see it."""
        return Plan(self.visits, self.months)


class VisitQuerySet(TenantQuerySet["Visit"]):
    """Reads of visits."""

    def with_people(self) -> "VisitQuerySet":
        """With partner and rep, newest first."""
        return self.select_related("partner", "rep__user").order_by("-happened_at", "-id")

    def promises(self) -> "VisitQuerySet":
        """Visits whose next step is still to be done, the most urgent first, undated ones last."""
        open_steps = self.exclude(next_step="").filter(next_step_done_at=None)
        return open_steps.order_by(F("next_step_due").asc(nulls_last=True), "happened_at", "id")


@audited()
class Visit(TenantModel):
    """One rep–partner interaction: when, how, why, what was learned and what comes next.

    The id may be minted by the client, so that a visit sent twice is one visit. ``score_before`` is the
    partner's score when the visit was saved, to show its effect.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="visits", index=False)
    rep = TenantForeignKey("tenancy.Membership", models.RESTRICT, related_name="visits", index=False)
    channel = models.CharField(max_length=12, choices=Channel)
    happened_at = models.DateTimeField()
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


@audited()
class Competitor(TenantModel):
    """Who else gets business that could be ours."""

    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint("tenant", Lower("name"), name="activities_competitor_name"),)

    def __str__(self) -> str:
        return self.name


@audited()
class Differentiator(TenantModel):
    """What may decide for or against us: an earlier appointment, a price, a place."""

    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint("tenant", Lower("name"), name="activities_differentiator_name"),
        )

    def __str__(self) -> str:
        return self.name


class OpportunityQuerySet(TenantQuerySet["Opportunity"]):
    """Reads of opportunities."""

    def open(self) -> "OpportunityQuerySet":
        """Still expected."""
        return self.filter(state=OpportunityState.OPEN)

    def with_last_change(self) -> "OpportunityQuerySet":
        """With ``changed_from`` and ``changed_at`` of the last change of the amount (NULL if there is none)."""
        changes = BudgetUpdate.objects.filter(opportunity=OuterRef("pk"), old_amount__isnull=False).exclude(
            old_amount=F("new_amount")
        )
        last = changes.order_by("-at", "-id")
        return self.annotate(
            changed_from=Subquery(last.values("old_amount")[:1]), changed_at=Subquery(last.values("at")[:1])
        )


@audited()
class Opportunity(TenantModel):
    """Future business with a partner: an expected amount and the day it is expected by.

    ``amount`` and ``close_date`` are the present ones; how they came about is in :class:`BudgetUpdate`.
    """

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="opportunities", index=False)
    name = models.CharField(max_length=120)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.PROSPECTING)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    close_date = models.DateField()
    state = models.CharField(max_length=8, choices=OpportunityState, default=OpportunityState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    owner = TenantForeignKey(
        "tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="opportunities"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(OpportunityQuerySet)()

    class Meta:
        verbose_name_plural = "opportunities"
        indexes = (
            models.Index(fields=["tenant", "partner", "state"], name="activities_opp_partner"),
            models.Index(fields=["tenant", "state", "close_date"], name="activities_opp_close"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="activities_opp_amount"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="activities_opp_closed",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether the business is still expected."""
        return self.state == OpportunityState.OPEN


@audited()
class BudgetUpdate(TenantModel):
    """One change of an opportunity's amount or date; rows are added, never changed.

    The first row of an opportunity has no old values. Taking a change back adds the reverse row, which
    names the row it ``reverses``.
    """

    opportunity = TenantForeignKey(Opportunity, models.CASCADE, related_name="budget_updates", index=False)
    old_amount = MoneyField(null=True, blank=True)
    new_amount = MoneyField()
    old_close = models.DateField(null=True, blank=True)
    new_close = models.DateField()
    note = models.TextField(blank=True)
    visit = TenantForeignKey(Visit, models.SET_NULL, null=True, blank=True, related_name="budget_updates")
    reverses = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reversed_by")
    by = TenantForeignKey(
        "tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="+", index=False
    )
    at = models.DateTimeField(default=now)

    objects = TenantManager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=["tenant", "opportunity", "-at"], name="activities_budget_at"),)
        constraints = (
            models.CheckConstraint(condition=Q(new_amount__gte=0), name="activities_budget_amount"),
        )

    def __str__(self) -> str:
        return f"{self.old_amount} → {self.new_amount}"


class InsightQuerySet(TenantQuerySet["Insight"]):
    """Reads of insights."""

    def decided(self) -> "InsightQuerySet":
        """Won or lost; what was only heard of decides nothing."""
        return self.filter(outcome__in=(Outcome.WON, Outcome.LOST))

    def with_details(self) -> "InsightQuerySet":
        """With partner, competitor, rep and differentiators, newest first."""
        return (
            self.select_related("partner", "competitor", "rep__user")
            .prefetch_related("differentiators__differentiator")
            .order_by("-happened_on", "-id")
        )

    def naming(self, differentiator_id: UUID) -> "InsightQuerySet":
        """Those that name a differentiator."""
        named = InsightDifferentiator.objects.filter(
            insight=OuterRef("pk"), differentiator_id=differentiator_id
        )
        return self.filter(Exists(named))


@audited()
class Insight(TenantModel):
    """One observed fact about the competition: who, what happened, because of what."""

    partner = TenantForeignKey("partners.Partner", models.CASCADE, related_name="insights", index=False)
    competitor = TenantForeignKey(Competitor, models.RESTRICT, related_name="insights")
    outcome = models.CharField(max_length=8, choices=Outcome)
    happened_on = models.DateField()
    note = models.TextField(blank=True)
    amount = MoneyField(null=True, blank=True)
    opportunity = TenantForeignKey(
        Opportunity, models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    visit = TenantForeignKey(Visit, models.SET_NULL, null=True, blank=True, related_name="insights")
    rep = TenantForeignKey(
        "tenancy.Membership", models.SET_NULL, null=True, blank=True, related_name="insights"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantManager.from_queryset(InsightQuerySet)()

    class Meta:
        indexes = (
            models.Index(fields=["tenant", "partner", "-happened_on"], name="activities_insight_partner"),
            models.Index(fields=["tenant", "-happened_on"], name="activities_insight_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gte=0), name="activities_insight_amount"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.happened_on}"


@audited()
class InsightDifferentiator(TenantModel):
    """That an insight names a differentiator."""

    insight = TenantForeignKey(Insight, models.CASCADE, related_name="differentiators", index=False)
    differentiator = TenantForeignKey(Differentiator, models.RESTRICT, related_name="insights")

    objects = TenantManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant", "insight", "differentiator"], name="activities_insight_reason"
            ),
        )

    def __str__(self) -> str:
        return str(self.differentiator_id)
