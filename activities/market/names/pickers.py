"""Competitors and differentiators, chosen by typing."""

from typing import TypeVar

from django.db.models import QuerySet

from activities.market.names.models import Competitor, Differentiator
from prm.accounts.rights import Right
from prm.ui.pickers.pickers import Picker

N = TypeVar("N", Competitor, Differentiator)


def _matching(rows: QuerySet[N], words: str) -> QuerySet[N]:
    return rows.filter(name__icontains=words)


COMPETITORS = Picker(
    key="competitors",
    right=Right.ACTIVITY_VIEW,
    rows=lambda: Competitor.objects.own().order_by("name"),
    matching=_matching,
    nouns=("competitor", "competitors"),
)
DIFFERENTIATORS = Picker(
    key="differentiators",
    right=Right.ACTIVITY_VIEW,
    rows=lambda: Differentiator.objects.own().order_by("name"),
    matching=_matching,
    nouns=("reason", "reasons"),
)
