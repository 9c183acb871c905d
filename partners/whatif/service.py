"""Writes that rest on the tenant's own distribution: bands proposed from it, or found by percentages of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction

from partners.policy import service as policies
from partners.policy.models import FIGURES, StandingPolicy
from partners.policy.queries import policy_in_force
from partners.policy.rules import USUAL_HIGH_PCT, USUAL_MEDIUM_PCT, Value
from partners.whatif.queries import proposed_bands, starts_by_percentile
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.use_cases import needs_no_right, requires

Basis = StandingPolicy.Basis


@requires(Right.POLICY_EDIT)
@transaction.atomic
def propose(*, by: Membership | None = None) -> StandingPolicy:
    """Draft bands proposed from the tenant's own distribution; all else stays as it is.

    Raises `Refused` where the distribution tells none: no revenue, too few, all the same.
    """
    present = policy_in_force()
    proposed = proposed_bands(
        present,
        high_pct=present.high_pct or USUAL_HIGH_PCT,
        medium_pct=present.medium_pct or USUAL_MEDIUM_PCT,
    )
    if proposed.starts is None:
        raise Refused(proposed.why, code="no_distribution")
    return policies.draft_policy(
        by=by,
        reason=f"Proposed from the distribution. {proposed.why}",
        basis=Basis.FIXED,
        medium_from=proposed.starts.medium,
        high_from=proposed.starts.high,
    )


@requires(Right.POLICY_EDIT)
@transaction.atomic
def draft(*, by: Membership | None = None, reason: str = "", **figures: Value) -> StandingPolicy:
    """Keep figures as the draft; percentages are turned into the amounts that they mean today."""
    return policies.draft_policy(by=by, reason=reason, **with_amounts(figures))


@requires(Right.POLICY_EDIT)
@transaction.atomic
def put_in_force(
    *, by: Membership | None = None, reason: str = "", valid_from: date | None = None, **figures: Value
) -> StandingPolicy:
    """Put figures in force as `set_policy` does; percentages are turned into the amounts that they mean today."""
    return policies.set_policy(by=by, reason=reason, valid_from=valid_from, **with_amounts(figures))


@needs_no_right("reads, for who drafts or tries a policy")
def with_amounts(figures: Mapping[str, Value]) -> dict[str, Value]:
    """Return figures whose percentages have become amounts. Raises `Refused` where no amount divides anybody."""
    present = policy_in_force()
    basis = figures.get("basis", present.basis)
    amounts = {"high_from", "medium_from"} & figures.keys()
    if basis == Basis.FIXED or ("basis" not in figures and amounts):
        # Whoever types amounts means amounts.
        return {**figures, **({"basis": Basis.FIXED} if amounts else {})}
    asked = {name: figures.get(name, getattr(present, name)) for name in ("high_pct", "medium_pct")}
    values = {name: getattr(present, name) for name in FIGURES} | dict(figures) | asked
    # The amounts of before are in the way of no percentage, which is judged first.
    policies.check_policy(values | {"high_from": Decimal(2), "medium_from": Decimal(1)})
    meant = StandingPolicy(**{name: values[name] for name in FIGURES})
    starts = starts_by_percentile(meant)
    if starts is None:
        raise Refused(
            "Percentages need at least two with different revenue in the period. Type amounts instead.",
            field="high_pct",
            code="no_distribution",
        )
    return {**figures, **asked, "basis": Basis.PERCENTILE, "medium_from": starts[0], "high_from": starts[1]}
