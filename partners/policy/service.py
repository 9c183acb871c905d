"""Writes of the rules of level, tier and score.

A version is drafted (and changes nothing), comes into force on a day, and stays as it is for good: decisions rest
on it. What follows (new standings, first tiers) the database asks for with the change itself.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from partners.kinds.queries import regulated_keys
from partners.kinds.service import set_regulated
from partners.policy.components import usual_weights, whole_weights
from partners.policy.models import FIGURES, StandingPolicy
from partners.policy.queries import draft, policy_in_force
from partners.policy.rules import Value, visit_problems
from partners.policy.signals import policy_dating
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.calendar import today
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.fields import LONGEST_TEXT
from prm.core.locks import lock_tenant
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import needs_no_right, requires

State, Basis = StandingPolicy.State, StandingPolicy.Basis
_SAID = (*FIGURES, "regulated_kinds")


@requires()
def begin_policy() -> StandingPolicy:
    """Give a tenant that is just being made the usual rules as version 1; nobody has confirmed their bands."""
    policy: StandingPolicy = StandingPolicy.objects.create(
        version=1,
        valid_from=today(current_tenant()),
        regulated_kinds=regulated_keys(),
        is_confirmed=False,
        reason="What every company begins with. No tier before somebody confirms bands.",
    )
    return policy


@requires(Right.POLICY_EDIT)
@transaction.atomic
def set_policy(
    *,
    by: Membership | None = None,
    reason: str = "",
    valid_from: date | None = None,
    **figures: Value,
) -> StandingPolicy:
    """Put a new version of the rules in force from a day on (None: today); figures not named stay as they are.

    The version before is kept as past. All standings are recomputed; tiers in force stay until they are
    reviewed. A later day makes it an agreed draft, which comes into force by itself on that day. Raises
    `Refused` for figures that cannot be, and for a day before a decision or before the present version.
    """
    lock_tenant("policy", current_tenant().pk)
    values = _values(figures)
    day = _checked_day(valid_from)
    if day > today(current_tenant()):
        return _agree(_drafted(values), by=by, reason=reason, day=day)
    if "regulated_kinds" in figures:
        set_regulated(figures["regulated_kinds"])
    return _enforce(StandingPolicy(**values), by=by, reason=reason, day=day)


@requires(Right.POLICY_EDIT)
@transaction.atomic
def draft_policy(*, by: Membership | None = None, reason: str = "", **figures: Value) -> StandingPolicy:
    """Keep figures as the draft of the next version, in place of a draft there was; it changes nothing."""
    lock_tenant("policy", current_tenant().pk)
    made = _drafted(_values(figures))
    made.signed_by, made.reason = by, _checked_reason(reason)
    made.save()
    return made


@requires(Right.POLICY_EDIT)
@transaction.atomic
def discard_draft() -> None:
    """Throw the draft away; without one nothing happens."""
    StandingPolicy.objects.filter(state=State.DRAFT).delete()


@requires(Right.POLICY_EDIT)
@transaction.atomic
def confirm_draft(
    *, by: Membership | None = None, reason: str = "", valid_from: date | None = None
) -> StandingPolicy:
    """Put the draft in force from a day on (None: today), as `set_policy` does. Raises `Refused` without a draft."""
    lock_tenant("policy", current_tenant().pk)
    found = draft()
    if found is None:
        raise Refused("There is no draft to put in force.", code="stale")
    reason = reason or found.reason
    figures = {name: getattr(found, name) for name in _SAID}
    found.delete()
    policy: StandingPolicy = set_policy(by=by, reason=reason, valid_from=valid_from, **figures)
    return policy


@requires()
@transaction.atomic
def begin_due() -> StandingPolicy | None:
    """Put an agreed draft in force whose day has come; None when there is none."""
    lock_tenant("policy", current_tenant().pk)
    found = draft()
    if found is None or not found.is_due(today(current_tenant())):
        return None
    set_regulated(found.regulated_kinds)
    values = {name: getattr(found, name) for name in _SAID}
    by, reason, day = found.signed_by, found.reason, found.valid_from
    found.delete()
    return _enforce(StandingPolicy(**values), by=by, reason=reason, day=day)


def _values(figures: Mapping[str, Value]) -> dict[str, Value]:
    """Return all figures of a new version, checked."""
    unknown = figures.keys() - set(_SAID)
    if unknown:
        raise TypeError(f"A policy has no figure {min(unknown)!r}.")
    before = policy_in_force()
    values = {name: getattr(before, name) for name in _SAID} | {
        "regulated_kinds": regulated_keys(),
        **figures,
    }
    check_policy(values)
    return values


def _drafted(values: Mapping[str, Value]) -> StandingPolicy:
    made = draft() or StandingPolicy(state=State.DRAFT, version=_next_version())
    for name, value in values.items():
        setattr(made, name, value)
    made.valid_from, made.agreed_at = today(current_tenant()), None
    return made


def _agree(made: StandingPolicy, *, by: Membership | None, reason: str, day: date) -> StandingPolicy:
    made.valid_from, made.agreed_at = day, now()
    made.signed_by, made.reason = by, _checked_reason(reason)
    made.save()
    return made


def _enforce(made: StandingPolicy, *, by: Membership | None, reason: str, day: date) -> StandingPolicy:
    StandingPolicy.objects.select_for_update().filter(state=State.IN_FORCE).update(state=State.PAST)
    made.version, made.state, made.valid_from = _next_version(), State.IN_FORCE, day
    made.signed_by, made.reason, made.agreed_at = by, _checked_reason(reason), now()
    made.regulated_kinds, made.is_confirmed = regulated_keys(), True
    made.save()
    return made


def _next_version() -> int:
    newest: int | None = StandingPolicy.objects.aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def _checked_day(valid_from: date | None) -> date:
    """Return the day on which a version is to begin. Raises `Refused` for one before what rests on another version."""
    day = valid_from or today(current_tenant())
    before = policy_in_force()
    if before.is_confirmed and day < before.valid_from:
        raise Refused(
            f"Version {before.version} holds since {before.valid_from}: a new one begins on that day or later.",
            field="valid_from",
            code="before_version",
        )
    policy_dating.send(sender=StandingPolicy, valid_from=day)
    return day


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) > LONGEST_TEXT:
        raise Refused(
            f"At most {figure(LONGEST_TEXT)} characters fit here.", field="reason", code="max_length"
        )
    return reason


@needs_no_right("reads, for the services that write a version")
def check_policy(values: Mapping[str, Value]) -> None:
    """Raise `Refused`, at its field, for figures that cannot be."""
    _check_bands(values)
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
    _check_weights(values["weights"])
    for problem in visit_problems(values["usual_visits"]):
        raise Refused(problem.message, field=problem.field)


_LARGEST = Decimal(10) ** 14


def _check_bands(values: Mapping[str, Value]) -> None:
    medium, high = values["medium_from"], values["high_from"]
    if not 0 < medium < high:
        raise Refused("High must start above medium, and medium above nothing.", field="high_from")
    if not high < _LARGEST:
        raise Refused("A sum of this size cannot be held: use a smaller amount.", field="high_from")
    if values["basis"] not in Basis.values:
        raise Refused(f"The basis of bands is one of {', '.join(Basis.values)}.", field="basis")
    if values["basis"] == Basis.FIXED:
        return
    high_pct, medium_pct = values["high_pct"], values["medium_pct"]
    if high_pct is None or medium_pct is None or not 0 < high_pct < medium_pct < 100:
        raise Refused(
            "High is the upper part of those with revenue, medium and high together a larger one: "
            "0 < high % < medium % < 100.",
            field="high_pct",
        )


def _check_weights(weights: Mapping[str, Value]) -> None:
    known = usual_weights()
    if unknown := sorted(set(weights) - set(known)):
        raise Refused(f"{unknown[0]!r} is no component; there are: {', '.join(known)}.", field="weights")
    try:
        whole = whole_weights(weights)
    except ValueError as error:
        raise Refused("A weight is a number from 0 to 100.", field="weights") from error
    if any(not 0 <= weight <= 100 for weight in whole.values()):
        raise Refused("A weight is a number from 0 to 100.", field="weights")
    if not any(whole.values()):
        raise Refused(
            "All weights are 0: then no score can be told. Let one component count.", field="weights"
        )
