"""What this app adds to a partner's score: visits, pipeline budget and win ratio.

Each measure reads the activities of all partners asked for with a fixed number of queries, as they
stood at the end of the day of judgement. A tenant that does not keep an activity at all is not judged
by it: the component then cannot tell.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.queries import (
    NOTHING_EXPECTED,
    Expected,
    expected_by_partner,
    raised_by_partner,
)
from activities.market.budgets.rules import pipeline
from activities.market.competition.models import Insight
from activities.market.competition.queries import Against, decided_cases
from activities.market.competition.rules import FEWEST_DECISIONS, wilson
from activities.market.names.models import Competitor
from activities.plans.models import CallPlan
from activities.plans.queries import VisitsDone, end_of, plans_in_force, start_of
from activities.plans.rules import PERIOD_WORDS, Plan, engagement, period_before, period_of
from activities.visits.models import Visit
from activities.visits.queries import visits_per_month
from partners.policy.rules import Rules
from partners.standing.arrays import Longs, once_each
from partners.standing.registry import Component, Facts, Measure, Measures, ScoreSource, ScoringContext
from prm.tenancy.models import Tenant
from prm.ui.formatting import money, percent

WIN_DAYS = 730


# --- visits -------------------------------------------------------------------------------------


def measure_visits(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Measure how well the call plan is kept; the tier's usual plan counts where nobody set one."""
    if not (Visit.objects.exists() or CallPlan.objects.exists()):
        return {}
    tiers = dict(zip(ctx.partner_ids, ctx.tiers, strict=True))
    plans = list(
        plans_in_force(tiers, ctx.as_of, among=ctx.wanted.among(), usual=ctx.rules.usual_visits).values()
    )
    lengths = np.array([plan.months for plan in plans])
    done, before = _visits_done(ctx, lengths)
    usual = np.array([plan.is_usual for plan in plans])
    some, which = once_each(np.array([plan.visits for plan in plans]), lengths, usual, done, before)
    kinds = [_visits_of(plans[at], VisitsDone(int(done[at]), int(before[at])), ctx.as_of) for at in some]
    return Measures.by_kind(ctx.partner_ids, kinds, which)


def _visits_done(ctx: ScoringContext, lengths: Longs) -> tuple[Longs, Longs]:
    """Count each partner's visits in the block of its plan that holds the day, and in the block before."""
    periods = {months: period_of(ctx.as_of, months) for months in np.unique(lengths).tolist()}
    earlier = {months: period_before(period, months) for months, period in periods.items()}
    place, month, count = visits_per_month(
        ctx.wanted,
        timezone=ctx.tenant.timezone,
        since=start_of(min(period.start for period in earlier.values())),
        end=end_of(ctx.as_of),
    )
    done, before = (np.zeros(len(lengths), dtype=np.int64) for _ in range(2))
    for months, running in periods.items():
        for counts, period in ((done, running), (before, earlier[months])):
            start, end = np.datetime64(period.start, "D"), np.datetime64(period.end, "D")
            within = (lengths[place] == months) & (month >= start) & (month < end)
            np.add.at(counts, place[within], count[within])
    return done, before


def _visits_of(plan: Plan, done: VisitsDone, as_of: date) -> Measure:
    period = plan.period(as_of)
    fraction = engagement(
        done=done.now,
        planned=plan.visits,
        done_before=done.before,
        planned_before=plan.visits,
        elapsed=period.elapsed(as_of),
    )
    facts: Facts = {
        "done": done.now,
        "planned": plan.visits,
        "months": plan.months,
        "done_before": done.before,
        "before": plan.period_before(as_of).start.isoformat(),
        "usual": plan.is_usual,
    }
    return Measure(fraction, facts)


def explain_visits(facts: Facts, tenant: Tenant) -> str:
    """Say "3 of 4 planned done; 1 of 4 in October"."""
    planned = facts.get("planned")
    if planned is None:
        return "Cannot tell yet: no visits are logged"
    if not planned:
        return "No visits planned"
    months = facts["months"]
    before = date.fromisoformat(facts["before"])
    earlier = f"{before:%B}" if months == 1 else f"the {PERIOD_WORDS[months]} before"
    word = "usual" if facts.get("usual") else "planned"
    return f"{facts['done']} of {planned} {word} done; {facts['done_before']} of {planned} in {earlier}"


# --- pipeline budget ----------------------------------------------------------------------------


def measure_pipeline(ctx: ScoringContext) -> Mapping[UUID, Measure]:
    """Measure the open budgets, as they stood on the day, against the year's revenue."""
    if not Opportunity.objects.exists():
        return {}
    end = end_of(ctx.as_of)
    partners, currency = ctx.wanted.among("opportunity__partner_id"), ctx.tenant.currency
    expected = expected_by_partner(partners, currency=currency, as_of=ctx.as_of, end=end)
    raised = raised_by_partner(partners, currency=currency, end=end)
    kinds = [_pipeline_of(NOTHING_EXPECTED, Decimal(0), Decimal(0), ctx.rules)]
    which = np.zeros(len(ctx.partner_ids), dtype=np.int64)
    for row, pk in enumerate(ctx.partner_ids):
        if open_now := expected.get(pk):
            revenue = Decimal(int(ctx.revenue_12m[row])) / 10_000
            which[row] = len(kinds)
            kinds.append(_pipeline_of(open_now, raised.get(pk, Decimal(0)), revenue, ctx.rules))
    return Measures.by_kind(ctx.partner_ids, kinds, which)


def _pipeline_of(open_now: Expected, raised: Decimal, revenue: Decimal, rules: Rules) -> Measure:
    fraction = pipeline(expected=open_now.amount, raised=raised, revenue=revenue, floor=rules.medium_from)
    facts: Facts = {
        "expected": f"{open_now.amount:f}",
        "raised": f"{raised if open_now.amount else Decimal(0):f}",
        "count": open_now.opportunities,
    }
    return Measure(fraction, facts)


def explain_pipeline(facts: Facts, tenant: Tenant) -> str:
    """Say "$120,000 expected, raised by $30,000"."""
    if "expected" not in facts:
        return "Cannot tell yet: no opportunities are kept"
    amount, change = Decimal(facts["expected"]), Decimal(facts["raised"])
    if not facts["count"]:
        return "Nothing expected: no open opportunity"
    words = f"{money(amount, tenant)} expected"
    if change:
        words += f", {'raised' if change > 0 else 'lowered'} by {money(abs(change), tenant)}"
    return words


# --- win ratio ----------------------------------------------------------------------------------


def measure_wins(ctx: ScoringContext) -> dict[UUID, Measure]:
    """Measure won and lost cases of the last two years by Wilson's interval; too few tell nothing."""
    cases = decided_cases(ctx.wanted.among(), after=ctx.as_of - timedelta(days=WIN_DAYS), until=ctx.as_of)
    return {partner_id: _wins_of(against) for partner_id, against in cases.items()}


def _wins_of(against: list[Against]) -> Measure:
    ratio = wilson(sum(one.won for one in against), sum(one.decided for one in against))
    facts: Facts = {
        "won": ratio.won,
        "decided": ratio.decided,
        "low": round(ratio.low, 3),
        "high": round(ratio.high, 3),
        # The one with most cases, of several the first by name.
        "competitor": min(against, key=lambda one: (-one.decided, one.rank)).competitor,
        "competitors": len(against),
    }
    return Measure(ratio.centre if ratio.is_told else None, facts)


def explain_wins(facts: Facts, tenant: Tenant) -> str:
    """Say "Won 5 of 9 against St. Brendan (30–77%)"."""
    decided = facts.get("decided", 0)
    if not decided:
        return "Cannot tell yet: no case against the competition decided"
    if decided < FEWEST_DECISIONS:
        return f"Too few to tell: {decided} of {FEWEST_DECISIONS} cases decided"
    others = facts["competitors"]
    against = facts["competitor"] if others == 1 else f"{others} competitors"
    low, high = percent(facts["low"]).rstrip("%"), percent(facts["high"])
    return f"Won {facts['won']} of {decided} against {against} ({low}–{high})"


COMPONENTS = [
    Component(
        key="visits",
        label="Visits",
        default_weight=15,
        order=50,
        measure=measure_visits,
        explain=explain_visits,
    ),
    Component(
        key="pipeline",
        label="Pipeline budget",
        default_weight=8,
        order=60,
        measure=measure_pipeline,
        explain=explain_pipeline,
    ),
    Component(
        key="wins",
        label="Win ratio",
        default_weight=7,
        order=70,
        measure=measure_wins,
        explain=explain_wins,
    ),
]

_OF_OPPORTUNITY = """
SELECT o.partner_id FROM activities_opportunity o WHERE o.tenant_id = r.tenant_id AND o.id = r.opportunity_id
"""
# The sentence names the competitor; nobody has an insight about a new one yet.
_OF_COMPETITOR = """
SELECT i.partner_id FROM activities_insight i WHERE i.tenant_id = r.tenant_id AND i.competitor_id = r.id
"""

SOURCES = [
    ScoreSource(Visit, ("happened_at",)),
    ScoreSource(CallPlan, ("visits", "months", "valid_from")),
    ScoreSource(Opportunity, ("currency", "closed_at")),
    ScoreSource(BudgetUpdate, ("old_amount", "new_amount", "new_close", "at"), partners=_OF_OPPORTUNITY),
    ScoreSource(Insight, ("competitor_id", "outcome", "happened_on")),
    ScoreSource(Competitor, ("name",), partners=_OF_COMPETITOR),
]
