"""What is expected of a partner on a day, and how that has moved."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import Q

from activities.market.budgets.models import Opportunity
from activities.market.budgets.presentation import budget_change
from activities.market.budgets.queries import Expected, expected_by_partner, raised_by_partner
from activities.market.budgets.service import close_opportunity, reverse_budget, update_budget
from tests.activities import factories as make

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
TODAY = date(2026, 11, 23)
END = datetime(2026, 11, 24, 5, tzinfo=UTC)
EVERYBODY = Q()


@pytest.fixture(autouse=True)
def _on_a_monday(clock_at):
    clock_at(NOW)


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


def expected(partner, as_of=TODAY, end=END):
    return expected_by_partner(EVERYBODY, currency="USD", as_of=as_of, end=end).get(partner.pk)


def raised(partner, end=END):
    return raised_by_partner(EVERYBODY, currency="USD", end=end).get(partner.pk)


def test_open_amounts_of_a_partner_are_summed(in_mercy, elena):
    make.opportunity(elena, amount=90_000)
    make.opportunity(elena, amount=10_000, name="Second")
    assert expected(elena) == Expected(Decimal(100_000), 2)


def test_the_last_update_counts(in_mercy, elena):
    opportunity = make.opportunity(elena, amount=90_000, at=NOW - timedelta(days=5))
    update_budget(opportunity=opportunity, by=None, amount=Decimal(120_000))
    assert expected(elena).amount == 120_000
    before = NOW - timedelta(days=1)
    assert expected(elena, before.date(), before).amount == 90_000


@pytest.mark.parametrize("state", ["won", "lost"])
def test_a_closed_opportunity_is_no_longer_expected_but_was_before(in_mercy, elena, state):
    opportunity = make.opportunity(elena, at=NOW - timedelta(days=9))
    close_opportunity(opportunity=opportunity, state=state)
    assert expected(elena) is None
    before = NOW - timedelta(days=1)
    assert expected(elena, before.date(), before).opportunities == 1


@pytest.mark.parametrize(
    ("days", "is_expected"), [(-31, False), (-30, True), (0, True), (366, True), (367, False)]
)
def test_what_is_long_overdue_or_far_away_is_not_expected(in_mercy, elena, days, is_expected):
    make.opportunity(elena, days=days)
    assert (expected(elena) is not None) is is_expected


def test_amounts_of_another_currency_do_not_mix(in_mercy, elena):
    opportunity = make.opportunity(elena)
    Opportunity.objects.filter(pk=opportunity.pk).update(currency="EUR")
    assert expected(elena) is None


def test_the_net_change_of_ninety_days_is_told(in_mercy, elena):
    opportunity = make.opportunity(elena, amount=90_000, at=NOW - timedelta(days=200))
    for days, amount in ((120, 100_000), (60, 130_000), (10, 120_000)):
        update_budget(opportunity=opportunity, by=None, amount=Decimal(amount), at=NOW - timedelta(days=days))
    assert raised(elena) == 20_000


def test_opening_is_no_raise(in_mercy, elena):
    make.opportunity(elena)
    assert raised(elena) is None


def test_only_the_partners_asked_for_are_read(in_mercy, elena):
    other = make.partner("Dr. Samuel Okafor")
    for partner in (elena, other):
        make.opportunity(partner)
    some = Q(opportunity__partner_id=other.pk)
    assert set(expected_by_partner(some, currency="USD", as_of=TODAY, end=END)) == {other.pk}


def test_sums_take_one_query(in_mercy, elena, django_assert_num_queries):
    for number in range(3):
        make.opportunity(make.partner(f"Dr. {number}"))
    with django_assert_num_queries(1):
        expected(elena)
    with django_assert_num_queries(1):
        raised(elena)


@pytest.mark.parametrize(
    ("change", "title", "figures"),
    [
        ({"amount": Decimal(120_000)}, "Budget raised", "$90,000 → $120,000"),
        ({"amount": Decimal(60_000)}, "Budget lowered", "$90,000 → $60,000"),
        ({"close_date": date(2026, 12, 24)}, "Date moved", "21 Feb 2027 → 24 Dec"),
    ],
)
def test_a_change_is_put_into_words(in_mercy, elena, change, title, figures):
    update = update_budget(opportunity=make.opportunity(elena, days=90), by=None, **change)
    assert budget_change(update) == (title, figures)


def test_opening_and_taking_back_have_words_of_their_own(in_mercy, elena):
    opportunity = make.opportunity(elena, days=90, at=NOW - timedelta(days=1))
    assert budget_change(opportunity.budget_updates.get()) == (
        "Opportunity opened",
        "$90,000 for 21 Feb 2027",
    )
    update = update_budget(opportunity=opportunity, by=None, amount=Decimal(1))
    assert budget_change(reverse_budget(update=update, by=None))[0] == "Budget taken back"
