"""Which rules are in force, were in force, or are drafted."""

from collections.abc import Mapping
from datetime import date

from partners.policy.models import StandingPolicy

State = StandingPolicy.State


def policy_in_force() -> StandingPolicy:
    """Return the rules by which the tenant judges today; every tenant has some from its first moment.

    Unless they are confirmed (`is_confirmed`) they tell levels and weigh scores, and nobody has a tier.
    """
    policy: StandingPolicy = StandingPolicy.objects.get(state=State.IN_FORCE)
    return policy


def policy_on(day: date) -> StandingPolicy | None:
    """Return the version that held on a day; None before the first one."""
    held = StandingPolicy.objects.exclude(state=State.DRAFT).filter(valid_from__lte=day)
    found: StandingPolicy | None = held.order_by("-valid_from", "-version").first()
    return found


def draft() -> StandingPolicy | None:
    """Return the version that is drafted, if there is one; it changes nothing."""
    found: StandingPolicy | None = StandingPolicy.objects.filter(state=State.DRAFT).first()
    return found


def usual_plans(policy: StandingPolicy) -> Mapping[str, tuple[int, int]]:
    """Return visits and months that are expected of a partner without a call plan, by tier ("" as for low)."""
    said = {tier: (int(plan[0]), int(plan[1])) for tier, plan in policy.usual_visits.items()}
    return {**said, "": said["low"]}
