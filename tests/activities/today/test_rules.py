"""Tests of activities.today.rules: who is due, who is slipping, how late a promise is."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from activities.today.rules import (
    Months,
    PanelState,
    Plan,
    Slip,
    SlipFacts,
    due_now,
    promise_lateness,
    season,
    slip_reason,
    slipping,
    usual_plan,
)

TODAY = date(2026, 11, 23)  # a Monday
A = UUID(int=1)


def state(done=0, visits=4, months=1, seen=date(2026, 11, 3), first=None):
    return PanelState(A, Plan(visits, months), done, 0, seen, first)


@pytest.mark.parametrize(
    ("done", "is_due"),
    [(0, True), (1, True), (2, True), (3, False), (4, False), (7, False)],
)
def test_due_now_spreads_the_visits_over_the_month(done, is_due):
    assert (due_now(state(done=done), TODAY) is not None) is is_due


def test_due_now_says_how_many_are_done_and_left():
    due = due_now(state(done=2), TODAY)
    assert due.reason == "2 of 4 visits done, 6 workdays left"
    assert due.behind == pytest.approx(4 * 23 / 30 - 2)


def test_due_now_leaves_out_who_was_seen_today():
    assert due_now(state(done=1, seen=TODAY), TODAY) is None


def test_due_now_when_fewer_workdays_than_visits_are_left():
    assert due_now(state(done=3, visits=4), date(2026, 11, 25)) is None
    assert due_now(state(done=3, visits=4), date(2026, 11, 30)).reason == "3 of 4 visits done, 1 workday left"


def test_due_now_leaves_out_partners_without_planned_visits():
    assert due_now(state(visits=0), TODAY) is None


def test_due_now_names_a_quarterly_call_and_when_it_was_last_seen():
    due = due_now(state(visits=1, months=3, seen=date(2026, 9, 9)), TODAY)
    assert due.reason == "Quarterly call, last seen 9 September"


def test_due_now_thanks_for_first_orders_not_yet_thanked_for():
    fresh = date(2026, 10, 14)
    assert (
        due_now(state(visits=2, seen=None, first=fresh), TODAY).reason
        == "First orders in October: say thank you"
    )
    assert "thank" not in due_now(state(visits=2, seen=date(2026, 10, 20), first=fresh), TODAY).reason


def test_due_now_of_a_partner_never_visited():
    assert due_now(state(seen=None), TODAY).reason == "Never visited; 4 visits a month planned"


@pytest.mark.parametrize(
    ("tier", "words"),
    [
        ("high", "2 visits a month"),
        ("medium", "1 visit a month"),
        ("low", "1 visit a quarter"),
        ("", "1 visit a quarter"),
    ],
)
def test_usual_plan_follows_the_tier(tier, words):
    assert usual_plan(tier).words == words
    assert usual_plan(tier).is_usual


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


@pytest.mark.parametrize(
    ("due", "words", "kind"),
    [
        (date(2026, 11, 21), "2 days late", "late"),
        (date(2026, 11, 22), "1 day late", "late"),
        (TODAY, "Today", "today"),
        (date(2026, 11, 25), "Wed 25 Nov", "later"),
        (date(2027, 1, 4), "Mon 4 Jan 2027", "later"),
        (None, "no date", "later"),
    ],
)
def test_promise_lateness_words(due, words, kind):
    lateness = promise_lateness(due, TODAY)
    assert (lateness.words, lateness.kind) == (words, kind)
