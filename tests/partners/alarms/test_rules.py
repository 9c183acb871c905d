"""Alarms without false ones: test 9 of the reference, and what the method promises for all orders.

`make calibrate` runs the long form: ten times as many partners, other seeds, and years of other spread.
"""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.alarms.rules import FALL, RISE, STANDS_MONTHS, Panel, Spread, false_a_month, season, watch
from tests.partners.alarms.panels import MONTHS, YEAR, alarms, mixed, orders, panel

LONG = "PRM_CALIBRATE" in os.environ
STEADY, CHANGED, SEEDS = (12_000, 1_200, range(3)) if LONG else (1_500, 300, range(1))


@pytest.mark.parametrize("seed", SEEDS)
def test_steady_partners_raise_few_alarms_and_falls_are_found(seed, record_property):
    rng = np.random.default_rng(9 + seed)
    counts, rates, fates = mixed(rng, STEADY, CHANGED)
    year, half_year = alarms(counts), alarms(counts, months=6)
    for rate in np.unique(rates):
        of = rates == rate
        false = year[of & (fates == 1)].mean()
        record_property("false alarms of 10,000 steady partners", int(false * 10_000))
        assert false <= 0.06, (rate, false)
    assert half_year[(rates == 50) & (fates == 0.5)].mean() >= 0.55
    assert half_year[(rates == 10) & (fates == 0)].mean() >= 0.95


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("alike", [5.0, 20.0])
def test_neither_more_spread_nor_rises_raise_more(seed, alike):
    rng = np.random.default_rng(90 + seed)
    for times in (FALL, RISE):
        counts = np.vstack([orders(rng, rate, STEADY, alike=alike) for rate in (0.5, 2, 10, 50)])
        raised = alarms(counts, times=times).reshape(4, -1).mean(axis=1)
        assert (raised <= (0.06 if times == FALL else 0.085)).all(), (times, alike, raised)


def test_below_three_a_month_a_halving_is_not_seen_within_a_year():
    rng = np.random.default_rng(7)
    counts = np.vstack(
        [orders(rng, 2, 3_000), orders(rng, 2, 300, change=0.5), orders(rng, 10, 300, change=0.5)]
    )
    raised = alarms(counts)
    assert raised[3_000:3_300].mean() < 0.5 < raised[3_300:].mean()


def judged(*rows, begins=(YEAR,), born=None):
    """Watch some partners among a thousand steady ones, so that season and spread are those of a company."""
    crowd = np.random.default_rng(1).poisson(10, (1_000, MONTHS))
    counts = np.vstack([np.array(rows), crowd])
    starts = np.full(len(counts), -1)
    if born is not None:
        starts[: len(rows)] = born
    return watch(Panel(counts, starts, np.arange(MONTHS) % 12), begins, YEAR)


def row(before, after, since):
    return [before] * since + [after] * (MONTHS - since)


def test_an_alarm_says_since_when_and_from_how_many_to_how_many():
    found = judged(row(10, 4, 31), row(10, 25, 31))
    assert found.fall.raised[0] >= 31
    assert (found.fall.since[0], round(found.fall.usually[0]), round(found.fall.now[0])) == (31, 10, 4)
    assert found.rise.raised[1] >= 31
    assert (found.rise.since[1], round(found.rise.usually[1]), round(found.rise.now[1])) == (31, 10, 25)
    assert found.fall.raised[1] == found.rise.raised[0] == -1


def test_an_alarm_ends_when_orders_are_as_usual_again_and_when_the_usual_is_another():
    back = [10] * 26 + [2] * 3 + [10] * 7
    other = row(10, 3, 24)
    found = judged(back, other, begins=(12, YEAR))
    assert found.fall.raised[0] == -1
    assert found.fall.raised[1] == -1 or MONTHS - 1 - found.fall.raised[1] < STANDS_MONTHS


def test_nobody_is_judged_before_the_eighteenth_month():
    fell = row(10, 0, 30)
    found = judged(fell, fell, fell, born=[MONTHS - 19, MONTHS - 18, MONTHS - 12])
    assert np.isnan(found.usually[1:3]).all()
    assert not np.isnan(found.usually[0])
    assert (found.fall.raised[1:3] == -1).all()


def test_a_fall_that_all_share_is_the_season():
    rng = np.random.default_rng(3)
    at = np.arange(48)
    mean = np.where(at % 12 == 11, 4.0, 10.0)
    counts = rng.poisson(mean, (2_000, 48))
    found = watch(Panel(counts, np.full(2_000, -1), at % 12), (24, 36), 36)
    assert (found.fall.raised >= 0).mean() < 0.06


def test_below_two_years_there_is_no_season():
    totals = np.array([100.0, 10.0] * 11 + [100.0])
    assert (season(totals, np.arange(23) % 12) == 1).all()
    assert season(np.tile(np.arange(1, 13) * 100.0, 3), np.arange(36) % 12)[11] > 1.2


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.integers(0, 11))
def test_a_season_is_one_on_average_and_never_wild(totals, begins):
    index = season(np.array(totals, dtype=float), (np.arange(len(totals)) + begins) % 12)
    assert index.shape == (12,)
    assert ((index >= 0.2) & (index <= 5)).all()


@given(st.data())
def test_whatever_is_ordered_is_judged_or_not_but_never_breaks(data):
    rows = data.draw(st.integers(1, 6))
    counts = data.draw(
        st.lists(st.lists(st.integers(0, 10**6), min_size=30, max_size=30), min_size=rows, max_size=rows)
    )
    some = np.array(counts)
    born = np.where((some > 0).any(axis=1), (some > 0).argmax(axis=1), 30)
    found = watch(Panel(some, born, np.arange(30) % 12), (0, 12, 24), 24)
    for one in (found.fall, found.rise):
        stands = one.raised >= 0
        assert (one.since[stands] <= one.raised[stands]).all()
        assert np.isfinite(one.now).all()
    assert np.isnan(found.usually[born > 29 - 18]).all()


def test_the_order_of_partners_changes_nothing():
    rng = np.random.default_rng(11)
    counts, _, _ = mixed(rng, 200, 50)
    some = rng.permutation(len(counts))
    assert (alarms(counts)[some] == alarms(counts[some])).all()


def test_the_spread_is_told_from_the_months_before():
    rng = np.random.default_rng(5)
    spread = Spread()
    assert spread.one_over_r is None
    counts = orders(rng, 20, 2_000, alike=5.0)
    house = panel(counts)
    for at in range(17, 24):
        spread.add(house.usual(at), counts[:, at])
    assert 0.15 < spread.one_over_r < 0.35


def test_a_list_of_alarms_states_its_false_ones():
    assert false_a_month(254) == pytest.approx(254 * 0.05 / 12)
