"""What partners looked at: for the score, the timeline, the partner page and Today."""

from collections.abc import Collection
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, ExpressionWrapper, F, FloatField, Func, Max, Q, Sum, Value
from django.db.models.functions import Least

from activities.campaigns.counting.models import WebDay
from partners.directory.models import Partner

#: A visit is worth half as much after so many days.
HALF_LIFE_DAYS: Final = 30
#: More than so many visits of one page on one day count no more.
MOST_A_DAY: Final = 3


class Engagement(NamedTuple):
    """What a partner opened in a period: `engagement` in visits of today, at least."""

    engagement: float
    visits: int
    last_on: date


class Opened(NamedTuple):
    """A page that a partner opened."""

    partner_id: UUID
    label: str
    visits: int
    last_on: date


def engagement_of(among: Q, *, since: date, until: date) -> dict[UUID, Engagement]:
    """Return what partners opened in (since, until], faded to `until` (1 query)."""
    age = Func(
        Value(until),
        F("day"),
        template="(%(expressions)s)",
        arg_joiner="::date - ",
        output_field=FloatField(),
    )
    weight = Func(Value(0.5), age / Value(float(HALF_LIFE_DAYS)), function="power", output_field=FloatField())
    worth = ExpressionWrapper(Least(F("visits"), Value(MOST_A_DAY)) * weight, output_field=FloatField())
    rows = (
        WebDay.objects.filter(among, day__gt=since, day__lte=until)
        .order_by()
        .values("partner_id")
        .annotate(worth=Sum(worth), all=Sum("visits"), last=Max("day"))
    )
    return {row["partner_id"]: Engagement(float(row["worth"]), row["all"], row["last"]) for row in rows}


def opened_lately(partners: Collection[UUID], *, since: date, most: int = 5) -> list[Opened]:
    """Return pages that partners opened since a day, most visits first (1 query)."""
    rows = (
        WebDay.objects.filter(partner_id__in=partners, day__gte=since)
        .order_by()
        .values("partner_id", "link__label")
        .annotate(all=Sum("visits"), last=Max("day"))
        .order_by("-all", "-last", "partner_id", "link__label")
    )
    return [Opened(row["partner_id"], row["link__label"], row["all"], row["last"]) for row in rows[:most]]


def days_of(partner: Partner, most: int) -> list[WebDay]:
    """Return the latest days on which a partner opened pages (1 query)."""
    rows = WebDay.objects.filter(partner=partner).select_related("link", "campaign")
    return list(rows.order_by("-day", "-pk")[:most])


def visits_in(partner: Partner, *, since: date) -> int:
    """Return how many page visits a partner has since a day, at least (1 query)."""
    found = WebDay.objects.filter(partner=partner, day__gte=since).aggregate(all=Sum("visits"))["all"]
    return int(found or 0)


def count_days(partner: Partner) -> int:
    """Return on how many days and pages a partner was seen (1 query)."""
    return int(WebDay.objects.filter(partner=partner).aggregate(all=Count("pk"))["all"])
