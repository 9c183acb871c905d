"""What this app adds to a partner's score: how regularly orders come, and how recently."""

from datetime import date

import numpy as np

from partners.standing.arrays import Floats, Longs, Written, months_since, rounded
from partners.standing.registry import Component, Facts, Measures, ScoreSource, ScoringContext
from partners.standing.rules import month_end
from prm.tenancy.context import orders_heading
from prm.tenancy.models import Tenant
from prm.ui.formatting import day, plural

_MONTHS = 6
# Days after the last order within which a partner counts as fresh, and after which as gone quiet.
_FRESH, _QUIET = 30, 180


def recency_fraction(days: Longs) -> Floats:
    """Return all within 30 days of the last order, nothing after 180, a straight line between."""
    return np.clip((_QUIET - days) / (_QUIET - _FRESH), 0, 1)


def regularity_fraction(months_with: Longs, months: Longs, days: Longs) -> Floats:
    """Return half for the share of months with an order, half for recency."""
    return rounded(0.5 * months_with / months + 0.5 * recency_fraction(days), 4)


def measure(ctx: ScoringContext) -> Measures:
    """Judge months with orders among the last six whole months (fewer for a new partner), and the last order.

    A partner who never ordered cannot be judged. The month that still runs counts only once it has
    an order: an empty beginning of a month is no sign of anything.
    """
    running = month_end(ctx.as_of) != ctx.as_of
    last = len(ctx.months) - (2 if running else 1)
    window = ctx.orders[:, max(0, last - _MONTHS + 1) : last + 1] > 0
    told = ~(np.isnat(ctx.first_order_on) | np.isnat(ctx.last_order_on))
    spans = months_since(ctx.first_order_on, ctx.months[max(last, 0)]) + 1
    months = np.clip(spans, 0, window.shape[1])[told]
    now = (ctx.orders[told, -1] > 0) & running
    more = now | (months == 0)
    months = months + more
    count = np.minimum(window[told].sum(axis=1) + now, months)
    latest = ctx.last_order_on[told]
    days = np.maximum(0, (np.datetime64(ctx.as_of, "D") - latest).astype(np.int64))
    fractions = np.full(len(told), np.nan)
    fractions[told] = regularity_fraction(count, months, days)
    facts = {"months_with": count, "months": months, "last": latest}
    return Measures(ctx.partner_ids, fractions, Written(len(told), (told, facts)))


def explain(facts: Facts, tenant: Tenant) -> str:
    """Say in how many months there were orders, and when the last came."""
    del tenant  # nothing here is money
    if "last" not in facts:
        return "Has never ordered"
    last = day(date.fromisoformat(facts["last"]))
    months = plural(facts["months"], "month")
    return f"{orders_heading()} in {facts['months_with']} of {months}, the last on {last}"


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

# Nothing of our own: the months with their orders are kept by the partners app.
SOURCES: list[ScoreSource] = []
