"""A policy that is tried and not kept."""

from collections.abc import Mapping

from partners.policy import service as policies
from partners.policy.models import FIGURES, StandingPolicy
from partners.policy.queries import policy_in_force
from partners.policy.rules import Value
from partners.whatif.service import with_amounts


def tried(figures: Mapping[str, Value]) -> StandingPolicy:
    """Return an unsaved version of the present policy with some figures changed. Raises `Refused` for what cannot be."""
    present = policy_in_force()
    values = {name: getattr(present, name) for name in FIGURES} | with_amounts(
        {name: value for name, value in figures.items() if name in FIGURES}
    )
    policies.check_policy(values)
    return StandingPolicy(
        version=present.version + 1, state=StandingPolicy.State.DRAFT, valid_from=present.valid_from, **values
    )
