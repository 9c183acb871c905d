"""Computes standings in arrays, without writing anything.

Rules are functions of `partners.standing.rules` about one partner. What they depend on has few different
values among many partners, so they are asked once for all who are alike (`once_each`).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import numpy as np

from partners.policy.models import StandingPolicy
from partners.policy.rules import Rules
from partners.standing import registry
from partners.standing.arrays import (
    Coded,
    Days,
    Floats,
    Longs,
    Marks,
    as_json,
    marks_of,
    money_texts,
    number_texts,
    once_each,
    rounded,
)
from partners.standing.inputs import (
    Ledger,
    Months,
    Tiers,
    Wanted,
    is_running,
    months_needed,
    read_estimates,
    read_tiers,
)
from partners.standing.registry import Component, Facts, Measures, ScoringContext
from partners.standing.rules import (
    Proposal,
    Shares,
    add_up,
    exit_below,
    level_of,
    market_shares,
    propose_tier,
    shift_months,
)
from partners.states import Level, Ruling, Tier
from prm.core.calendar import add_months, month_start
from prm.tenancy.context import current_tenant


class Row(NamedTuple):
    """The standing of one partner as computed; money and score are exact.

    `components` is empty unless asked for.
    """

    partner_id: UUID
    level: str
    tier: str
    tier_proposal: str
    proposal: Facts
    score: Decimal | None
    components: list[Facts]
    share: Decimal | None
    share_low: Decimal | None
    share_high: Decimal | None
    share_doubtful: bool
    headroom_low: Decimal | None
    headroom_high: Decimal | None
    total_estimate: Decimal | None
    revenue_12m: Decimal
    revenue_total: Decimal
    orders_12m: int
    first_order_on: date | None
    last_order_on: date | None


class Part(NamedTuple):
    """One component of the score: what it measured, its weight after sharing out, its points."""

    key: str
    measures: Measures
    weight: Floats
    points: Floats


@dataclass(frozen=True, slots=True)
class Standings:
    """The standings of some partners on a day, in columns: one place per partner.

    `reason` begins the JSON that explains a proposal, `basis` is the revenue it was judged by. Scores
    are NaN where no component can tell, money is in ten-thousandths, days are NaT for none; shares
    are rounded as they are stored.
    """

    wanted: Wanted
    level: Coded
    tier: Sequence[str]
    tier_proposal: Coded
    reason: Coded
    basis: Longs
    score: Floats
    parts: Sequence[Part]
    shares: Shares
    revenue_12m: Longs
    revenue_total: Longs
    orders_12m: Longs
    first_on: Days
    last_on: Days

    def proposals(self, places: Longs) -> list[str]:
        """Write as JSON why tiers were proposed."""
        begins = zip(self.reason.texts(places), money_texts(self.basis[places]), strict=True)
        return [f'{begin}"revenue":"{revenue}"}}' if begin else "{}" for begin, revenue in begins]

    def components(self, places: Longs) -> list[str]:
        """Write the parts of scores as JSON lists."""
        parts = [_part_texts(part, places) for part in self.parts]
        if not parts:
            return ["[]"] * len(places)
        return [f"[{','.join(row)}]" for row in zip(*parts, strict=True)]

    def marks(self) -> list[Marks]:
        """Everything that is computed, as numbers by which a change is seen."""
        stored = *self.shares[:6], self.shares.doubtful
        numbers = [self.basis, self.score, *stored, self.revenue_12m, self.revenue_total]
        columns = [*self.level.marks(), *self.tier_proposal.marks(), *self.reason.marks()]
        columns += [marks_of(one) for one in (*numbers, self.orders_12m, self.first_on, self.last_on)]
        for part in self.parts:
            columns += [marks_of(one) for one in (part.measures.fraction, part.weight, part.points)]
            columns += part.measures.facts.marks()
        return columns


# --- computing ----------------------------------------------------------------------------------


def compute(
    partner_ids: Sequence[UUID], as_of: date, policy: StandingPolicy, *, reasons: bool = False
) -> list[Row]:
    """Compute the standings of some partners on a day, without writing anything.

    With `reasons` each comes with the components of its score.
    """
    wanted = Wanted(partner_ids)
    months = Ledger(wanted, as_of, months_needed(policy.rules)).months()
    return _rows(compute_standings(wanted, as_of, policy, months, read_tiers(wanted, as_of)), reasons=reasons)


def _rows(standings: Standings, *, reasons: bool) -> list[Row]:
    places = np.arange(len(standings.wanted))
    columns = zip(
        standings.wanted.ids,
        standings.level.texts(places),
        standings.tier,
        standings.tier_proposal.texts(places),
        map(json.loads, standings.proposals(places)),
        [None if math.isnan(score) else Decimal(f"{score:.1f}") for score in standings.score.tolist()],
        map(json.loads, standings.components(places) if reasons else ["[]"] * len(places)),
        *(_told(column, 4) for column in standings.shares[:3]),
        standings.shares.doubtful.tolist(),
        *(_told(column, 0) for column in (standings.shares.headroom_low, standings.shares.headroom_high)),
        _told(standings.shares.total, 0),
        map(_money, standings.revenue_12m.tolist()),
        map(_money, standings.revenue_total.tolist()),
        standings.orders_12m.tolist(),
        standings.first_on.tolist(),
        standings.last_on.tolist(),
        strict=True,
    )
    return [Row(*row) for row in columns]


def _told(column: Floats, places: int) -> list[Decimal | None]:
    return [None if math.isnan(number) else Decimal(f"{number:.{places}f}") for number in column.tolist()]


def _money(ten_thousandths: int) -> Decimal:
    return Decimal(ten_thousandths).scaleb(-4)


def compute_standings(
    wanted: Wanted, as_of: date, policy: StandingPolicy, months: Months, tiers: Tiers
) -> Standings:
    """Compute standings from the months up to that of `as_of` and the tiers in force on that day."""
    rules = policy.rules
    year = months.window(12)
    shares = _rounded(market_shares(read_estimates(wanted, as_of), year / 10_000, as_of))
    levels = _levels(months, as_of, rules)
    proposed, reason, basis = _proposals(months, levels, tiers, as_of, rules)
    first = proposed.texts(np.arange(len(wanted)))
    context = ScoringContext(
        tenant=current_tenant(),
        wanted=wanted,
        as_of=as_of,
        rules=rules,
        months=months.months,
        orders=months.orders,
        revenue=months.revenue,
        revenue_12m=year,
        first_order_on=months.first_on,
        last_order_on=months.last_on,
        # A first tier is put in force by the same step.
        tiers=[tier or proposal for tier, proposal in zip(tiers.tier, first, strict=True)],
        shares=shares,
    )
    score, parts = _scores(context, policy)
    return Standings(
        wanted=wanted,
        level=levels,
        tier=tiers.tier,
        tier_proposal=proposed,
        reason=reason,
        basis=basis,
        score=score,
        parts=parts,
        shares=shares,
        revenue_12m=year,
        revenue_total=months.total,
        orders_12m=months.orders[:, -12:].sum(axis=1),
        first_on=months.first_on,
        last_on=months.last_on,
    )


def _rounded(shares: Shares) -> Shares:
    """Round shares to four places and money to whole units, as they are stored."""
    return shares._replace(
        share=rounded(shares.share, 4),
        share_low=rounded(shares.share_low, 4),
        share_high=rounded(shares.share_high, 4),
        headroom_low=rounded(shares.headroom_low, 0),
        headroom_high=rounded(shares.headroom_high, 0),
        total=rounded(shares.total, 0),
    )


# --- level and tier -----------------------------------------------------------------------------


def _levels(months: Months, as_of: date, rules: Rules) -> Coded:
    busy = _months_with_orders(months, rules, running=is_running(as_of))
    return levels_of(months.first_on, months.last_on, busy, as_of, rules)


def levels_of(first: Days, last: Days, busy: Longs, as_of: date, rules: Rules) -> Coded:
    """Say where relationships stand: first and last day with an order, and in how many months there was one."""
    window = np.datetime64(shift_months(as_of, -rules.lapse_months), "D")
    some, which = once_each(np.isnat(first), np.isnat(last), first < window, last < window, busy)
    kinds = [level_of(first[at].item(), last[at].item(), int(busy[at]), as_of, rules) for at in some]
    return Coded(kinds, which)


def _months_with_orders(months: Months, rules: Rules, *, running: bool) -> Longs:
    active = months.orders > 0
    count = active[:, -rules.repeat_n :].sum(axis=1)
    if running:
        count = np.maximum(count, active[:, -rules.repeat_n - 1 : -1].sum(axis=1))
    return np.asarray(count, dtype=np.int64)


def _tier_basis(months: Months, rules: Rules, *, running: bool) -> tuple[Longs, Longs]:
    """Find the revenue a tier is judged by, and how many months ago its window ended (0 or 1)."""
    now = months.window(rules.trailing_months)
    if not running:
        return now, np.zeros(len(now), dtype=np.int64)
    return judged_by(now, months.window(rules.trailing_months, back=1))


def judged_by(now: Longs, closed: Longs) -> tuple[Longs, Longs]:
    """Return the better of two windows, of which the second ended a month earlier, and which it was (0 or 1)."""
    return np.maximum(now, closed), (closed > now).astype(np.int64)


def _proposals(
    months: Months, levels: Coded, tiers: Tiers, as_of: date, rules: Rules
) -> tuple[Coded, Coded, Longs]:
    """Propose tiers, "" for none; say why, and by which revenue they were judged."""
    basis, back = _tier_basis(months, rules, running=is_running(as_of))
    proposed, reasons = tiers_proposed(levels, tiers, basis, back, as_of, rules)
    return proposed, reasons, basis


def tiers_proposed(
    levels: Coded, tiers: Tiers, basis: Longs, back: Longs, as_of: date, rules: Rules
) -> tuple[Coded, Coded]:
    """Propose tiers from the revenue they are judged by, "" for none, and say why.

    `back` is how many months before that of `as_of` the window of the revenue ended. Bands that nobody has
    confirmed propose nothing.
    """
    if not rules.is_confirmed:
        nobody = Coded([""], np.zeros(len(basis), dtype=np.int64))
        return nobody, nobody
    last = month_start(as_of)
    band = np.searchsorted(_edges(rules), basis, side="right")
    some, which = once_each(levels.which, np.array(tiers.tier), tiers.since, band, back)
    proposed, reasons = [], []
    for at in some:
        current = Tier(tiers.tier[at]) if tiers.tier[at] else None
        proposal = None
        # Who has no tier gets a first one only while orders come in.
        if current or Level(levels.kinds[levels.which[at]]).is_ordering:
            revenue = _money(int(basis[at]))
            proposal = propose_tier(current, tiers.since[at].item(), revenue, as_of, rules)
        proposed.append(proposal.tier if proposal else "")
        reasons.append(_reason(proposal, rules, add_months(last, -int(back[at]))))
    return Coded(proposed, which), Coded(reasons, which)


def _edges(rules: Rules) -> Longs:
    """Give every revenue, in ten-thousandths, from which on a proposal may be another one."""
    edges = (rules.high_from, rules.medium_from, exit_below(Tier.HIGH, rules), exit_below(Tier.MEDIUM, rules))
    return np.array(sorted(math.ceil(edge * 10_000) for edge in edges), dtype=np.int64)


def _reason(proposal: Proposal | None, rules: Rules, last_month: date) -> str:
    """Begin the JSON that explains a proposal; each partner's revenue follows."""
    if proposal is None:
        return ""
    facts = {
        # A first tier is put in force by the same step, so what is stored is how it stands after.
        "rule": Ruling.SAME if proposal.rule == Ruling.FIRST else proposal.rule,
        "band": proposal.band,
        "threshold": None if proposal.threshold is None else str(proposal.threshold),
        "months": rules.trailing_months,
        "to": last_month.isoformat(),
    }
    return f"{as_json(facts)[:-1]},"


# --- score --------------------------------------------------------------------------------------


def weights_of(policy: StandingPolicy) -> list[tuple[Component, float]]:
    """List the components that count, with the policy's weight or else the default one."""
    weighed = [
        (component, float(policy.weights.get(component.key, component.default_weight)))
        for component in registry.components()
    ]
    return [(component, weight) for component, weight in weighed if weight > 0]


def _scores(context: ScoringContext, policy: StandingPolicy) -> tuple[Floats, list[Part]]:
    """Measure every component for every partner of the context and add up."""
    weighed = weights_of(policy)
    ids = context.partner_ids
    measured = [Measures.of(ids, component.measure(context)) for component, _ in weighed]
    fractions = np.array([measures.fraction for measures in measured], dtype=np.float64)
    summed = add_up(
        fractions.T.reshape(len(ids), len(weighed)),
        np.array([weight for _, weight in weighed], dtype=np.float64),
    )
    shared = np.round(summed.weights, 1)
    return summed.score, [
        Part(component.key, measures, shared[:, at], summed.points[:, at])
        for at, ((component, _), measures) in enumerate(zip(weighed, measured, strict=True))
    ]


def _part_texts(part: Part, places: Longs) -> list[str]:
    """Write one component of some partners; without a fraction there are no weight and points either."""
    begin = f'{{"key":{as_json(part.key)},'
    unknown = f'{begin}"weight":null,"points":null,"fraction":null,"facts":'
    columns = zip(
        part.measures.fraction[places].tolist(),
        number_texts(part.weight[places]),
        number_texts(part.points[places]),
        part.measures.facts.texts(places),
        strict=True,
    )
    return [
        # A number that is not equal to itself is NaN.
        f'{begin}"weight":{weight},"points":{points},"fraction":{fraction},"facts":{facts}}}'
        if fraction == fraction  # noqa: PLR0124
        else f"{unknown}{facts}}}"
        for fraction, weight, points, facts in columns
    ]
