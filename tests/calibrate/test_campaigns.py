"""How often the range of a campaign's difference holds the truth, by simulation (`make calibrate`; a short form runs always).

Parts of those sent and held out are drawn as campaigns show them (beta, 0.2 on average), a third held out by coins of their own. The seed
is fixed: the same figures every time. Of campaigns without effect, "more" or "fewer" may be said of one in twenty.
"""

import os

import numpy as np
import pytest

from activities.campaigns.results.rules import difference, verdict

LONG = "PRM_CALIBRATE" in os.environ
CAMPAIGNS = 100_000 if LONG else 5_000
BOUNDS = (0.93, 0.97)


def drawn(members, *, effect, seed):
    """Yield the truth and both sides of simulated campaigns."""
    chance = np.random.default_rng(seed)
    for _ in range(CAMPAIGNS):
        base = chance.beta(4, 16)
        part = min(1.0, base + (chance.beta(2, 18) if effect else 0.0))
        held = int(chance.binomial(members, 0.33))
        sent = members - held
        yield part - base, int(chance.binomial(sent, part)), sent, int(chance.binomial(held, base)), held


@pytest.mark.parametrize("members", [60, 246, 2_000])
@pytest.mark.timeout(900)
def test_95_per_cent_ranges_hold_the_truth_in_93_to_97(members, record_property):
    holds = 0
    for truth, *sides in drawn(members, effect=True, seed=11):
        found = difference(*sides)
        holds += found.low <= truth <= found.high
    record_property(f"of 10,000 held at {members}", round(10_000 * holds / CAMPAIGNS))
    assert BOUNDS[0] <= holds / CAMPAIGNS <= BOUNDS[1], holds / CAMPAIGNS


@pytest.mark.parametrize("members", [60, 246, 2_000])
@pytest.mark.timeout(900)
def test_without_effect_something_is_said_of_at_most_six_in_a_hundred(members):
    said = sum(verdict(*sides).state in ("us", "them") for _, *sides in drawn(members, effect=False, seed=13))
    assert said / CAMPAIGNS <= 0.06, said / CAMPAIGNS


def test_the_simulation_can_fail():
    """A range that is a third too narrow is found out."""
    holds = 0
    for truth, *sides in drawn(246, effect=True, seed=11):
        found = difference(*sides)
        reach = (found.middle - found.low) * 2 / 3, (found.high - found.middle) * 2 / 3
        holds += found.middle - reach[0] <= truth <= found.middle + reach[1]
    assert holds / CAMPAIGNS < BOUNDS[0]
