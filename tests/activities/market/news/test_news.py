"""News of the competition: what concerns whom, and each thing once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from activities.market.names.models import Competitor
from activities.market.names.service import place
from activities.market.news import service
from activities.market.news.models import MarketNews
from activities.market.news.queries import news_for, news_since
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.activities.pages import url

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _now(clock_at):
    clock_at(NOW)


def old(name):
    Competitor.objects.filter(name=name).update(created_at=NOW - timedelta(days=200))


def lose(partner, rep, *, times=3, days_ago=5, **details):
    details = {"differentiators": ["Price"]} | details
    for _ in range(times):
        make.insight(partner, rep, happened_on=TODAY - timedelta(days=days_ago), **details)
    old("St. Brendan")


def test_three_losses_in_a_month_for_one_reason_are_told_once(in_mercy):
    elena = make.partner(rep=in_mercy.rep)
    lose(elena, in_mercy.rep, times=2)
    assert service.look() == 0
    lose(elena, in_mercy.rep, times=1)
    assert service.look() == 1
    lose(elena, in_mercy.rep, times=4)
    assert service.look() == 0
    (one,) = news_for(in_mercy.rep.pk, NOW - timedelta(days=1))
    assert (one.kind, one.words, one.count, one.competitor.name) == ("losses", "Price", 3, "St. Brendan")
    assert news_for(in_mercy.manager.pk, NOW - timedelta(days=1)) == []
    assert news_since(NOW - timedelta(days=1)) == [one]


@pytest.mark.parametrize(
    "details", [{"outcome": "won"}, {"differentiators": []}, {"days_ago": 40}, {"outcome": "observed"}]
)
def test_wins_losses_without_a_reason_and_those_of_another_month_are_no_news(in_mercy, details):
    lose(make.partner(rep=in_mercy.rep), in_mercy.rep, **details)
    assert service.look() == 0


def test_a_list_of_old_cases_brings_nobody_new(in_mercy):
    elena = make.partner(rep=in_mercy.rep, city="Dover")
    make.insight(elena, in_mercy.rep, competitor="St. Brendan", happened_on=TODAY - timedelta(days=400))
    make.insight(elena, in_mercy.rep, competitor="Ridgeway", happened_on=TODAY - timedelta(days=4))
    assert service.look() == 1
    (one,) = MarketNews.objects.select_related("competitor")
    assert (one.competitor.name, one.words, one.count) == ("Ridgeway", "Dover", 1)


def test_losses_for_several_reasons_are_no_news(in_mercy):
    elena = make.partner(rep=in_mercy.rep)
    for reason in ("Price", "Place", "Speed"):
        lose(elena, in_mercy.rep, times=1, differentiators=[reason])
    assert service.look() == 0


def test_a_new_competitor_near_partners_is_told_to_their_reps_once(in_mercy):
    elena = make.partner(rep=in_mercy.rep, city="Dover")
    make.partner("Dr. Okafor", rep=in_mercy.rep, city="DOVER")
    make.partner("Dr. Chow", city="Albany")
    make.insight(elena, in_mercy.rep, competitor="Ridgeway", outcome="observed", happened_on=TODAY)
    assert service.look() == 1
    assert service.look() == 0
    (one,) = news_for(in_mercy.rep.pk, NOW - timedelta(days=1))
    assert (one.kind, one.words, one.count) == ("near", "Dover", 2)


def test_its_office_counts_before_the_place_where_it_was_named(in_mercy):
    elena = make.partner(rep=in_mercy.rep, city="Dover")
    make.insight(elena, in_mercy.rep, competitor="Ridgeway", happened_on=TODAY)
    place(competitor=Competitor.objects.get(), city="Albany")
    assert service.look() == 0
    make.partner("Dr. Chow", city="albany")
    assert service.look() == 1


def test_a_competitor_known_for_long_is_no_news(in_mercy):
    elena = make.partner(rep=in_mercy.rep, city="Dover")
    make.insight(elena, in_mercy.rep, competitor="Ridgeway", happened_on=TODAY)
    old("Ridgeway")
    assert service.look() == 0


def test_the_database_keeps_each_thing_once(in_mercy):
    rival = make.insight(make.partner(), None).competitor
    row = {"kind": "near", "competitor": rival, "key": "dover", "words": "Dover", "count": 1}
    MarketNews.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        MarketNews.objects.create(**row)


def test_today_and_the_board_show_it(mercy, rep, manager, outsider):
    with tenant_scope(mercy.tenant):
        lose(make.partner(rep=mercy.rep), mercy.rep)
        service.look()
    words = "3 losses in a month for one reason: Price"
    assert words in rep.get(url("today")).content.decode()
    assert words in manager.get(url("competition")).content.decode()
    assert words in rep.get(url("competition")).content.decode()
    assert words not in outsider.get(url("competition")).content.decode()
