"""The board counts what was logged, once, in the days that were asked for."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from activities.market.board.report import board, facts
from activities.market.budgets.products.queries import Part
from activities.market.budgets.products.service import split_opportunity
from activities.market.competition.filters import InsightFilter
from activities.market.competition.models import Insight
from activities.market.names import service
from activities.market.names.models import Competitor, Differentiator
from orders.catalogue.models import Product
from orders.catalogue.service import merge_product
from prm.core.errors import Refused
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _now(clock_at):
    clock_at(datetime(2026, 11, 23, 17, tzinfo=UTC))


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep, region="North")


def log(partner, rep, *, times=1, days_ago=10, **details):
    for _ in range(times):
        make.insight(partner, rep, happened_on=TODAY - timedelta(days=days_ago), **details)


def row(groups, name):
    return next(one for one in groups if one.name == name)


def test_competitors_by_money_lost_with_won_lost_and_money_of_the_period(in_mercy, elena):
    log(elena, in_mercy.rep, times=2, amount=Decimal(100))
    log(elena, in_mercy.rep, outcome="won", amount=Decimal(30))
    log(elena, in_mercy.rep, outcome="observed", amount=Decimal(1_000))
    log(elena, in_mercy.rep, competitor="Summit", amount=Decimal(900))
    log(elena, in_mercy.rep, times=3, days_ago=366, amount=Decimal(5_000))
    found = board("year")
    assert [one.name for one in found.competitors] == ["Summit", "St. Brendan"]
    cases = row(found.competitors, "St. Brendan").cases
    assert (cases.won, cases.lost, cases.money_won, cases.money_lost) == (1, 2, 30, 200)
    assert (found.total.won, found.total.decided) == (1, 4)
    assert board("all").total.decided == 7


def test_money_in_another_currency_stands_in_its_own_line(in_mercy, elena):
    log(elena, in_mercy.rep, amount=Decimal(100))
    log(elena, in_mercy.rep, amount=Decimal(40), currency="CHF")
    found = board()
    assert row(found.competitors, "St. Brendan").cases.money_lost == 100
    assert found.other_money == [("CHF", "lost", Decimal(40))]


def test_quarters_reach_back_beyond_the_period_and_count_what_the_period_does_not(in_mercy, elena):
    log(elena, in_mercy.rep, days_ago=20)
    log(elena, in_mercy.rep, outcome="won", days_ago=400)
    (one,) = board("quarter").competitors
    assert [(q.first.isoformat(), q.ratio.won, q.ratio.decided) for q in one.quarters if q.ratio.decided] == [
        ("2025-10-01", 1, 1),
        ("2026-10-01", 0, 1),
    ]
    assert one.cases.decided == 1


def test_a_reason_counts_a_case_once_also_when_two_names_of_it_were_noted(in_mercy, elena):
    log(elena, in_mercy.rep, differentiators=["Price", "Prices"], outcome="won")
    log(elena, in_mercy.rep, differentiators=["Price"])
    price, prices = (Differentiator.objects.get(name=name) for name in ("Price", "Prices"))
    service.merge(row=prices, into=price)
    (one,) = board().reasons
    assert (one.name, one.cases.won, one.cases.decided) == ("Price", 1, 2)


def test_a_merged_competitor_stands_once(in_mercy, elena):
    log(elena, in_mercy.rep, competitor="Harbor Line")
    log(elena, in_mercy.rep, competitor="Harborline", outcome="won")
    service.merge(
        row=Competitor.objects.get(name="Harbor Line"), into=Competitor.objects.get(name="Harborline")
    )
    (one,) = board().competitors
    assert (one.name, one.cases.won, one.cases.lost) == ("Harborline", 1, 1)


@pytest.mark.parametrize(
    "by, name", [("product", "Echo"), ("region", "North"), ("rep", None), ("partner", None)]
)
def test_groups_by_product_region_rep_and_partner(in_mercy, elena, by, name):
    echo = Product.objects.create(code="E", name="Echo")
    log(elena, in_mercy.rep, product=echo)
    log(make.partner("Nobody's"), None, outcome="won")
    found = board(by=by)
    wanted = name or {"rep": str(in_mercy.rep.user), "partner": elena.name}[by]
    one = row(found.groups, wanted)
    assert (one.cases.won, one.cases.lost) == (0, 1)
    assert len(found.groups) == (2 if by == "partner" else 1)


def test_small_numbers_are_ranked_towards_the_tenants_mean_and_of_fewer_than_five_none_is_first(
    in_mercy, elena
):
    log(elena, in_mercy.rep, differentiators=["Lucky"], outcome="won")
    log(elena, in_mercy.rep, times=12, differentiators=["Solid"], outcome="won")
    log(elena, in_mercy.rep, times=2, differentiators=["Solid"])
    log(elena, in_mercy.rep, times=9, differentiators=["Weak"])
    assert [one.name for one in board().reasons] == ["Solid", "Weak", "Lucky"]


def test_one_product_alone(in_mercy, elena):
    echo = Product.objects.create(code="E", name="Echo")
    log(elena, in_mercy.rep, product=echo, differentiators=["Price"])
    log(elena, in_mercy.rep, outcome="won", differentiators=["Place"])
    found = board(product=echo.pk)
    assert found.total.decided == 1
    assert [one.name for one in found.reasons] == ["Price"]


def test_without_a_case_the_board_is_empty_and_says_nothing(in_mercy):
    found = board()
    assert (found.competitors, found.groups, found.reasons, found.total.decided) == ([], [], [], 0)
    assert facts(found)["total"] == {
        "won": 0,
        "lost": 0,
        "ratio": None,
        "low": 0.0,
        "high": 1.0,
        "too_few": True,
    }


def test_another_grouping_is_refused(in_mercy):
    with pytest.raises(Refused):
        board(by="weather")


def test_another_tenants_cases_count_nowhere(mercy, anchor):
    with tenant_scope(anchor.tenant):
        make.insight(make.partner("Agency"), None)
    with tenant_scope(mercy.tenant):
        assert board("all").total.decided == 0


def test_the_board_asks_as_often_for_many_as_for_few(in_mercy, elena, django_assert_num_queries):
    def asked():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            board()
        return len(caught)

    log(elena, in_mercy.rep, differentiators=["Price"])
    few = asked()
    for n in range(6):
        log(elena, in_mercy.rep, competitor=f"House {n}", differentiators=[f"Reason {n}", "Price"])
    assert asked() == few


def split(elena, rep, *parts):
    """An opportunity of 1,000 with these parts, in hundreds."""
    made = make.opportunity(elena, rep, amount=1_000)
    return split_opportunity(opportunity=made, parts=[Part(one, Decimal(100) * n) for one, n in parts])


def test_a_case_about_an_opportunity_for_several_products_counts_for_each_with_its_part_of_the_money(
    in_mercy, elena
):
    echo, scan = (Product.objects.create(code=code, name=code) for code in ("ECHO", "MRI"))
    deal = split(elena, in_mercy.rep, (echo, 7), (scan, 3))
    log(elena, in_mercy.rep, outcome="won", opportunity=deal, amount=Decimal(500))
    log(elena, in_mercy.rep, outcome="lost", opportunity=deal, product=scan, amount=Decimal(40))
    single = make.opportunity(elena, in_mercy.rep, name="Other", product=echo)
    log(elena, in_mercy.rep, outcome="lost", opportunity=single, amount=Decimal(9))
    log(elena, in_mercy.rep, outcome="lost", amount=Decimal(1))
    found = board(by="product")
    cases = {one.name: one.cases for one in found.groups}
    assert {name: (one.won, one.lost) for name, one in cases.items()} == {"ECHO": (1, 1), "MRI": (1, 1)}
    assert (cases["ECHO"].money_won, cases["ECHO"].money_lost) == (350, 9)
    assert (cases["MRI"].money_won, cases["MRI"].money_lost) == (150, 40)
    # A case is one case in all, however many products it is about.
    assert (found.total.won, found.total.decided) == (1, 4)
    only = board(by="product", product=scan.pk)
    assert [(one.name, one.cases.decided) for one in only.groups] == [("MRI", 2)]
    assert only.total.decided == 2
    assert set(InsightFilter({"product": str(scan.pk)}, queryset=Insight.objects.all()).qs) == set(
        Insight.objects.filter(opportunity=deal)
    )


def test_products_that_have_become_one_stand_once(in_mercy, elena):
    echo, old = (Product.objects.create(code=code, name=code) for code in ("ECHO", "OLD"))
    log(elena, in_mercy.rep, product=echo)
    log(elena, in_mercy.rep, product=old, outcome="won")
    merge_product(old.pk, into=echo.pk)
    (one,) = board(by="product").groups
    assert (one.name, one.cases.won, one.cases.decided) == ("ECHO", 1, 2)
    assert board(product=echo.pk).total.decided == 2
