"""Tests of the score components: right figures, as of a day, for many partners with few queries."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from activities import score_components
from activities.market.budgets.service import close_opportunity, update_budget
from activities.plans.service import set_call_plan
from partners.policy.rules import Rules
from partners.standing.inputs import Wanted
from tests.activities import factories as make

AS_OF = date(2026, 11, 23)
RULES = Rules(high_from=Decimal(500_000), medium_from=Decimal(100_000))


@pytest.fixture(autouse=True)
def _today(clock_at):
    clock_at(datetime(2026, 11, 23, 17, tzinfo=UTC))


def context(tenant, *partners, as_of=AS_OF, revenue=400_000):
    return SimpleNamespace(
        tenant=tenant,
        partner_ids=[partner.pk for partner in partners],
        wanted=Wanted([partner.pk for partner in partners]),
        as_of=as_of,
        rules=RULES,
        tiers=[partner.tier for partner in partners],
        revenue_12m=np.full(len(partners), revenue * 10_000, dtype=np.int64),
    )


def at(day, month=11, hour=15):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_visits_of_a_tenant_that_logs_none_cannot_be_told(in_mercy):
    elena = make.partner()
    assert score_components.measure_visits(context(in_mercy.tenant, elena)) == {}
    assert score_components.explain_visits({}, in_mercy.tenant) == "Cannot tell yet: no visits are logged"


def test_visits_follow_the_plan_of_this_month_and_the_last(in_mercy):
    elena = make.partner()
    set_call_plan(partner=elena, visits=4, valid_from=date(2026, 1, 1))
    for moment in (at(2), at(9), at(16), at(7, month=10), at(24)):
        make.visit(elena, in_mercy.rep, happened_at=moment)
    measure = score_components.measure_visits(context(in_mercy.tenant, elena))[elena.pk]
    assert int(measure.fraction * 15) == 11
    assert (
        score_components.explain_visits(measure.facts, in_mercy.tenant)
        == "3 of 4 planned done; 1 of 4 in October"
    )


def test_visits_count_in_the_months_of_the_tenant(in_mercy):
    elena = make.partner()
    set_call_plan(partner=elena, visits=1, valid_from=date(2026, 1, 1))
    make.visit(
        elena, in_mercy.rep, happened_at=datetime(2026, 11, 1, 3, tzinfo=UTC)
    )  # 31 October in New York
    facts = score_components.measure_visits(context(in_mercy.tenant, elena))[elena.pk].facts
    assert (facts["done"], facts["done_before"]) == (0, 1)


def test_visits_without_plan_are_measured_by_what_is_usual_for_the_tier(in_mercy):
    elena, other = make.partner(), make.partner("Dr. Samuel Okafor")
    make.visit(other, in_mercy.rep, happened_at=at(2))
    measures = score_components.measure_visits(context(in_mercy.tenant, elena, other))
    assert measures[elena.pk].fraction == 0
    assert measures[other.pk].fraction == 1
    words = score_components.explain_visits(measures[other.pk].facts, in_mercy.tenant)
    assert words == "1 of 1 usual done; 0 of 1 in the quarter before"


def test_visits_of_a_partner_with_a_plan_of_none_cannot_be_told(in_mercy):
    elena = make.partner()
    set_call_plan(partner=elena, visits=0, valid_from=date(2026, 1, 1))
    measure = score_components.measure_visits(context(in_mercy.tenant, elena))[elena.pk]
    assert measure.fraction is None
    assert score_components.explain_visits(measure.facts, in_mercy.tenant) == "No visits planned"


def test_pipeline_of_a_tenant_without_opportunities_cannot_be_told(in_mercy):
    assert score_components.measure_pipeline(context(in_mercy.tenant, make.partner())) == {}
    assert "no opportunities" in score_components.explain_pipeline({}, in_mercy.tenant)


def test_pipeline_sums_open_budgets_and_recent_raises(in_mercy):
    elena, idle = make.partner(), make.partner("Dr. Samuel Okafor")
    echo = make.opportunity(elena, amount=60_000, at=at(1, month=3))
    make.opportunity(elena, name="Sleep lab", amount=30_000, at=at(1, month=4))
    update_budget(opportunity=echo, by=None, amount=Decimal(90_000), at=at(10))
    measures = score_components.measure_pipeline(context(in_mercy.tenant, elena, idle))
    assert measures[elena.pk].facts == {"expected": "120000.0000", "raised": "30000.0000", "count": 2}
    assert measures[elena.pk].fraction == pytest.approx(120 / 220 + 0.2 * 0.25)
    words = [score_components.explain_pipeline(measures[p.pk].facts, in_mercy.tenant) for p in (elena, idle)]
    assert words == ["$120,000 expected, raised by $30,000", "Nothing expected: no open opportunity"]
    assert measures[idle.pk].fraction == 0


def test_pipeline_is_told_as_it_stood_on_the_day(in_mercy):
    elena = make.partner()
    echo = make.opportunity(elena, amount=60_000, at=at(1, month=9), days=200)
    update_budget(opportunity=echo, by=None, amount=Decimal(90_000), at=at(10))
    close_opportunity(opportunity=echo, state="won", at=at(20))
    by_day = {
        day: score_components.measure_pipeline(context(in_mercy.tenant, elena, as_of=day))[elena.pk].facts[
            "expected"
        ]
        for day in (date(2026, 8, 31), date(2026, 10, 1), date(2026, 11, 12), AS_OF)
    }
    assert list(by_day.values()) == ["0", "60000.0000", "90000.0000", "0"]


def test_pipeline_leaves_out_what_should_have_come_long_ago(in_mercy):
    elena = make.partner()
    make.opportunity(elena, amount=60_000, at=at(1, month=3), days=-31)
    assert score_components.measure_pipeline(context(in_mercy.tenant, elena))[elena.pk].fraction == 0


def test_wins_are_too_few_below_five_decisions(in_mercy):
    elena = make.partner()
    for outcome in ("won", "won", "lost", "lost", "observed", "observed"):
        make.insight(elena, None, outcome=outcome)
    measure = score_components.measure_wins(context(in_mercy.tenant, elena))[elena.pk]
    assert measure.fraction is None
    assert (
        score_components.explain_wins(measure.facts, in_mercy.tenant)
        == "Too few to tell: 4 of 5 cases decided"
    )


def test_wins_name_the_competitor_and_the_range(in_mercy):
    elena = make.partner()
    for outcome in ["won"] * 5 + ["lost"] * 4:
        make.insight(elena, None, outcome=outcome)
    measure = score_components.measure_wins(context(in_mercy.tenant, elena))[elena.pk]
    assert round(measure.fraction * 7) == 4
    assert (
        score_components.explain_wins(measure.facts, in_mercy.tenant)
        == "Won 5 of 9 against St. Brendan (30–78%)"
    )
    make.insight(elena, None, competitor="Summit", outcome="won")
    facts = score_components.measure_wins(context(in_mercy.tenant, elena))[elena.pk].facts
    assert score_components.explain_wins(facts, in_mercy.tenant).startswith(
        "Won 6 of 10 against 2 competitors"
    )


def test_wins_look_two_years_back(in_mercy):
    elena = make.partner()
    make.insight(elena, None, happened_on=AS_OF - timedelta(days=731))
    assert score_components.measure_wins(context(in_mercy.tenant, elena)) == {}


@pytest.mark.parametrize("count", [1, 12])
def test_measures_ask_a_fixed_number_of_queries(in_mercy, django_assert_num_queries, count):
    partners = [make.partner(f"Dr. {n}") for n in range(count)]
    for one in partners:
        make.visit(one, in_mercy.rep)
        make.insight(one, None)
        make.opportunity(one)
    ctx = context(in_mercy.tenant, *partners)
    with django_assert_num_queries(3 + 3 + 2):
        assert len(score_components.measure_visits(ctx)) == count
        assert len(score_components.measure_pipeline(ctx)) == count
        assert len(score_components.measure_wins(ctx)) == count


def test_the_score_moves_when_a_visit_is_logged(in_mercy):
    from partners.standing.models import Standing
    from partners.standing.service import recompute_standings

    elena = make.partner()
    make.visit(elena, in_mercy.rep, happened_at=at(1, month=1))
    recompute_standings([elena.pk])
    before = Standing.objects.get(partner=elena)
    make.visit(elena, in_mercy.rep, happened_at=at(20))
    recompute_standings([elena.pk])
    after = Standing.objects.get(partner=elena)
    assert after.score > before.score
    assert {c["key"] for c in after.components} >= {"visits", "pipeline", "wins"}


def test_a_first_tier_counts_in_the_step_that_sets_it(in_mercy):
    """Otherwise the next run would find another usual plan and write every new partner's standing again."""
    from partners.standing.models import Standing
    from partners.standing.service import recompute_standings
    from tests.partners.factories import make_months

    elena = make.partner()
    make.visit(elena, in_mercy.rep, happened_at=at(2))
    make_months(elena, date(2026, 11, 1), [60_000] * 12)
    assert recompute_standings() == 1
    visits = next(part for part in Standing.objects.get().components if part["key"] == "visits")
    assert (visits["facts"]["planned"], visits["facts"]["months"]) == (2, 1)
    assert recompute_standings() == 0


def test_visits_before_the_last_tier_change_are_measured_by_the_tier_of_then(in_mercy):
    from partners.directory.models import Partner
    from partners.policy.queries import policy_in_force
    from partners.reviews.models import TierReview
    from partners.standing.compute import compute

    elena = make.partner()
    make.visit(elena, in_mercy.rep, happened_at=at(2))
    for day, tier in ((date(2026, 5, 1), "medium"), (date(2026, 11, 10), "high")):
        TierReview.objects.create(
            partner=elena,
            decided_tier=tier,
            decision="accept",
            effective_on=day,
            tier_since=day,
            policy_version=1,
        )
    Partner.objects.update(tier="high", tier_since=date(2026, 11, 10))
    planned = {}
    for day in (date(2026, 10, 31), AS_OF):
        (row,) = compute([elena.pk], day, policy_in_force(), reasons=True)
        (visits,) = (part for part in row.components if part["key"] == "visits")
        planned[day.month] = visits["facts"]["planned"]
    assert planned == {10: 1, 11: 2}


def test_wins_name_the_competitor_met_most_often(in_mercy):
    elena = make.partner()
    for competitor, times in (("Summit", 2), ("Apex", 3), ("Beacon", 3)):
        for _ in range(times):
            make.insight(elena, None, competitor=competitor, outcome="won")
    facts = score_components.measure_wins(context(in_mercy.tenant, elena))[elena.pk].facts
    assert (facts["competitor"], facts["competitors"], facts["decided"]) == ("Apex", 3, 8)
