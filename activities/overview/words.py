"""The overview's sentence: what happened in these days, in one breath."""

from activities.overview.queries import Headroom, Matrix, Revenue, Trends
from activities.overview.rules import Compared
from prm.tenancy.context import order_nouns, orders_heading
from prm.tenancy.models import Tenant
from prm.ui.formatting import day, money_short, number, plural


def sentences(
    days: Compared, revenue: Revenue, found: Matrix, trends: Trends, room: Headroom, tenant: Tenant
) -> list[str]:
    """Return what a manager wants to know first; what nobody can tell is left out."""
    nouns = (tenant.partner_noun, tenant.partner_noun_plural)
    told = [_revenue(days, revenue, tenant)]
    if found.has_before:
        told.append(
            f"{plural(found.raised, *nouns)} rose a tier and {number(found.lowered)} fell; "
            f"{number(found.first)} sent their first {order_nouns()[0]}, {number(found.lapsed)} lapsed."
        )
    if trends.falls:
        told.append(f"{plural(trends.falls, *nouns)} clearly {'slips' if trends.falls == 1 else 'slip'}.")
    if room.known:
        told.append(f"At least {money_short(room.low, tenant)} a year goes elsewhere.")
    return told


def _revenue(days: Compared, revenue: Revenue, tenant: Tenant) -> str:
    amount = money_short(revenue.now, tenant)
    before = (
        f"the same {plural(days.now.days, 'day')} from {day(days.before.first)} to {day(days.before.last)}"
    )
    if revenue.change is None:
        return f"Revenue is {amount}; nothing to compare with in {before}."
    percent = round(revenue.change * 100)
    word = "as much as" if percent == 0 else f"{'up' if percent > 0 else 'down'} {abs(percent)}% on"
    return f"Revenue is {amount}, {word} {before}."


def why(was_level: str, was_tier: str, level: str, tier: str, reviewed: str) -> str:
    """Return why a partner moved: the decision about the tier, or else what its orders did."""
    if was_tier != tier and reviewed:
        return reviewed
    if was_level != level:
        return {
            "repeat": f"{orders_heading()} come regularly now.",
            "new": f"Sent a first {order_nouns()[0]}.",
            "lapsed": "Silent for longer than the window.",
            "prospect": f"No {order_nouns()[0]} counts any more.",
        }.get(level, "")
    return "First tier by the rules." if not was_tier else "By the rules."
