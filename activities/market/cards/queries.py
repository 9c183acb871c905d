"""What a battle card holds, from what was logged."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from django.db.models import Count, Max
from django.db.models.functions import Lower, Trim

from activities.market.board import rules
from activities.market.board.report import Group, reasons_against
from activities.market.cards.models import BattleLine
from activities.market.competition.models import Insight
from activities.market.competition.rules import WinRatio
from activities.market.competition.states import Outcome
from activities.market.names.models import Competitor
from prm.core import calendar
from prm.tenancy.context import current_tenant

MOST_CLAIMS: Final = 5
MOST_REASONS: Final = 8
LAST_CASES: Final = 10


class Claim(NamedTuple):
    """Something that they say: the words as last heard, how often, and when last."""

    words: str
    times: int
    last: date


@dataclass(frozen=True, slots=True)
class Card:
    """What to know before a visit. `ratio` and `reasons` are of the last twelve months, the rest of all time."""

    competitor: Competitor
    lines: list[BattleLine]
    ratio: WinRatio
    verdict: rules.Verdict
    claims: list[Claim]
    reasons: list[Group]
    cases: list[Insight]
    decided: int
    heard_of: int
    first: date

    @property
    def line(self) -> BattleLine | None:
        """The advice in force."""
        return self.lines[0] if self.lines and self.lines[0].text else None

    @property
    def version(self) -> int:
        """The version in force, 0 before the first."""
        return self.lines[0].version if self.lines else 0

    @property
    def is_told(self) -> bool:
        """Whether there are enough cases for a range."""
        return self.ratio.decided >= rules.FEWEST


def card(competitor: Competitor) -> Card:
    """Return the battle card of a competitor (9 queries)."""
    span = rules.span("year", calendar.today(current_tenant()))
    insights = Insight.objects.filter(competitor=competitor)
    counts = dict(insights.order_by().values_list("outcome").annotate(n=Count("pk")))
    lately = insights.decided().filter(happened_on__gte=span.first, happened_on__lte=span.last)
    per = dict(lately.order_by().values_list("outcome").annotate(n=Count("pk")))
    won, lost = per.get(Outcome.WON, 0), per.get(Outcome.LOST, 0)
    return Card(
        competitor=competitor,
        lines=list(BattleLine.objects.filter(competitor=competitor).select_related("by__user")[:20]),
        ratio=rules.ratio(won, won + lost),
        verdict=rules.verdict(won, won + lost),
        claims=_claims(competitor),
        reasons=reasons_against(competitor.pk, span)[:MOST_REASONS],
        cases=list(insights.decided().with_details()[:LAST_CASES]),
        decided=counts.get(Outcome.WON, 0) + counts.get(Outcome.LOST, 0),
        heard_of=counts.get(Outcome.OBSERVED, 0),
        first=span.first or span.last,
    )


def _claims(competitor: Competitor) -> list[Claim]:
    """Return what they say, the most frequent first; capitals make no difference (1 query)."""
    rows = (
        Insight.objects.filter(competitor=competitor)
        .exclude(claim="")
        .annotate(said=Lower(Trim("claim")))
        .order_by()
        .values("said")
        .annotate(times=Count("pk"), last=Max("happened_on"), words=Max("claim"))
        .order_by("-times", "-last", "said")[:MOST_CLAIMS]
    )
    return [Claim(row["words"], row["times"], row["last"]) for row in rows]
