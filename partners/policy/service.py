"""Writes of the rules of level, tier and score."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from partners.policy.models import StandingPolicy
from partners.policy.queries import policy_in_force
from partners.states import Kind
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

_POLICY_FIELDS = (
    "high_from", "medium_from", "trailing_months", "hysteresis_pct", "minimum_stay_months",
    "repeat_k", "repeat_n", "lapse_months", "weights", "regulated_kinds",
)  # fmt: skip


@requires()
def begin_policy() -> StandingPolicy:
    """Put the usual rules in force as version 1, for a tenant that is just being made."""
    policy: StandingPolicy = StandingPolicy.objects.create(version=1, valid_from=today(current_tenant()))
    return policy


@requires(Right.POLICY_EDIT)
@transaction.atomic
def set_policy(*, by: Membership | None = None, **figures: Any) -> StandingPolicy:
    """Put a new version of the rules in force today; figures not named stay as they are.

    The version before is kept as past. All standings are recomputed; tiers in force stay until they
    are reviewed.
    """
    unknown = figures.keys() - set(_POLICY_FIELDS)
    if unknown:
        raise TypeError(f"A policy has no figure {min(unknown)!r}.")
    before = policy_in_force()
    values = {name: getattr(before, name) for name in _POLICY_FIELDS} | figures
    _check_policy(values)
    StandingPolicy.objects.select_for_update().get(pk=before.pk)
    StandingPolicy.objects.filter(pk=before.pk).update(state=StandingPolicy.State.PAST)
    newest = StandingPolicy.objects.aggregate(newest=Max("version"))["newest"]
    policy: StandingPolicy = StandingPolicy.objects.create(
        version=newest + 1, valid_from=today(current_tenant()), signed_by=by, **values
    )
    return policy


def _check_policy(values: Mapping[str, Any]) -> None:
    if not 0 < values["medium_from"] < values["high_from"]:
        raise Refused("High must start above medium, and medium above nothing.", field="high_from")
    if not 1 <= values["trailing_months"] <= 60:
        raise Refused("Tiers look back 1 to 60 months.", field="trailing_months")
    if not 0 <= values["hysteresis_pct"] < 100:
        raise Refused("The hysteresis is a percentage from 0 to below 100.", field="hysteresis_pct")
    if not 0 <= values["minimum_stay_months"] <= 60:
        raise Refused("The minimum stay is 0 to 60 months.", field="minimum_stay_months")
    if not 1 <= values["repeat_k"] <= values["repeat_n"] <= 36:
        raise Refused("Repeat needs k of n months, with 1 ≤ k ≤ n ≤ 36.", field="repeat_k")
    if not 1 <= values["lapse_months"] <= 60:
        raise Refused("The window is 1 to 60 months.", field="lapse_months")
    if set(values["regulated_kinds"]) - set(Kind.values):
        raise Refused("Regulated kinds must be kinds of partners.", field="regulated_kinds")
    if any(not 0 <= float(weight) <= 100 for weight in values["weights"].values()):
        raise Refused("A weight is a number from 0 to 100.", field="weights")
