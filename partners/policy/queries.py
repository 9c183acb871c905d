"""Which rules are in force."""

from partners.policy.models import StandingPolicy


def policy_in_force() -> StandingPolicy:
    """Return the rules by which the tenant judges today; every tenant has some from its first moment."""
    policy: StandingPolicy = StandingPolicy.objects.get(state=StandingPolicy.State.IN_FORCE)
    return policy
