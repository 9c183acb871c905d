"""Alarms in words, with how often chance alone makes one."""

from partners.alarms.models import OrderWatch
from partners.alarms.rules import false_a_month
from partners.alarms.states import Direction, Watching
from prm.tenancy.models import Tenant
from prm.ui.formatting import month, number, plural


def alarm_words(watch: OrderWatch) -> str:
    """Say what changed: "Fell from about 10 to 5 a month since May." With decimals where whole numbers would not differ."""
    assert watch.was is not None
    assert watch.now is not None
    assert watch.since is not None
    digits = 0 if round(watch.was) != round(watch.now) else 1
    verb = "Rose" if watch.direction == Direction.RISE else "Fell"
    return f"{verb} from about {watch.was:.{digits}f} to {watch.now:.{digits}f} a month since {month(watch.since)}."


def chance_words(tenant: Tenant) -> str:
    """Say how often an alarm is a false one."""
    return f"1 in 20 steady {tenant.partner_noun_plural} shows this in a year."


def watch_words(watch: OrderWatch | None, tenant: Tenant) -> str:
    """Say all that is known of one partner's orders: the alarm, or why there can be none; nothing where there is none."""
    if watch is None or watch.state == Watching.SILENT:
        return ""
    if watch.direction:
        return f"{alarm_words(watch).removesuffix('.')}; {chance_words(tenant)}"
    if watch.state == Watching.YOUNG:
        return f"Too new for an alarm: it takes 18 months of {tenant.order_noun_plural}."
    if watch.state == Watching.RARE:
        return f"About {watch.usually:.1f} {tenant.order_noun_plural} a month: a halving cannot be seen within a year."
    return ""


def false_words(watched: int) -> str:
    """Say how many false alarms a list of so many has: "About 1 false alarm a month, 254 watched"."""
    expected = false_a_month(watched)
    if not watched:
        return "nobody is watched yet"
    if expected >= 0.75:
        often = f"About {plural(round(expected), 'false alarm')} a month"
    elif expected >= 1 / 18:
        often = f"About 1 false alarm in {round(1 / expected)} months"
    else:
        often = "Less than 1 false alarm in a year"
    return f"{often}, {number(watched)} watched"


def rare_words(rare: int, tenant: Tenant) -> str:
    """Say for how many a halving cannot be seen; nothing for none."""
    if not rare:
        return ""
    nouns = (tenant.partner_noun, tenant.partner_noun_plural)
    return f"Below three {tenant.order_noun_plural} a month, a halving cannot be seen within a year: {plural(rare, *nouns)}."
