"""All of an overview at once: for the page, the API and the command alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from activities.overview import queries
from activities.overview.queries import Attained, Headroom, Matrix, Revenue, Trend, Trends
from activities.overview.rules import Compared, compared
from activities.overview.words import sentences
from prm.core.calendar import today
from prm.core.types import Json
from prm.tenancy.context import current_tenant


@dataclass(frozen=True, slots=True)
class Report:
    """What an overview tells."""

    on: date
    days: Compared
    sentences: Sequence[str]
    matrix: Matrix
    revenue: Mapping[str, Revenue]
    headroom: Headroom
    trends: Trends
    months: Sequence[date]
    attainment: Sequence[Attained]


def report(key: str) -> Report:
    """Count everything for the running period (`rules.PERIODS`); about twenty queries."""
    tenant = current_tenant()
    on = today(tenant)
    days = compared(key, on)
    matrix, revenue = queries.matrix(days.month_before), queries.revenue(days)
    room, trends = queries.headroom(), queries.trends(on)
    months, attained = queries.attainment(on)
    told = sentences(days, revenue["all"], matrix, trends, room, tenant)
    return Report(on, days, told, matrix, revenue, room, trends, months, attained)


def facts(found: Report) -> dict[str, Json]:
    """Return a report as JSON says it: amounts as texts, in the tenant's currency."""
    days = found.days
    return {
        "on": found.on.isoformat(),
        "currency": current_tenant().currency,
        "period": days.key,
        "from": days.now.first.isoformat(),
        "to": days.now.last.isoformat(),
        "days": days.now.days,
        "compared_from": days.before.first.isoformat(),
        "compared_to": days.before.last.isoformat(),
        "sentences": list(found.sentences),
        "matrix": _matrix(found.matrix),
        "revenue": {
            tier or "none": {"now": str(one.now), "before": str(one.before)}
            for tier, one in found.revenue.items()
        },
        "headroom": {
            "low": str(found.headroom.low),
            "high": str(found.headroom.high),
            "known": found.headroom.known,
            "unknown": found.headroom.unknown,
        },
        "slipping": [_trend(row) for row in found.trends.slipping],
        "rising": [_trend(row) for row in found.trends.rising],
        "slipping_count": found.trends.falls,
        "rising_count": found.trends.rises,
        "watched": found.trends.seen.watched,
        "too_few_to_see_a_halving": found.trends.seen.rare,
        "false_alarms_a_month": round(found.trends.seen.false_a_month, 2),
        "reps": [
            {
                "rep": str(row.rep.user),
                "visits": list(row.visits),
                "planned_by_month": list(row.planned),
                "done": row.done,
                "due_so_far": row.due,
                "planned": row.planned_month,
            }
            for row in found.attainment
        ],
    }


def _matrix(found: Matrix) -> Json:
    return [
        {
            "level": level,
            "tier": tier,
            "partners": cell.count,
            "came": cell.came,
            "left": cell.left,
            "revenue_12m": str(cell.revenue),
        }
        for (level, tier), cell in sorted(found.cells.items())
    ]


def _trend(row: Trend) -> dict[str, Json]:
    return {
        "partner": str(row.partner.pk),
        "name": row.partner.name,
        "words": row.words,
        "a_year": str(row.watch.a_year),
        "months": list(row.months),
    }
