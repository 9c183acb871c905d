"""Who is slipping, and why."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from activities.plans.rules import Plan
from activities.today.rules import Months, Slip, SlipFacts, poisson_at_most, season, slip_reason, slipping

TODAY = date(2026, 11, 23)  # a Monday
A = UUID(int=1)


def months(*orders, price=1000):
    return Months(orders, [Decimal(price) * n for n in orders])


STEADY = months(*[7] * 15)
FALLEN = months(*[7] * 12, 2, 2, 2)


def test_slipping_finds_the_fall_and_prices_it_by_the_year():
    assert slipping({A: FALLEN}) == [Slip(A, 2.0, 7.0, Decimal(60_000))]


def test_slipping_leaves_out_the_steady_the_rising_and_the_young():
    panel = {
        uuid4(): STEADY,
        uuid4(): months(*[3] * 12, 9, 9, 9),
        uuid4(): months(0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7, 0, 0, 0),
    }
    assert slipping(panel) == []


def test_slipping_needs_more_than_chance_explains():
    # one order a month, then two in a quarter: a third fewer, but nothing unusual
    assert slipping({A: months(*[1] * 12, 1, 1, 0)}) == []


def test_slipping_allows_for_the_season_of_the_whole_panel():
    panel = {uuid4(): months(*[10] * 12, 5, 5, 5) for _ in range(11)}
    assert season(panel.values()) == 0.5
    assert slipping(panel) == []


def test_slipping_puts_most_money_first():
    low, high = uuid4(), uuid4()
    panel = {low: FALLEN, high: months(*[7] * 12, 2, 2, 2, price=9000)}
    assert [slip.partner_id for slip in slipping(panel)] == [high, low]


def test_slip_words_keep_a_difference_visible():
    assert Slip(A, 2.0, 7.0, Decimal(1)).words == "2 orders, usually 7"
    assert Slip(A, 1.0, 3.0, Decimal(1)).words == "1 order, usually 3"
    assert Slip(A, 0.7, 1.3, Decimal(1)).words == "0.7 orders, usually 1.3"


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
    assert slip_reason(Slip(A, now, 7.0, Decimal(1)), facts, TODAY) == words


def test_poisson_at_most_matches_the_textbook():
    assert poisson_at_most(2, 3.0) == pytest.approx(0.42319, abs=1e-5)
    assert (poisson_at_most(-1, 3.0), poisson_at_most(0, 0.0)) == (0.0, 1.0)
