"""Reads of insights for other rooms."""

from datetime import timedelta

from django.db.models import Count

from activities.market.competition.models import Competitor, Differentiator
from prm.core import calendar
from prm.tenancy.context import current_tenant

MOST_CHIPS = 6


def frequent_names(model: type[Competitor] | type[Differentiator], days: int = 365) -> list[tuple[str, str]]:
    """Return the names most used in insights of the last year, then the others by name, as choices (1 query)."""
    since = calendar.today(current_tenant()) - timedelta(days=days)
    path = "insights__happened_on" if model is Competitor else "insights__insight__happened_on"
    rows = model.objects.filter(**{f"{path}__gte": since}) | model.objects.filter(insights=None)
    ranked = rows.annotate(times=Count("insights")).order_by("-times", "name")[:MOST_CHIPS]
    return [(str(row.pk), row.name) for row in ranked]
