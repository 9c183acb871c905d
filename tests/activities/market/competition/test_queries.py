"""What was observed of the competition, per partner and by name."""

from datetime import date, timedelta

import pytest
from django.db.models import Q

from activities.market.competition.models import Competitor, Differentiator
from activities.market.competition.queries import MOST_CHIPS, Against, decided_cases, frequent_names, heard_of
from prm.core import calendar
from prm.tenancy.context import current_tenant
from tests.activities import factories as make

EVERYBODY = Q()


@pytest.fixture
def elena(in_mercy):
    return make.partner(rep=in_mercy.rep)


@pytest.fixture
def today(in_mercy):
    return calendar.today(current_tenant())


def cases(today, partners=EVERYBODY, days=730):
    return decided_cases(partners, after=today - timedelta(days=days), until=today)


def test_cases_are_counted_by_competitor_and_what_was_heard_is_none(in_mercy, elena, today):
    for outcome in ("won", "lost", "lost", "observed"):
        make.insight(elena, in_mercy.rep, outcome=outcome)
    make.insight(elena, in_mercy.rep, competitor="University", outcome="won")
    assert sorted(cases(today)[elena.pk]) == [Against(1, 1, 1, "University"), Against(3, 1, 0, "St. Brendan")]


def test_who_met_nobody_is_not_there(in_mercy, elena, today):
    make.insight(elena, in_mercy.rep, outcome="observed")
    assert cases(today) == {}


@pytest.mark.parametrize(("days_ago", "counts"), [(0, True), (729, True), (730, False)])
def test_cases_count_for_so_many_days(in_mercy, elena, today, days_ago, counts):
    make.insight(elena, in_mercy.rep, happened_on=today - timedelta(days=days_ago))
    assert (elena.pk in cases(today)) is counts


def test_a_past_day_knows_nothing_of_later_cases(in_mercy, elena, today):
    make.insight(elena, in_mercy.rep, happened_on=today)
    yesterday = today - timedelta(days=1)
    assert decided_cases(EVERYBODY, after=date(2000, 1, 1), until=yesterday) == {}


def test_only_the_partners_asked_for_are_read_and_with_two_queries(
    in_mercy, elena, today, django_assert_num_queries
):
    others = [make.partner(f"Dr. {number}") for number in range(3)]
    for partner in (elena, *others):
        make.insight(partner, in_mercy.rep)
    with django_assert_num_queries(2):
        assert set(cases(today, Q(partner_id=elena.pk))) == {elena.pk}


def test_what_was_heard_stands_on_the_chart_of_its_days(in_mercy, elena, today):
    make.insight(elena, in_mercy.rep, outcome="observed", note="Opens a clinic.", happened_on=today)
    make.insight(elena, in_mercy.rep, outcome="lost", happened_on=today)
    make.insight(elena, in_mercy.rep, outcome="observed", happened_on=today - timedelta(days=9))
    first = today - timedelta(days=8)
    assert heard_of(elena, first=first, last=today) == [(today, "St. Brendan", "Opens a clinic.")]


def test_names_most_used_in_a_year_stand_first(in_mercy, elena, today):
    for competitor, times in (("Summit", 1), ("University", 3), ("St. Brendan", 2)):
        for _ in range(times):
            make.insight(elena, in_mercy.rep, competitor=competitor, differentiators=["Price"])
    Differentiator.objects.create(name="Access")
    assert [name for _, name in frequent_names(Competitor)] == ["University", "St. Brendan", "Summit"]
    assert [name for _, name in frequent_names(Differentiator)] == ["Price", "Access"]


def test_a_name_used_long_ago_only_is_not_offered(in_mercy, elena, today):
    make.insight(elena, in_mercy.rep, competitor="Gone", happened_on=today - timedelta(days=400))
    make.insight(elena, in_mercy.rep, competitor="Here")
    assert [name for _, name in frequent_names(Competitor)] == ["Here"]


def test_no_more_names_are_offered_than_fit(in_mercy, elena):
    for number in range(MOST_CHIPS + 2):
        Competitor.objects.create(name=f"Competitor {number}")
    assert len(frequent_names(Competitor)) == MOST_CHIPS
