"""A policy and what it would do, as data for programs and as sentences for people."""

from collections.abc import Iterator
from decimal import Decimal

from partners.policy.components import whole_weights
from partners.policy.models import StandingPolicy
from partners.states import Tier
from partners.whatif.queries import Outcome
from prm.core.numbers import plain
from prm.tenancy.models import Tenant
from prm.ui.formatting import day, money, number

MOVERS_TOLD = 1000
"""Most movers that are named in an answer; the counts are of all."""


def policy_facts(policy: StandingPolicy) -> dict[str, object]:
    """Return a version by the names that `--load` takes back; amounts as exact texts."""
    return {
        "version": policy.version,
        "state": policy.state,
        "confirmed": policy.is_confirmed,
        "valid_from": policy.valid_from,
        "reason": policy.reason,
        "signed_by": str(policy.signed_by.user) if policy.signed_by else None,
        "basis": policy.basis,
        "high_from": plain(policy.high_from),
        "medium_from": plain(policy.medium_from),
        "high_pct": None if policy.high_pct is None else plain(policy.high_pct),
        "medium_pct": None if policy.medium_pct is None else plain(policy.medium_pct),
        "trailing_months": policy.trailing_months,
        "hysteresis_pct": plain(policy.hysteresis_pct),
        "minimum_stay_months": policy.minimum_stay_months,
        "repeat_k": policy.repeat_k,
        "repeat_n": policy.repeat_n,
        "lapse_months": policy.lapse_months,
        "weights": whole_weights(policy.weights),
        "usual_visits": policy.usual_visits,
        "regulated_kinds": policy.regulated_kinds,
    }


def policy_words(policy: StandingPolicy, tenant: Tenant) -> str:
    """Say a version in a line."""
    bands = f"medium from {money(policy.medium_from, tenant)}, high from {money(policy.high_from, tenant)}"
    if not policy.is_confirmed:
        return f"Version {policy.version}: levels and scores only, no bands confirmed."
    signer = f", {policy.signed_by.user}" if policy.signed_by else ""
    reason = f": {policy.reason}" if policy.reason else ""
    state = policy.get_state_display().lower()
    return f"Version {policy.version}, {state}, from {day(policy.valid_from)}: {bands}{signer}{reason}"


def outcome_facts(found: Outcome) -> dict[str, object]:
    """Return what a policy would do as data; movers by the largest revenue, at most `MOVERS_TOLD`."""
    return {
        "as_of": found.found.as_of,
        "policy": policy_facts(found.policy),
        "partners": len(found.found.ids),
        "with_revenue": found.found.with_revenue,
        "would_move": found.count,
        "by_present_rules_too": found.waiting,
        "tiers_before": {tier or "none": found.before.get(tier, 0) for tier in Tier.rising()},
        "tiers_after": {tier or "none": found.after.get(tier, 0) for tier in Tier.rising()},
        "visits_a_quarter_more": plain(found.visits_more),
        "revenue_rising": plain(found.money(rising=True)),
        "revenue_falling": plain(found.money(rising=False)),
        "moves": [
            {
                "partner": str(move.partner_id), "from": move.before or None, "to": move.after,
                "revenue": plain(move.revenue), "beyond": None if move.beyond is None else plain(move.beyond),
                "close": move.is_close, "by_present_rules_too": move.waits_already,
            }
            for move in found.some_moves(most=MOVERS_TOLD)
        ],
    }  # fmt: skip


def outcome_words(found: Outcome, tenant: Tenant) -> Iterator[str]:
    """Say what a policy would do, in sentences."""
    yield f"{number(found.count)} of {number(len(found.found.ids))} would move."
    for before, after, count in found.directions():
        yield f"{number(count)} from {Tier.word_of(before) or 'no tier'} to {Tier.word_of(after)}."
    yield visits_words(found.visits_more)
    up, down = found.money(rising=True), found.money(rising=False)
    yield f"Revenue of those who rise {money(up, tenant)}, of those who fall {money(down, tenant)}."


def visits_words(more: Decimal) -> str:
    """Say how many more or fewer visits a quarter are usual."""
    if not more:
        return "As many visits as now."
    count = number(abs(more), 0 if abs(more) == abs(more).to_integral_value() else 1)
    return f"{count} {'more' if more > 0 else 'fewer'} visits a quarter."
