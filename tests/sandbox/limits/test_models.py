import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from prm.sandbox.kit.clock import Clock
from prm.sandbox.limits.models import Usage

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
DAY = 24 * 60


@given(st.lists(st.tuples(st.integers(0, 2 * DAY), st.integers(1, 5)), max_size=20))
def test_calls_of_the_last_24_hours_are_used(steps):
    clock = Clock()
    clock.freeze(NOON)
    usage, made, minute = Usage(clock, 100), [], 0
    for wait, calls in steps:
        clock.advance(wait * 60)
        minute += wait
        usage.count(calls)
        made.append((minute, calls))
        assert usage.used == sum(calls for at, calls in made if at > minute - DAY)
        assert usage.exhausted == (usage.used >= 100)
    assert usage.total == sum(calls for _, calls in made)


def test_the_header_names_the_application_when_it_has_its_own_limit():
    usage = Usage(Clock(), 50)
    usage.count(7)
    assert usage.header() == "api-usage=7/50"
    usage.per_app = True
    assert usage.header() == "api-usage=7/50; per-app-api-usage=7/50(appName=PRM)"
