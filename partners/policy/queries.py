"""Which rules are in force."""

from partners.policy.models import StandingPolicy
from prm.core.calendar import today
from prm.tenancy.context import current_tenant


def policy_in_force() -> StandingPolicy:
    """Give the tenant's rules; a tenant that never set any gets the usual ones as version 1."""
    in_force = StandingPolicy.objects.filter(state=StandingPolicy.State.IN_FORCE)
    policy: StandingPolicy | None = in_force.first()
    if policy is None:
        first = StandingPolicy(version=1, valid_from=today(current_tenant()))
        StandingPolicy.objects.bulk_create([first], ignore_conflicts=True)
        policy = in_force.get()
    assert policy is not None
    return policy
