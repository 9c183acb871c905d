import itertools
import math
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.policy.rules import Rules
from partners.standing.rules import (
    Estimates,
    add_up,
    band_of,
    level_of,
    market_shares,
    month_end,
    parts_of,
    propose_tier,
    shift_months,
)
from partners.states import Tier
from tests.partners.standing import plain
from tests.partners.standing.plain import Estimate, Share

RULES = Rules(high_from=Decimal(10_000), medium_from=Decimal(2_000))
AS_OF = date(2026, 11, 23)
days = st.dates(date(2015, 1, 1), date(2030, 12, 31))
revenues = st.decimals(-5_000, 30_000, places=2)


def propose(tier, since, revenue, as_of, rules):
    return propose_tier(Tier(tier) if tier else None, since, revenue, as_of, rules)


# --- days


@pytest.mark.parametrize(
    ("day", "months", "shifted"),
    [
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_shift_months(day, months, shifted):
    assert shift_months(day, months) == shifted


@given(days)
def test_month_end_is_the_day_before_a_first(day):
    assert (month_end(day) + timedelta(days=1)).day == 1
    assert month_end(day).month == day.month


# --- level


@pytest.mark.parametrize(
    ("first", "last", "busy", "expected"),
    [
        (None, None, 0, "prospect"),
        (date(2026, 10, 1), date(2026, 11, 20), 2, "new"),
        (date(2026, 5, 23), date(2026, 5, 23), 1, "new"),  # first day of the window
        (date(2026, 5, 22), date(2026, 5, 22), 0, "lapsed"),  # the day before it
        (date(2026, 8, 1), date(2026, 11, 1), 3, "repeat"),  # k of n reached inside the window
        (date(2020, 1, 1), date(2026, 11, 1), 5, "repeat"),
        (date(2020, 1, 1), date(2026, 11, 1), 1, "repeat"),  # back after years
        (date(2020, 1, 1), date(2024, 1, 1), 0, "lapsed"),
    ],
)
def test_level(first, last, busy, expected):
    assert level_of(first, last, busy, AS_OF, RULES) == expected


@given(days, days, st.integers(0, 6))
def test_level_lapsed_only_when_silent_for_longer_than_the_window(first, last, busy):
    first, last = min(first, last), max(first, last)
    found = level_of(first, last, busy, AS_OF, RULES)
    assert (found == "lapsed") == (last < shift_months(AS_OF, -6))
    assert found != "prospect"


# --- tier


@pytest.mark.parametrize(
    ("revenue", "band"),
    [("9999.99", "medium"), ("10000", "high"), ("1999.9999", "low"), ("2000", "medium"), ("-5", "low")],
)
def test_bands_are_half_open(revenue, band):
    assert band_of(Decimal(revenue), RULES) == band


@pytest.mark.parametrize(
    ("tier", "revenue", "proposed", "rule"),
    [
        ("", "10000", "high", "first"),
        ("medium", "10000", "high", "raise"),
        ("high", "9500", "high", "hysteresis"),
        ("high", "9499.99", "medium", "lower"),
        ("high", "100", "low", "lower"),
        ("medium", "1900", "medium", "hysteresis"),
        ("medium", "1899.99", "low", "lower"),
        ("low", "1999", "low", "same"),
    ],
)
def test_proposal(tier, revenue, proposed, rule):
    proposal = propose(tier, date(2025, 1, 1), Decimal(revenue), AS_OF, RULES)
    assert (proposal.tier, proposal.rule) == (proposed, rule)


def test_proposal_waits_for_the_minimum_stay():
    since = date(2026, 6, 1)
    early = propose("medium", since, Decimal(12_000), date(2026, 11, 30), RULES)
    due = propose("medium", since, Decimal(12_000), date(2026, 12, 1), RULES)
    assert (early.tier, early.rule, early.band) == ("medium", "stay", "high")
    assert (due.tier, due.rule) == ("high", "raise")


@given(
    st.sampled_from(["high", "medium", "low"]),
    st.integers(0, 24),
    st.lists(revenues, min_size=2, max_size=36),
    st.dates(date(2015, 1, 1), date(2026, 12, 31)),
)
def test_nobody_changes_tier_twice_inside_the_minimum_stay(tier, stay, months, begin):
    """Whoever accepts every proposal, each month anew: between two changes lies the whole stay."""
    rules = Rules(high_from=Decimal(10_000), medium_from=Decimal(2_000), minimum_stay_months=stay)
    since, changed = None, []
    for step, revenue in enumerate(months):
        day = shift_months(begin, step)
        proposal = propose(tier, since, revenue, day, rules)
        if proposal.tier != tier:
            tier, since = proposal.tier, day
            changed.append(day)
    assert all(shift_months(one, stay) <= other for one, other in itertools.pairwise(changed))


@given(st.sampled_from(["high", "medium", "low"]), st.sampled_from([10_000, 2_000]), st.data())
def test_swings_within_the_hysteresis_never_flap(tier, border, data):
    """Revenue within 5 % below a border: whatever is accepted, the next proposal agrees with it."""
    within = st.decimals(border * 95 // 100, border, places=2).filter(lambda r: r < border)
    first, second = data.draw(within), data.draw(within)
    accepted = propose(tier, None, first, AS_OF, RULES).tier
    assert propose(accepted, None, second, AS_OF, RULES).tier == accepted


@given(st.sampled_from(["", "high", "medium", "low"]), revenues)
def test_an_accepted_proposal_proposes_nothing_further(tier, revenue):
    accepted = propose(tier, None, revenue, AS_OF, RULES).tier
    assert propose(accepted, None, revenue, AS_OF, RULES).tier == accepted


@given(st.sampled_from(["high", "medium", "low"]), revenues, revenues)
def test_more_revenue_never_proposes_a_lower_tier(tier, one, other):
    less, more = sorted((one, other))
    proposals = [propose(tier, None, revenue, AS_OF, RULES).tier for revenue in (less, more)]
    assert proposals[0].rank <= proposals[1].rank


# --- share


def market_share(estimates, own, as_of):
    """The one partner's place of the columns; None without estimates."""
    columns = list(zip(*estimates, strict=True)) or [[]] * 4
    amounts = [np.array(column, dtype=np.float64) for column in columns[:3]]
    days = np.array(columns[3], dtype="datetime64[D]")
    who = np.zeros(len(estimates), dtype=np.int64)
    found = market_shares(Estimates(who, *amounts, days), np.array([float(own)]), as_of)
    return Share(*(column[0] for column in found[:9])) if found.known[0] else None


def claims(middle, *, spread=1.3, as_of=AS_OF):
    return Estimate(middle / spread, middle, middle * spread, as_of)


def test_share_without_estimates_is_not_told():
    assert market_share([], 1_000, AS_OF) is None


def test_shares_of_many_do_not_mix():
    """Who has no estimate is not told, and two partners' estimates are not pooled."""
    day = np.array([AS_OF] * 3, dtype="datetime64[D]")
    columns = (np.array([900.0, 4_500, 90]), np.array([1_000.0, 5_000, 100]), np.array([1_100.0, 5_500, 110]))
    found = market_shares(
        Estimates(np.array([2, 0, 2]), *columns, day), np.array([1_000.0, 50.0, 20.0]), AS_OF
    )
    assert found.known.tolist() == [True, False, True]
    assert found.share[0] == pytest.approx(
        market_share([claims(5_000, spread=1.1)], 1_000, AS_OF).share, rel=0.01
    )
    assert math.isnan(found.share[1]) and not found.doubtful[1]
    assert found.total[2] == pytest.approx(math.sqrt(1_000 * 100), rel=0.02)


@pytest.mark.parametrize("count", [1, 100_000])
def test_one_partner_and_a_hundred_thousand_are_told_alike(count):
    """Also where some have no estimate, and some only cancellations: nothing of one reaches another."""
    columns = [np.full(count, amount) for amount in (900.0, 1_000.0, 1_200.0)]
    days = np.array([AS_OF] * count, dtype="datetime64[D]")
    own = np.linspace(-50, 800, count)
    found = market_shares(Estimates(np.arange(count), *columns, days), own, AS_OF)
    alone = market_share([Estimate(900, 1_000, 1_200, AS_OF)], own[-1], AS_OF)
    assert found.share[-1] == pytest.approx(alone.share)
    assert ((found.share_low >= 0) & (found.share_high <= 1) & (found.total_low >= np.maximum(own, 0))).all()
    summed = add_up(np.tile([0.2, math.nan, 0.7], (count, 1)), np.array([30.0, 40.0, 30.0]))
    assert set(summed.score.tolist()) == {45.0}


def test_share_of_one_exact_estimate_follows_the_formula():
    found = market_share([Estimate(1000, 1000, 1000, AS_OF)], 0, AS_OF)
    # Only the 10 % that all estimates share are left: quantiles exp(ln 1000 ± 1.645 × 0.10).
    assert found.total == pytest.approx(1000)
    assert found.total_low == pytest.approx(1000 * math.exp(-0.1645), rel=1e-3)
    assert found.total_high == pytest.approx(1000 * math.exp(0.1645), rel=1e-3)
    assert found.share == 0


def test_share_says_when_the_estimate_is_below_our_own_count():
    assert market_share([claims(1_000)], 1_500, AS_OF).doubtful
    assert not market_share([claims(1_000)], 500, AS_OF).doubtful


def test_older_estimates_are_wider():
    fresh = market_share([claims(1_000)], 100, AS_OF)
    old = market_share([claims(1_000, as_of=AS_OF - timedelta(days=3 * 365))], 100, AS_OF)
    assert old.total_high - old.total_low > fresh.total_high - fresh.total_low


estimates = st.lists(
    st.builds(
        lambda middle, down, up, age: Estimate(
            middle * down, middle, middle * up, AS_OF - timedelta(days=age)
        ),
        st.floats(10, 1e7),
        st.floats(0.2, 1),
        st.floats(1, 5),
        st.integers(0, 2000),
    ),
    min_size=1,
    max_size=4,
)


@given(estimates, st.floats(-100, 1e8))
def test_share_stays_in_its_bounds_and_never_below_our_own_count(given_estimates, own):
    found = market_share(given_estimates, own, AS_OF)
    assert 0 <= found.share_low <= found.share <= found.share_high <= 1
    assert 0 <= found.headroom_low <= found.headroom_high
    assert found.total_low >= max(0, own)


@given(estimates, st.floats(-100, 1e8))
def test_share_is_what_plain_python_makes_of_it(given_estimates, own):
    found, expected = market_share(given_estimates, own, AS_OF), plain.share(given_estimates, own, AS_OF)
    assert found[:8] == pytest.approx(expected[:8], rel=1e-9, abs=1e-6)
    assert found.doubtful == expected.doubtful


@given(estimates)
def test_parts_of_estimates_add_up_and_an_older_one_counts_less(given_estimates):
    columns = [np.array(column, dtype=np.float64) for column in list(zip(*given_estimates, strict=True))[:3]]
    days = np.array([one.as_of for one in given_estimates], dtype="datetime64[D]")
    who = np.zeros(len(given_estimates), dtype=np.int64)
    parts = parts_of(Estimates(who, *columns, days), 1, AS_OF)
    assert parts.sum() == pytest.approx(1) and (parts > 0).all()
    fresh = [np.append(column, column[0]) for column in columns]
    days = np.append(days, np.datetime64(AS_OF))
    again = parts_of(Estimates(np.zeros(len(days), dtype=np.int64), *fresh, days), 1, AS_OF)
    assert again[-1] >= again[0] - 1e-12


@pytest.mark.parametrize(
    ("years", "stated", "least", "most"),
    [(0, 1.0, 0.88, 0.98), (3, 1.0, 0.88, 0.98), (0, 1 / 1.4, 0.84, 0.95)],
    ids=["fresh", "up to three years old", "should be 40 % wider than stated"],
)
def test_ranges_cover_the_truth(years, stated, least, most):
    """Section 10 of the method: 88–98 % of 90 % ranges hold the truth, never below our own count.

    The world moves by 15 % a year while an estimate ages, and all estimates share an error of 10 %.
    """
    random = np.random.default_rng(7)
    inside, trials = 0, 2_000
    for _ in range(trials):
        truth = math.exp(random.normal(11, 0.5))
        own = truth * random.uniform(0.1, 0.8)
        common = random.normal(0, 0.10)
        known = []
        for _ in range(random.integers(1, 4)):
            spread, age = random.uniform(0.1, 0.4), random.uniform(0, years)
            then = random.normal(0, 0.15 * math.sqrt(age))
            middle = truth * math.exp(common + then + random.normal(0, spread))
            end = math.exp(1.645 * spread * stated)
            day = AS_OF - timedelta(days=round(age * 365))
            known.append(Estimate(middle / end, middle, middle * end, day))
        found = market_share(known, own, AS_OF)
        assert found.total_low >= own
        inside += found.total_low <= truth <= found.total_high
    assert least <= inside / trials <= most


# --- score

fractions = st.lists(
    st.lists(st.one_of(st.floats(0, 1), st.just(math.nan)), min_size=5, max_size=5), min_size=1, max_size=6
)
weights = st.lists(st.floats(0.5, 60), min_size=5, max_size=5)


@given(fractions, weights)
def test_score_is_within_bounds_and_its_points_add_up(rows, weighing):
    summed = add_up(np.array(rows), np.array(weighing))
    for at, row in enumerate(rows):
        if all(math.isnan(value) for value in row):
            assert math.isnan(summed.score[at])
            continue
        assert 0 <= summed.score[at] <= 100
        assert np.nansum(summed.points[at]) == pytest.approx(summed.score[at], abs=1e-6)
        assert np.nansum(summed.weights[at]) == pytest.approx(100)
        assert (np.isnan(summed.points[at]) == np.isnan(row)).all()


@given(fractions, weights, st.integers(0, 4))
def test_a_better_component_never_lowers_the_score(rows, weighing, which):
    before = np.array(rows)
    after = before.copy()
    after[:, which] = np.where(np.isnan(after[:, which]), np.nan, np.minimum(1, after[:, which] + 0.2))
    low, high = (add_up(values, np.array(weighing)).score for values in (before, after))
    assert ((high >= low - 1e-9) | np.isnan(low)).all()


def test_a_component_that_cannot_tell_hands_its_weight_on():
    summed = add_up(np.array([[1.0, math.nan, 0.0]]), np.array([30.0, 40.0, 30.0]))
    assert summed.score.tolist() == [50.0]
    assert summed.weights[0, [0, 2]].tolist() == [50.0, 50.0]
