"""How often the intervals of win ratios hold the truth, by simulation (`make calibrate`; a short form runs always).

The truth of each group is drawn as tenants show it (beta, 0.5 on average, most between 0.2 and 0.8), its number of cases
between the fewest that the board judges and some hundreds. The seed is fixed: the same figures every time.
"""

import os
from random import Random

import pytest

from activities.market.board.rules import FEWEST, ratio

LONG = "PRM_CALIBRATE" in os.environ
GROUPS = 200_000 if LONG else 6_000
BOUNDS = (0.93, 0.97)


def coverage(sizes, groups, seed):
    """Return the part of simulated groups whose interval holds the ratio that drew their cases."""
    chance = Random(seed)
    held = 0
    for _ in range(groups):
        truth, n = chance.betavariate(4, 4), chance.randint(*sizes)
        found = ratio(sum(chance.random() < truth for _ in range(n)), n)
        held += found.low <= truth <= found.high
    return held / groups


@pytest.mark.parametrize("sizes", [(FEWEST, 40), (41, 100), (101, 250)], ids=str)
@pytest.mark.timeout(600)
def test_95_per_cent_intervals_hold_the_truth_in_93_to_97(sizes, record_property):
    found = coverage(sizes, GROUPS, seed=7)
    record_property("coverage in 10,000", round(found * 10_000))
    assert BOUNDS[0] <= found <= BOUNDS[1], found


def test_the_simulation_can_fail():
    """An interval that is too narrow by a third is found out."""
    chance = Random(7)
    held = 0
    for _ in range(3_000):
        truth, n = chance.betavariate(4, 4), chance.randint(FEWEST, 100)
        found = ratio(sum(chance.random() < truth for _ in range(n)), n)
        middle = (found.low + found.high) / 2
        held += abs(truth - middle) <= (found.high - found.low) / 3
    assert held / 3_000 < BOUNDS[0]
