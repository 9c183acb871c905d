from datetime import UTC, datetime, timedelta

import pytest

from prm.salesforce.guards import rules

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [
        (101, 100_000, True),
        (100, 100_000, False),
        (21, 100, True),
        (20, 20, False),
        (30, 300, False),
        (31, 300, True),
    ],
)
def test_a_mass_is_a_number_or_a_share(count, total, expected):
    assert rules.is_mass(count, total, most=100, percent=10) is expected


def turns(*sides, minutes=30):
    found = []
    for number, side in enumerate(sides):
        found = rules.with_turn(found, side, NOON + timedelta(minutes=number), minutes=minutes)
    return found


def test_a_loop_is_both_sides_in_turn():
    assert rules.is_loop(turns(*["here", "there"] * 4), times=4)
    assert not rules.is_loop(turns(*["here", "there"] * 3), times=4)


def test_many_edits_on_one_side_are_no_loop():
    assert not rules.is_loop(turns(*["there"] * 20), times=4)
    assert not rules.is_loop(turns(*["here"] * 20), times=4)


def test_turns_that_lie_far_apart_are_no_loop():
    assert not rules.is_loop(turns(*["here", "there"] * 4, minutes=5), times=4)
