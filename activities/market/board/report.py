"""All figures of the board, from the database: whom we lose to, where, and what decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.market.board import queries, rules
from activities.market.board.queries import BY, Cases, Key
from activities.market.board.rules import Span, Verdict
from activities.market.competition.rules import FEWEST_DECISIONS, WinRatio
from prm.core import calendar
from prm.core.errors import Refused
from prm.core.types import Json
from prm.tenancy.context import current_tenant

MOST_GROUPS: Final = 10
MOST_COMPETITORS: Final = 50


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quarter of a group: its first day, its ratio, and whether there are enough cases to draw it whole."""

    first: date
    ratio: WinRatio

    @property
    def is_told(self) -> bool:
        """Whether there are enough cases."""
        return self.ratio.decided >= rules.FEWEST_A_QUARTER


@dataclass(frozen=True, slots=True)
class Group:
    """One competitor, reason, product, region, rep or partner. `rank` is for the order only (`rules.shrunk`)."""

    key: Key
    name: str
    cases: Cases
    ratio: WinRatio
    verdict: Verdict
    rank: float
    quarters: list[Quarter]

    @property
    def share(self) -> float:
        """The plain ratio, 0 to 1."""
        return self.ratio.won / self.ratio.decided

    @property
    def tells_quarters(self) -> bool:
        """Whether there are enough cases in all to show them by quarter."""
        return self.cases.decided >= rules.FEWEST


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows. Competitors by the money lost, the others by their ratio drawn towards the mean."""

    span: Span
    by: str
    total: WinRatio
    competitors: list[Group]
    groups: list[Group]
    reasons: list[Group]
    other_money: list[tuple[str, str, Decimal]]

    @property
    def mean(self) -> float:
        """The tenant's own ratio; even without a case."""
        return self.total.won / self.total.decided if self.total.decided else 0.5


def board(period: str = "year", *, by: str = "product", product: UUID | None = None) -> Board:
    """Return the board of the tenant in scope for a period that ends today (at most 11 queries).

    `by` is a key of `queries.BY`; `product` keeps the cases about one product. Raises Refused for another `by`.
    """
    if by not in BY:
        raise Refused(f"There are {', '.join(BY)}.", field="by", code="invalid")
    span = rules.span(period, calendar.today(current_tenant()))
    against = queries.by_competitor(span, product)
    total = rules.ratio(
        sum(one.won for one in against.values()), sum(one.decided for one in against.values())
    )
    mean = total.won / total.decided if total.decided else 0.5
    competitors = _groups("competitor", against, span, mean)
    competitors.sort(key=lambda one: (-one.cases.money_lost, -one.cases.decided, one.name))
    reasons = queries.by_differentiator(span, product=product)
    return Board(
        span=span,
        by=by,
        total=total,
        competitors=competitors[:MOST_COMPETITORS],
        groups=_ranked(
            _groups(by, queries.by_group(by, span, most=MOST_GROUPS, product=product), span, mean)
        ),
        reasons=_ranked(_groups("reason", reasons, span, mean))[:MOST_GROUPS],
        other_money=queries.other_money(span, product)
        if any(one.other_money for one in against.values())
        else [],
    )


def reasons_against(competitor: UUID, span: Span) -> list[Group]:
    """Return what decided against one competitor, what wins first (3 queries)."""
    found = queries.by_differentiator(span, competitor=competitor)
    decided = sum(one.decided for one in found.values())
    won = sum(one.won for one in found.values())
    return _ranked(_groups("reason", found, span, won / decided if decided else 0.5))


def _ranked(groups: list[Group]) -> list[Group]:
    """Sort by rank, those with hardly any case last: of what is too few to speak of nothing is first."""
    return sorted(
        groups,
        key=lambda one: (one.cases.decided < FEWEST_DECISIONS, -one.rank, -one.cases.decided, one.name),
    )


def _groups(
    name: str, found: Mapping[Key, Cases] | Mapping[UUID, Cases], span: Span, mean: float
) -> list[Group]:
    told: dict[Key, Cases] = {key: cases for key, cases in found.items() if cases.decided}
    names = queries.names_of(name, told)
    k = rules.weight((cases.won, cases.decided) for cases in told.values())
    return [
        Group(
            key=key,
            name=names.get(key, "–"),
            cases=cases,
            ratio=rules.ratio(cases.won, cases.decided),
            verdict=rules.verdict(cases.won, cases.decided),
            rank=rules.shrunk(cases.won, cases.decided, mean=mean, k=k),
            quarters=[
                Quarter(first, rules.ratio(*cases.quarters.get(first, (0, 0)))) for first in span.quarters
            ],
        )
        for key, cases in told.items()
    ]


def facts(found: Board) -> dict[str, Json]:
    """Return the board as JSON; ratios are parts of 1, the interval is Wilson's at 95 %."""
    return {
        "period": found.span.key,
        "first": found.span.first.isoformat() if found.span.first else None,
        "last": found.span.last.isoformat(),
        "currency": current_tenant().currency,
        "total": _ratio(found.total),
        "competitors": [_facts(one) for one in found.competitors],
        "by": found.by,
        "groups": [_facts(one) for one in found.groups],
        "differentiators": [_facts(one) for one in found.reasons],
        "other_currencies": [
            {"currency": currency, "outcome": outcome, "amount": f"{amount:.2f}"}
            for currency, outcome, amount in found.other_money
        ],
    }


def _ratio(found: WinRatio) -> dict[str, Json]:
    ratio = round(found.won / found.decided, 4) if found.decided else None
    return {
        "won": found.won,
        "lost": found.decided - found.won,
        "ratio": ratio,
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "too_few": found.decided < rules.FEWEST,
    }


def _facts(one: Group) -> dict[str, Json]:
    return {
        "id": str(one.key),
        "name": one.name,
        **_ratio(one.ratio),
        "says": one.verdict.words,
        "rank_ratio": round(one.rank, 4),
        "money_won": f"{one.cases.money_won:.2f}",
        "money_lost": f"{one.cases.money_lost:.2f}",
        "quarters": [
            {"first": quarter.first.isoformat(), **_ratio(quarter.ratio)} for quarter in one.quarters
        ],
    }
