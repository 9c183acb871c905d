"""What this app adds to a partner's score: how regularly orders come, and how recently."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from partners.scoring import Component, Facts, Measure, ScoringContext
from partners.standing import month_end
from prm.tenancy.calendar import months_between
from prm.ui.formatting import day, plural

_MONTHS = 6
# Days after the last order within which a partner counts as fresh, and after which as gone quiet.
_FRESH, _QUIET = 30, 180


def recency_fraction(days: int) -> float:
    """All within 30 days of the last order, nothing after 180, a straight line between."""
    return float(min(1.0, max(0.0, (_QUIET - days) / (_QUIET - _FRESH))))


def regularity_fraction(months_with: int, months: int, days: int) -> float:
    """Half for the share of months with an order, half for recency."""
    return round(0.5 * months_with / months + 0.5 * recency_fraction(days), 4)


def measure(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Months with orders among the last six whole months (fewer for a new partner), and the last order.

    A partner who never ordered cannot be judged. The month that still runs counts only once it has
    an order: an empty beginning of a month is no sign of anything.
    """
    running = month_end(ctx.as_of) != ctx.as_of
    last = len(ctx.months) - (2 if running else 1)
    window = ctx.orders[:, max(0, last - _MONTHS + 1) : last + 1] > 0
    with_orders = window.sum(axis=1)
    now = (ctx.orders[:, -1] > 0) if running else np.zeros(len(ctx.partner_ids), dtype=bool)
    found: dict[UUID, Measure] = {}
    for row, partner_id in enumerate(ctx.partner_ids):
        first, latest = ctx.first_order_on[row], ctx.last_order_on[row]
        if first is None or latest is None:
            found[partner_id] = Measure(None, {})
            continue
        span = _span(first, ctx.months[max(last, 0)], window.shape[1])
        count, months = int(with_orders[row]), span
        if now[row] or not months:
            count, months = count + int(now[row]), months + 1
        fraction = regularity_fraction(min(count, months), months, max(0, (ctx.as_of - latest).days))
        facts: Facts = {"months_with": min(count, months), "months": months, "last": latest.isoformat()}
        found[partner_id] = Measure(fraction, facts)
    return found


def _span(first: date, last_whole: date, most: int) -> int:
    """Whole months that a partner has had since the first order, at most ``most``."""
    return max(0, min(most, months_between(first, last_whole) + 1))


def explain(facts: Facts, tenant: Any) -> str:
    """Say in how many months there were orders, and when the last came."""
    del tenant  # nothing here is money
    if "last" not in facts:
        return "Has never ordered"
    last = day(date.fromisoformat(facts["last"]))
    months = plural(facts["months"], "month")
    return f"Orders in {facts['months_with']} of {months}, the last on {last}"


COMPONENTS = [
    Component(
        key="regularity",
        label="Frequency and recency",
        default_weight=15,
        order=30,
        measure=measure,
        explain=explain,
    )
]
