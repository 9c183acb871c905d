"""A short form of `make soak-salesforce`: random work on both sides under faults and kills, always the same."""

import pytest

from bench import soak_salesforce as soak


@pytest.mark.parametrize("seed", [2])
def test_random_work_under_faults_and_kills_loses_doubles_and_hides_nothing(connected, seed):
    world = soak.World(connected.org, seed, soak.killed_by_exception)
    found = soak.play(world, 60, 30)
    assert found.violations == 0, found.details
    assert found.operations == 60
    assert min(found.faults, found.kills, found.reckonings) > 0
