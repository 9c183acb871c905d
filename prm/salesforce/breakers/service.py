"""What people decide about mass changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.notation.reader import figure
from prm.salesforce.guards.models import GuardRules, MassChange, rules_of_tenant
from prm.tenancy.context import current_actor
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires

THRESHOLDS: Final[Mapping[str, int]] = {
    "changed_records": 1_000_000, "changed_percent": 100, "cleared_records": 1_000_000, "cleared_percent": 100,
    "deleted_records": 1_000_000, "deleted_percent": 100, "loop_times": 1_000, "loop_minutes": 1_000,
}  # fmt: skip
"""What a tenant may set, each with the largest number it takes; the smallest is 1."""


@requires(Right.SYNC_EDIT)
def approve(mass_id: UUID) -> MassChange:
    """Let a mass change go to the other side, with the next run. Raises `Refused` when it does not wait."""
    return _decide(mass_id, MassChange.State.APPROVED)


@requires(Right.SYNC_EDIT)
def refuse(mass_id: UUID) -> MassChange:
    """Take a mass change back where it was made; what was deleted here stays in Salesforce. Raises `Refused`."""
    return _decide(mass_id, MassChange.State.REFUSED)


@transaction.atomic
def _decide(mass_id: UUID, state: MassChange.State) -> MassChange:
    mass: MassChange | None = MassChange.objects.select_for_update().filter(pk=mass_id).first()
    if mass is None or mass.state == MassChange.State.PASSED:
        raise Refused("This mass change does not exist.", code="not_found")
    if mass.state != MassChange.State.WAITING:
        raise Refused(f"Somebody has decided it already: {mass.get_state_display().lower()}.", code="decided")
    mass.state, mass.decided_by, mass.decided_at = state, current_actor().label[:120], now()
    mass.save(update_fields=["state", "decided_by", "decided_at"])
    send_task("salesforce.sync", pull=False, door="page")
    return mass


@requires(Right.SYNC_EDIT)
@transaction.atomic
def set_rules(values: Mapping[str, int]) -> GuardRules:
    """Change thresholds of the tenant; those not named stay. Raises `Refused` for what makes none."""
    rules = rules_of_tenant()
    for name, value in values.items():
        if name not in THRESHOLDS:
            raise Refused(
                f"There is no threshold {name!r}. There are: {', '.join(THRESHOLDS)}.", code="unknown_field"
            )
        if not 1 <= value <= THRESHOLDS[name]:
            raise Refused(f"Give a number from 1 to {figure(THRESHOLDS[name])}.", field=name, code="invalid")
        setattr(rules, name, value)
    rules.save()
    # What was no mass by the old thresholds may be one now.
    MassChange.objects.filter(state=MassChange.State.PASSED).delete()
    return rules
