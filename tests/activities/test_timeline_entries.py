"""What activities tell on a partner's timeline, in words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from activities.market.budgets.service import close_opportunity, update_budget
from activities.timeline_entries import ENTRIES
from activities.visits.service import complete_step, remove_visit
from tests.activities import factories as make

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # a Monday
SOURCES = {source.key: source for source in ENTRIES}


@pytest.fixture(autouse=True)
def _on_a_monday(clock_at):
    clock_at(NOW)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def told(key, partner, *, mine=True, most=50):
    source = SOURCES[key]
    entries = source.entries(partner, lambda rep_id: mine, most)
    assert len(entries) == min(most, source.count(partner))
    return [entry.item for entry in entries]


@pytest.mark.parametrize(
    ("channel", "title", "icon"),
    [
        ("in_person", "Visit: relationship", "walk"),
        ("phone", "Phone call: relationship", "phone"),
        ("video", "Video call: relationship", "video"),
        ("email", "E-mail: relationship", "mail"),
    ],
)
def test_a_visit_is_told_by_its_channel(in_mercy, elena, channel, title, icon):
    make.visit(elena, in_mercy.rep, channel=channel, learned="Likes echo.")
    (item,) = told("visits", elena)
    assert (item.title, item.icon, item.text, item.when) == (title, icon, "Likes echo.", "Mon 23 Nov")


def test_a_purpose_of_the_reps_own_keeps_its_letters(in_mercy, elena):
    make.visit(elena, in_mercy.rep, purpose="other", purpose_other="ACC Congress")
    assert told("visits", elena)[0].title == "Visit: ACC Congress"


@pytest.mark.parametrize(
    ("mine", "minutes", "opens", "undoes"), [(True, 29, 1, 1), (True, 31, 1, 0), (False, 1, 0, 0)]
)
def test_an_own_visit_opens_and_a_fresh_one_can_be_undone(
    in_mercy, elena, clock_at, mine, minutes, opens, undoes
):
    make.visit(elena, in_mercy.rep)
    clock_at(NOW + timedelta(minutes=minutes))
    (item,) = told("visits", elena, mine=mine)
    assert (bool(item.url), bool(item.undo_url)) == (bool(opens), bool(undoes))


@pytest.mark.parametrize(
    ("days", "note", "kind"),
    [
        (0, "Promised: Send sheet (today)", "warn"),
        (2, "Promised: Send sheet (Wed 25 Nov)", ""),
        (None, "Promised: Send sheet (no date)", ""),
    ],
)
def test_a_promise_says_how_it_stands(in_mercy, elena, days, note, kind):
    due = None if days is None else NOW.date() + timedelta(days=days)
    make.visit(elena, in_mercy.rep, next_step="Send sheet", next_step_due=due)
    (item,) = told("visits", elena)
    assert (item.note, item.note_kind) == (note, kind)


def test_a_promise_becomes_late_and_then_good(in_mercy, elena, clock_at):
    visit = make.visit(elena, in_mercy.rep, next_step="Send sheet", next_step_due=NOW.date())
    clock_at(NOW + timedelta(days=2))
    (item,) = told("visits", elena)
    assert (item.note, item.note_kind) == ("Promised: Send sheet (2 days late)", "bad")
    complete_step(visit=visit)
    (item,) = told("visits", elena)
    assert (item.note, item.note_kind) == ("Promised and done: Send sheet", "good")


@pytest.mark.parametrize(
    ("outcome", "title"),
    [
        ("lost", "Insight: lost to St. Brendan"),
        ("won", "Insight: won against St. Brendan"),
        ("observed", "Insight: heard of St. Brendan"),
    ],
)
def test_an_insight_says_who_got_it_and_why(in_mercy, elena, outcome, title):
    make.insight(
        elena,
        in_mercy.rep,
        outcome=outcome,
        note="Chest pain.",
        amount=Decimal(5000),
        differentiators=["Price"],
    )
    (item,) = told("insights", elena)
    assert (item.title, item.text) == (title, "Chest pain. Because of Price. $5,000 at stake.")


def test_an_insight_without_reasons_says_no_more_than_it_knows(in_mercy, elena):
    make.insight(elena, in_mercy.rep)
    assert told("insights", elena, mine=False)[0].text == ""
    assert told("insights", elena, mine=False)[0].url == ""


def test_budgets_and_closings_are_told_with_their_figures(in_mercy, elena):
    opportunity = make.opportunity(elena, at=NOW - timedelta(days=40))
    update_budget(opportunity=opportunity, by=None, amount=Decimal(120_000), note="Scope agreed")
    assert [item.title for item in told("budgets", elena)] == ["Budget raised", "Opportunity opened"]
    assert told("budgets", elena)[0].text == "Echo lab, Q1: $90,000 → $120,000. Scope agreed"
    assert told("closings", elena) == []
    close_opportunity(opportunity=opportunity, state="won")
    (item,) = told("closings", elena)
    assert (item.title, item.text, item.icon) == ("Opportunity won", "Echo lab, Q1: $120,000", "trophy")


def test_no_more_is_told_than_was_asked_for_the_newest_first(in_mercy, elena):
    for days_ago in (5, 1, 3):
        make.visit(elena, in_mercy.rep, days_ago=days_ago)
    assert [item.when for item in told("visits", elena, most=2)] == ["Sun 22 Nov", "Fri 20 Nov"]


@pytest.mark.parametrize("key", SOURCES)
def test_each_kind_costs_as_much_for_many_as_for_one(in_mercy, elena, key, django_assert_max_num_queries):
    for number in range(4):
        make.visit(elena, in_mercy.rep, days_ago=number)
        make.insight(elena, in_mercy.rep, differentiators=[f"Reason {number}"])
        close_opportunity(opportunity=make.opportunity(elena, name=f"No. {number}"), state="lost")
        remove_visit(visit=make.visit(elena, in_mercy.rep, days_ago=number), by=in_mercy.rep)
    with django_assert_max_num_queries(3):
        assert len(SOURCES[key].entries(elena, lambda rep_id: True, 50)) == 4
