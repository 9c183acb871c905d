"""What a battle card holds, from what was logged."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Q
from django.db.models.functions import Lower, Trim

from activities.market.board import rules
from activities.market.board.report import Group, reasons_against
from activities.market.budgets.states import OpportunityState
from activities.market.cards.models import BattleLine
from activities.market.competition.models import Insight
from activities.market.competition.rules import WinRatio
from activities.market.competition.states import Outcome
from activities.market.names.models import Competitor
from activities.market.names.queries import root_of
from partners.directory.models import Partner
from prm.core import calendar
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant

MOST_CLAIMS: Final = 5
MOST_REASONS: Final = 8
LAST_CASES: Final = 10
MOST_RIVALS: Final = 3
MOST_KEPT: Final = 30
RECENT: Final = timedelta(days=730)


class Met(NamedTuple):
    """A competitor, how many insights are about it, and of which day the last is."""

    competitor: Competitor
    times: int
    last: date


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


def rivals_at(partner: Partner) -> list[Competitor]:
    """Return whom to read about before a visit: against whom insights and open opportunities at a partner stand (2 queries)."""
    since = calendar.today(current_tenant()) - RECENT
    heard = Insight.objects.filter(partner=partner, happened_on__gte=since).order_by()
    times: dict[UUID, int] = dict(heard.values_list("competitor_id").annotate(n=Count("pk")))
    rows = Competitor.objects.filter(
        Q(pk__in=times) | Q(opportunities__partner=partner, opportunities__state=OpportunityState.OPEN)
    ).select_related("same_as")
    found = {root_of(one).pk: root_of(one) for one in rows.distinct()}
    return sorted(found.values(), key=lambda one: (-times.get(one.pk, 0), one.name))[:MOST_RIVALS]


def card_links(partner: Partner) -> list[tuple[str, str]]:
    """Return the battle cards to read before a visit to a partner, as (address, name) (2 queries)."""
    return [
        (tenant_url(current_tenant(), "activities:card", pk=one.pk), one.name) for one in rivals_at(partner)
    ]


def most_met() -> list[Met]:
    """Return the competitors of the last two years, the most frequent first: what a phone keeps (2 queries)."""
    since = calendar.today(current_tenant()) - RECENT
    rows = Insight.objects.filter(happened_on__gte=since).order_by().values_list("competitor_id")
    counted = {pk: (times, last) for pk, times, last in rows.annotate(n=Count("pk"), last=Max("happened_on"))}
    competitors = Competitor.objects.filter(pk__in=counted, same_as=None)
    found = [Met(one, *counted[one.pk]) for one in competitors]
    return sorted(found, key=lambda one: (-one.times, one.competitor.name))[:MOST_KEPT]


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
