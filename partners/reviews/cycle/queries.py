"""Reads of cycles: the one that is open, and how far it is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from partners.directory.models import Partner, PartnerQuerySet
from partners.reviews.cycle.models import CycleDecision, ReviewCycle, ReviewSettings
from partners.reviews.cycle.states import UNSETTLED, CycleState


def settings() -> ReviewSettings:
    """Return how the tenant holds reviews; as delivered where nobody has set it (1 query)."""
    return ReviewSettings.objects.first() or ReviewSettings()


def unsettled() -> ReviewCycle | None:
    """Return the cycle that is being decided or waits for a second signature (1 query)."""
    some = ReviewCycle.objects.filter(state__in=UNSETTLED)
    return some.select_related("signed_by__user", "opened_by__user", "reopened_by__user").first()


def to_decide(cycle: ReviewCycle | None, day: date) -> PartnerQuerySet:
    """Return who waits for a decision; in a cycle those about whom it has none yet."""
    waiting = Partner.objects.active().awaiting_decision(day)
    if cycle is None:
        return waiting
    decided = CycleDecision.objects.filter(cycle=cycle, partner=OuterRef("pk"))
    return waiting.filter(~Exists(decided))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a cycle is."""

    cycle: ReviewCycle
    decided: int
    left: int

    @property
    def total(self) -> int:
        """Return how many there are to decide in all."""
        return self.decided + self.left

    @property
    def why_not(self) -> str:
        """Say what stands in the way of signing; nothing if nothing does."""
        if self.cycle.state == CycleState.OPEN and self.left:
            return f"Decide the last {self.left} to sign."
        return ""


def progress(cycle: ReviewCycle, day: date) -> Progress:
    """Count what is decided and what is left (2 queries)."""
    return Progress(cycle, CycleDecision.objects.filter(cycle=cycle).count(), to_decide(cycle, day).count())


def decisions(cycle: ReviewCycle) -> QuerySet[CycleDecision]:
    """Return what was decided, the latest first, with whom it is about and who decided."""
    return CycleDecision.objects.filter(cycle=cycle).select_related("partner", "by__user")


def latest_cycle() -> ReviewCycle | None:
    """Return the cycle opened last (1 query)."""
    return ReviewCycle.objects.select_related(
        "signed_by__user", "second_by__user", "reopened_by__user"
    ).first()
