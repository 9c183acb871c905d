"""Who would move under another policy, computed as standings are.

Everybody is read with one statement (`sql.JUDGED`), then judged in arrays by the functions of
`partners.standing.compute`: 50,000 partners take about a second, and what is told is what then happens.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection

from partners.directory.models import Partner
from partners.policy.models import StandingPolicy
from partners.policy.queries import usual_plans
from partners.policy.rules import Proposed, Rules, exact_starts, propose_bands, visits_a_quarter
from partners.reviews.models import TierReview
from partners.standing.arrays import Days, Flags, Longs
from partners.standing.compute import judged_by, levels_of, tiers_proposed
from partners.standing.inputs import Tiers, Wanted, is_running, read_tiers
from partners.standing.rules import month_end
from partners.states import Tier
from partners.whatif import sql
from prm.core.calendar import add_months, month_start, quarter_start, quarter_word, today
from prm.core.types import SqlValue
from prm.tenancy.context import current_tenant

_UNITS = 10_000
#: Within this part of a threshold a move is a close call.
CLOSE = Decimal("0.01")


@dataclass(frozen=True)
class Judged:
    """What tiers are judged by on a day, one place per partner; money in ten-thousandths, days NaT for none."""

    as_of: date
    ids: Sequence[UUID]
    tier: Sequence[str]
    since: Days
    held: Sequence[str]
    active: Sequence[bool]
    scores: Sequence[Decimal | None]
    now: Longs
    closed: Longs
    busy: Longs
    first_on: Days
    last_on: Days

    @cached_property
    def with_revenue(self) -> int:
        """Return how many brought anything in the period."""
        return int((np.maximum(self.now, self.closed) > 0).sum())


def judged(rules: Rules, as_of: date) -> Judged:
    """Read what everybody is judged by under these rules on a day (1 query; a past day asks the reviews as well)."""
    last = month_start(as_of)
    values: dict[str, SqlValue] = {
        "tenant": current_tenant().pk,
        "last": last,
        "now_after": add_months(last, -rules.trailing_months),
        "closed_after": add_months(last, -rules.trailing_months - 1),
        "busy_after": add_months(last, -rules.repeat_n),
        "busy_closed_after": add_months(last, -rules.repeat_n - 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.JUDGED, values)
        rows = cursor.fetchall()
    columns: list[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * 13
    ids, tier, since, held, until, active, score, now, closed, busy, busy_closed, first, final = columns
    running = is_running(as_of)
    in_force = tier, _days(since)
    if as_of < today(current_tenant()):
        tiers = read_tiers(Wanted(ids), as_of)  # type: ignore[arg-type]  # ids of rows
        in_force = tiers.tier, tiers.since
    return Judged(
        as_of=as_of,
        ids=ids,  # type: ignore[arg-type]
        tier=in_force[0],  # type: ignore[arg-type]
        since=in_force[1],
        held=[word if end and end > as_of else "" for word, end in zip(held, until, strict=True)],  # type: ignore[operator,misc]
        active=active,  # type: ignore[arg-type]
        scores=score,  # type: ignore[arg-type]
        now=_longs(now),
        closed=_longs(closed) if running else _longs(now),
        busy=np.maximum(_longs(busy), _longs(busy_closed)) if running else _longs(busy),
        first_on=_days(first),
        last_on=_days(final),
    )


def _longs(values: Sequence[object]) -> Longs:
    return np.array(values, dtype=np.int64)


def _days(values: Sequence[object]) -> Days:
    return np.array(values, dtype="datetime64[D]")


# --- bands proposed, and the distribution -------------------------------------------------------


def revenues(found: Judged) -> list[Decimal]:
    """Return the revenue by which each is judged."""
    basis, _ = judged_by(found.now, found.closed)
    return [Decimal(value).scaleb(-4) for value in basis.tolist()]


def proposed_bands(policy: StandingPolicy, *, high_pct: Decimal, medium_pct: Decimal) -> Proposed:
    """Propose bands from the tenant's own distribution as it is today."""
    found = judged(policy.rules, today(current_tenant()))
    return propose_bands(revenues(found), high_pct=high_pct, medium_pct=medium_pct)


def starts_by_percentile(policy: StandingPolicy) -> tuple[Decimal, Decimal] | None:
    """Return where medium and high begin by the policy's percentages today; None where nothing divides them."""
    some = sorted(value for value in revenues(judged(policy.rules, today(current_tenant()))) if value > 0)
    if policy.high_pct is None or policy.medium_pct is None or len(some) < 2 or some[0] == some[-1]:
        return None
    starts = exact_starts(some, high_pct=policy.high_pct, medium_pct=policy.medium_pct)
    return starts.medium, starts.high


class Bin(NamedTuple):
    """How many bring from `start` to below `end` (the last one: and more), by how they would stand."""

    start: Decimal
    end: Decimal
    counts: Mapping[str, int]
    moving: int


def histogram(outcome: "Outcome", bins: int = 20) -> list[Bin]:
    """Count who brings how much, on a logarithmic scale; one single value makes one bin, none makes none."""
    some = np.flatnonzero(outcome.basis > 0)
    if not len(some):
        return []
    values = np.log(outcome.basis[some] / _UNITS)
    low, high = float(np.percentile(values, 1)), float(values.max())
    single = high - low < 1e-9
    edges = np.array([low, high]) if single else np.linspace(low, high, bins + 1)
    places = np.zeros(len(some), dtype=np.int64)
    if not single:
        places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, bins - 1)
    rules, tiers = outcome.policy.rules, Tier.rising()[1:]
    starts = np.array([math.ceil(edge * _UNITS) for edge in (rules.medium_from, rules.high_from)])
    bands = np.searchsorted(starts, outcome.basis[some], side="right")
    count = len(edges) - 1
    by_band = [np.bincount(places[bands == band], minlength=count) for band in range(len(tiers))]
    moving = np.bincount(places[outcome.moving[some]], minlength=count)
    ends = [Decimal(str(round(float(np.exp(edge)), 2))) for edge in edges]
    return [
        Bin(
            ends[place],
            ends[place + 1],
            {tier: int(found[place]) for tier, found in zip(tiers, by_band, strict=True)},
            int(moving[place]),
        )
        for place in range(count)
    ]


def _money(ten_thousandths: int) -> Decimal:
    return Decimal(int(ten_thousandths)).scaleb(-4)


# --- who would move -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody whose tier a policy would propose to change ("" for no tier), and what decides it."""

    partner_id: UUID
    before: str
    after: str
    revenue: Decimal
    threshold: Decimal | None
    score: Decimal | None
    waits_already: bool

    @property
    def beyond(self) -> Decimal | None:
        """Return how far the revenue is above (or, negative, below) what decides."""
        return None if self.threshold is None else self.revenue - self.threshold

    @property
    def is_close(self) -> bool:
        """Return whether the revenue is within one per cent of what decides."""
        return self.threshold is not None and abs(self.revenue - self.threshold) <= self.threshold * CLOSE


@dataclass
class Outcome:
    """What a policy would do on a day, with the tiers in force on it; tiers in arrays are ranks."""

    policy: StandingPolicy
    found: Judged
    basis: Longs
    proposed: Longs
    proposed_now: Longs

    @cached_property
    def in_force(self) -> Longs:
        """Return the ranks of the tiers in force."""
        return ranks(self.found.tier)

    @cached_property
    def moving(self) -> Flags:
        """Say who would be proposed to move, and is not held there."""
        active = np.array(self.found.active, dtype=np.bool_)
        moves = (self.proposed > 0) & (self.proposed != self.in_force) & active
        return np.asarray(moves & (self.proposed != ranks(self.found.held)), dtype=np.bool_)

    @cached_property
    def count(self) -> int:
        """Return how many would move."""
        return int(self.moving.sum())

    @cached_property
    def waiting(self) -> int:
        """Return how many of them wait already, by the present rules."""
        return int((self.moving & (self.proposed == self.proposed_now)).sum())

    @property
    def moves(self) -> list[Move]:
        """Return who would move, the largest revenue first."""
        return self.some_moves()

    def some_moves(self, direction: tuple[str, str] | None = None, most: int | None = None) -> list[Move]:
        """Return the largest movers, all or those of one direction, at most so many."""
        wanted = self.moving
        if direction is not None:
            before, after = (Tier.rank_of(tier) for tier in direction)
            wanted = wanted & (self.in_force == before) & (self.proposed == after)
        places = np.flatnonzero(wanted)
        ordered = places[np.argsort(-self.basis[places], kind="stable")]
        return [self._move(at) for at in ordered[:most].tolist()]

    def _move(self, at: int) -> Move:
        before, after = self.found.tier[at], Tier.rising()[self.proposed[at]]
        return Move(
            partner_id=self.found.ids[at],
            before=before,
            after=after,
            revenue=_money(self.basis[at]),
            threshold=threshold(before, after, self.policy.rules),
            score=self.found.scores[at],
            waits_already=bool(self.proposed_now[at] == self.proposed[at]),
        )

    @cached_property
    def before(self) -> Mapping[str, int]:
        """Count the tiers in force of the active, by tier."""
        return self._counted(self.in_force)

    @cached_property
    def after(self) -> Mapping[str, int]:
        """Count the tiers as they would be if all were accepted."""
        return self._counted(np.where(self.moving, self.proposed, self.in_force))

    def _counted(self, tiers: Longs) -> Mapping[str, int]:
        active = np.array(self.found.active, dtype=np.bool_)
        counts = np.bincount(tiers[active], minlength=len(Tier.rising()))
        return dict(zip(Tier.rising(), counts.tolist(), strict=True))

    @cached_property
    def visits_more(self) -> Decimal:
        """Return how many more visits a quarter the usual plans of the movers' tiers ask for; negative for fewer.

        Who has no tier is visited as the lowest. Call plans of their own stay as they are.
        """
        plans = {tier: visits_a_quarter(*plan) for tier, plan in usual_plans(self.policy).items()}
        return sum(
            (count * (plans[after] - plans[before]) for before, after, count in self.directions()), Decimal(0)
        )

    def money(self, *, rising: bool) -> Decimal:
        """Sum the revenue of those who rise, or of those who fall."""
        up = self.proposed > self.in_force
        # As Python's own numbers, which have no largest.
        return _money(sum(self.basis[self.moving & (up == rising)].tolist()))

    def directions(self) -> list[tuple[str, str, int]]:
        """Return from and to with how many move so, the most first."""
        codes = self.in_force[self.moving] * len(Tier.rising()) + self.proposed[self.moving]
        found = [
            (Tier.rising()[code // len(Tier.rising())], Tier.rising()[code % len(Tier.rising())], int(count))
            for code, count in zip(
                *(part.tolist() for part in np.unique(codes, return_counts=True)), strict=True
            )
        ]
        return sorted(found, key=lambda one: -one[2])


def ranks(tiers: Sequence[str]) -> Longs:
    """Return the ranks of tiers, 0 for none."""
    rank = {tier: place for place, tier in enumerate(Tier.rising())}
    return np.array([rank[tier] for tier in tiers], dtype=np.int64)


def rises(move: Move) -> bool:
    """Return whether a move goes up; a first tier does."""
    return Tier.rank_of(move.after) > Tier.rank_of(move.before)


def threshold(before: str, after: str, rules: Rules) -> Decimal | None:
    """Return the amount that decides a move; None for a first tier of low."""
    if Tier.rank_of(after) > Tier.rank_of(before):
        return {"high": rules.high_from, "medium": rules.medium_from}.get(after)
    start = rules.high_from if before == Tier.HIGH else rules.medium_from
    return start * (100 - rules.hysteresis_pct) / 100


def outcome(policy: StandingPolicy, present: StandingPolicy, as_of: date | None = None) -> Outcome:
    """Judge everybody by a policy, saved or not, as if it were in force, beside the present one."""
    day = as_of or today(current_tenant())
    confirmed = _confirmed(policy.rules)
    found = judged(confirmed, day)
    basis, proposed = _proposed(found, confirmed)
    now = (
        proposed
        if present.rules == confirmed
        else _proposed(
            found if _same_windows(present.rules, confirmed) else judged(present.rules, day), present.rules
        )[1]
    )
    return Outcome(policy=policy, found=found, basis=basis, proposed=proposed, proposed_now=now)


def _same_windows(one: Rules, other: Rules) -> bool:
    return (one.trailing_months, one.repeat_n) == (other.trailing_months, other.repeat_n)


def _confirmed(rules: Rules) -> Rules:
    """Return rules as they would be once somebody has confirmed them."""
    return replace(rules, is_confirmed=True)


def _proposed(found: Judged, rules: Rules) -> tuple[Longs, Longs]:
    basis, back = judged_by(found.now, found.closed)
    levels = levels_of(found.first_on, found.last_on, found.busy, found.as_of, rules)
    tiers = Tiers(list(found.tier), found.since, np.ones(len(found.ids), dtype=np.bool_))
    proposed, _ = tiers_proposed(levels, tiers, basis, back, found.as_of, rules)
    return basis, ranks(proposed.kinds)[proposed.which]


# --- past quarters ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Replayed:
    """One past quarter: what a policy would have proposed at its end, beside what was decided in it."""

    label: str
    day: date
    raised: int
    lowered: int
    first: int
    decided_raised: int
    decided_lowered: int
    decided_held: int


def replay(policy: StandingPolicy, quarters: int = 4) -> list[Replayed]:
    """Judge the ends of past quarters by a policy, the latest first; the tiers are those in force on the day."""
    tenant = current_tenant()
    begun = quarter_start(today(tenant), tenant.year_starts)
    ends = [month_end(add_months(begun, -3 * step - 1)) for step in range(quarters)]
    return [_replayed(policy, end) for end in ends]


def _replayed(policy: StandingPolicy, end: date) -> Replayed:
    rules = _confirmed(policy.rules)
    found = judged(rules, end)
    _, proposed = _proposed(found, rules)
    before = ranks(found.tier)
    changes = (proposed > 0) & (proposed != before) & np.array(found.active, dtype=np.bool_)
    decided = _decided(add_months(month_start(end), -2), end)
    return Replayed(
        label=quarter_word(end, current_tenant().year_starts),
        day=end,
        raised=int((changes & (before > 0) & (proposed > before)).sum()),
        lowered=int((changes & (proposed < before)).sum()),
        first=int((changes & (before == 0)).sum()),
        decided_raised=decided["raised"],
        decided_lowered=decided["lowered"],
        decided_held=decided["held"],
    )


def _decided(first: date, last: date) -> Counter[str]:
    """Count what was signed from one day to another, both included."""
    signed = TierReview.objects.filter(effective_on__gte=first, effective_on__lte=last).exclude(
        decision__in=(TierReview.Decision.INITIAL, TierReview.Decision.UNDO)
    )
    counts: Counter[str] = Counter()
    for before, after in signed.values_list("from_tier", "decided_tier"):
        step = Tier.rank_of(after) - Tier.rank_of(before)
        counts["raised" if step > 0 else "lowered" if step < 0 else "held"] += 1
    return counts


def named(moves: Sequence[Move]) -> Mapping[UUID, Partner]:
    """Return the partners of some moves, by id (1 query)."""
    return Partner.objects.in_bulk([move.partner_id for move in moves])
