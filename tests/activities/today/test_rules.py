"""Why somebody may be slipping."""

from datetime import date, timedelta

import pytest

from activities.plans.rules import Plan
from activities.today.rules import SlipFacts, slip_reason

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("now", "facts", "words"),
    [
        (
            2.0,
            SlipFacts(insights=2, competitor="St. Brendan"),
            "St. Brendan named in 2 insights in the last 90 days.",
        ),
        (0.0, SlipFacts(last_order_on=TODAY - timedelta(days=97)), "Silent for 97 days."),
        (
            2.0,
            SlipFacts(last_visit_on=TODAY - timedelta(days=74), plan=Plan(1)),
            "No visit for 74 days; 1 visit a month planned.",
        ),
        (2.0, SlipFacts(plan=Plan(1)), "Never visited; 1 visit a month planned."),
        (
            2.0,
            SlipFacts(last_visit_on=TODAY - timedelta(days=4), plan=Plan(1)),
            "Seen 4 days ago, still fewer orders since.",
        ),
    ],
)
def test_slip_reason_names_the_likeliest(now, facts, words):
    assert slip_reason(facts, TODAY, is_silent=not now) == words
