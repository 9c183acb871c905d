"""What campaigns add to a partner's score: web visits, which fade with time.

What we see is at least what there was: a partner of whom nothing was seen is not judged by it, nor is a tenant that keeps no campaigns.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from activities.campaigns.counting.models import WebDay
from activities.campaigns.counting.queries import engagement_of
from partners.standing.registry import Component, Facts, Measure, ScoreSource, ScoringContext
from prm.tenancy.models import Tenant
from prm.ui.formatting import plural

DAYS: Final = 180
#: Page visits of today that make half of all points; see `fraction`.
HALF: Final = 3.0


def fraction(engagement: float) -> float:
    """Return the part of all points: 0 for nothing, a half at `HALF` fresh visits, towards 1 for many."""
    return round(engagement / (engagement + HALF), 4)


def measure_web(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Measure what partners opened in 180 days, each visit worth half as much every 30 days (2 queries)."""
    if not WebDay.objects.exists():
        return {}
    among = ctx.wanted.among()
    seen = engagement_of(among, since=ctx.as_of - timedelta(days=DAYS), until=ctx.as_of)
    return {
        pk: Measure(fraction(one.engagement), {"visits": one.visits, "last_on": one.last_on.isoformat()})
        for pk, one in seen.items()
    }


def explain_web(facts: Facts, tenant: Tenant) -> str:
    """Say "4 page visits in 180 days, at least; last on 18 November"."""
    del tenant
    if "visits" not in facts:
        return f"Cannot tell: none of our pages opened in {DAYS} days, as far as we see"
    last = date.fromisoformat(facts["last_on"])
    visits = plural(facts["visits"], "page visit", "page visits")
    return f"{visits} in {DAYS} days, at least; last on {last.day} {last:%B}"


COMPONENTS = [
    Component(
        key="web", label="Web visits", default_weight=5, order=80, measure=measure_web, explain=explain_web
    ),
]

SOURCES = [ScoreSource(WebDay, ("day", "visits"))]
