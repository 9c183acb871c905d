"""Reads of news, and what would be news."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import Lower

from activities.market.competition.models import Insight, InsightDifferentiator
from activities.market.competition.states import Outcome
from activities.market.names.models import Competitor
from activities.market.news.models import MarketNews
from activities.market.news.states import NewsKind
from partners.directory.models import Partner
from prm.core import calendar

LOSSES: Final = 3
"""So many losses against one competitor in a month, for one reason, are news."""

NEW_DAYS: Final = 90
"""A competitor is new for so long after it was named first, here and in what happened: a list of old cases brings no new one."""

SHOWN_DAYS: Final = 14


def losses(today: date) -> list[MarketNews]:
    """Return three and more losses of the running month for one reason (1 query)."""
    month = calendar.month_start(today)
    rows = (
        InsightDifferentiator.objects.filter(
            insight__outcome=Outcome.LOST, insight__happened_on__gte=month, insight__happened_on__lte=today
        )
        .order_by()
        .values("insight__competitor", "differentiator", "differentiator__name")
        .annotate(
            n=Count("insight", distinct=True),
            logged=ArrayAgg("insight__rep", distinct=True),
            kept=ArrayAgg("insight__partner__rep", distinct=True),
        )
        .filter(n__gte=LOSSES)
    )
    return [
        MarketNews(
            kind=NewsKind.LOSSES,
            competitor_id=row["insight__competitor"],
            differentiator_id=row["differentiator"],
            key=f"{month.isoformat()} {row['differentiator']}",
            words=row["differentiator__name"],
            count=row["n"],
            reps=_known([*row["logged"], *row["kept"]]),
        )
        for row in rows
    ]


def _known(reps: Iterable[UUID | None]) -> list[UUID]:
    return sorted({rep for rep in reps if rep is not None})


def near(today: date) -> list[MarketNews]:
    """Return new competitors in cities where partners are: where they have an office, else where they were heard of.

    Three queries. Who has no office noted is near the partner at whom it was named.
    """
    since = today - timedelta(days=NEW_DAYS)
    known = Insight.objects.filter(competitor=OuterRef("pk"), happened_on__lt=since)
    fresh = Competitor.objects.own().filter(~Exists(known), created_at__date__gte=since)
    new = {one.pk: one for one in fresh}
    cities: dict[UUID, dict[str, str]] = defaultdict(dict)
    for one in new.values():
        if one.city:
            cities[one.pk][one.city.casefold()] = one.city
    heard = Insight.objects.filter(competitor__in=[pk for pk, one in new.items() if not one.city])
    for pk, city in (
        heard.exclude(partner__city="").order_by().values_list("competitor", "partner__city").distinct()
    ):
        cities[pk].setdefault(city.casefold(), city)
    wanted = {small for found in cities.values() for small in found}
    panels = _panels(wanted)
    return [
        MarketNews(
            kind=NewsKind.NEAR, competitor_id=pk, key=small, words=city[:120],
            count=len(panels[small]), reps=_known(panels[small]),
        )
        for pk, found in cities.items()
        for small, city in found.items()
        if panels.get(small)
    ]  # fmt: skip


def _panels(cities: set[str]) -> dict[str, list[UUID | None]]:
    """Return the reps of the active partners in each city, one for each partner."""
    found: dict[str, list[UUID | None]] = defaultdict(list)
    rows = Partner.objects.active().annotate(small=Lower("city")).filter(small__in=cities).order_by()
    for small, rep in rows.values_list("small", "rep"):
        found[small].append(rep)
    return found


def news_since(moment: datetime) -> list[MarketNews]:
    """Return what was found since a moment, the latest first (1 query)."""
    rows = MarketNews.objects.filter(at__gte=moment).select_related("competitor").order_by("-at", "-id")
    return list(rows[:50])


def news_for(member_id: UUID, moment: datetime) -> list[MarketNews]:
    """Return what concerns one rep since a moment, the latest first (1 query)."""
    rows = MarketNews.objects.filter(at__gte=moment, reps__contains=[member_id])
    return list(rows.select_related("competitor").order_by("-at", "-id")[:10])
