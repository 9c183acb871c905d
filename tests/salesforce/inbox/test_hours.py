"""Lags in classes: hours can be put together, and percentiles stay right to a quarter."""

import pytest

from prm.salesforce.runs.hours import CLASSES, class_of, counted, percentile


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.7, 2.1, 38.0, 600.0, 86_400.0])
def test_a_percentile_is_right_to_a_quarter(seconds):
    found = percentile(counted([seconds]), 0.5)
    assert seconds <= found <= max(0.1, seconds * 1.26)


def test_hours_add_up():
    first = counted([1.0] * 95)
    both = counted([50.0] * 5, first)
    assert sum(both.values()) == 100
    assert percentile(both, 0.95) < 1.3
    assert percentile(both, 0.96) > 49
    assert percentile({}, 0.5) is None
    assert class_of(1e12) == CLASSES
