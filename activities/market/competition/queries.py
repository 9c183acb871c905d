"""Reads of insights for other rooms."""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Q, When

from activities.market.competition.models import Insight
from activities.market.competition.states import Outcome
from activities.market.names.models import Competitor, Differentiator
from partners.directory.models import Partner
from prm.core import calendar
from prm.tenancy.context import current_tenant

MOST_CHIPS = 6


def frequent_names(model: type[Competitor] | type[Differentiator], days: int = 365) -> list[tuple[str, str]]:
    """Return the names most used in insights of the last year, then the others by name, as choices (1 query)."""
    since = calendar.today(current_tenant()) - timedelta(days=days)
    path = "insights__happened_on" if model is Competitor else "insights__insight__happened_on"
    lately = Q(**{f"{path}__gte": since}) | Q(insights=None)
    rows = model.objects.filter(lately, same_as=None)
    ranked = rows.annotate(times=Count("insights")).order_by("-times", "name")[:MOST_CHIPS]
    return [(str(row.pk), row.name) for row in ranked]


class Against(NamedTuple):
    """One partner's decided cases against one competitor; `rank` is the competitor's place by name."""

    decided: int
    won: int
    rank: int
    competitor: str


def decided_cases(partners: Q, *, after: date, until: date) -> dict[UUID, list[Against]]:
    """Return each partner's won and lost cases by competitor (2 queries). `partners` says whose by `partner_id`."""
    known = Competitor.objects.order_by("name").values_list("pk", "name")
    names = {pk: (rank, name) for rank, (pk, name) in enumerate(known)}
    # Joining the names costs a look-up for every partner and competitor, whether or not they met.
    rows = (
        Insight.objects.decided()
        .filter(partners, happened_on__lte=until, happened_on__gt=after)
        .order_by()
        .values_list("partner_id", "competitor_id")
        .annotate(decided=Count("pk"), won=Count(Case(When(outcome=Outcome.WON, then=1))))
    )
    cases: dict[UUID, list[Against]] = defaultdict(list)
    for partner_id, competitor_id, decided, won in rows:
        cases[partner_id].append(Against(decided, won, *names[competitor_id]))
    return cases


def heard_of(partner: Partner, *, first: date, last: date) -> list[tuple[date, str, str]]:
    """Return what was heard of the competition at a partner: day, competitor and note (1 query)."""
    rows = Insight.objects.filter(
        partner=partner, outcome=Outcome.OBSERVED, happened_on__gte=first, happened_on__lte=last
    )
    return list(rows.values_list("happened_on", "competitor__name", "note"))
