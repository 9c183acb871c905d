"""Web visits in the score: they fade, and who was never written to is not judged."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.campaigns.counting.models import WebDay
from activities.campaigns.score_components import explain_web, fraction
from partners.standing.models import Standing
from partners.standing.service import recompute_standings
from prm.core import calendar
from prm.tenancy.context import current_tenant
from tests.activities import factories as people
from tests.activities.campaigns import factories as make
from tests.partners.factories import make_months


def web_of(partner):
    recompute_standings([partner.pk])
    parts = {part["key"]: part for part in Standing.objects.get(partner=partner).components}
    return parts.get("web")


def opened(made, partner, days_ago=0, visits=1):
    day = calendar.today(current_tenant()) - timedelta(days=days_ago)
    return WebDay.objects.create(
        partner=partner, campaign=made, link=made.links.get(number=1), day=day, visits=visits
    )


@pytest.fixture
def elena(in_mercy):
    found = people.partner()
    make_months(found, calendar.month_start(calendar.today(current_tenant())), [500] * 4)
    return found


def test_a_tenant_without_campaigns_is_not_judged_by_them(elena):
    assert web_of(elena)["fraction"] is None


def test_a_partner_of_whom_nothing_was_seen_is_not_judged(elena):
    other = people.partner("Dr. Samuel Okafor")
    opened(make.running(elena, other), other)
    assert web_of(elena)["fraction"] is None
    assert web_of(other)["fraction"] > 0


def test_visits_fade_to_a_half_in_thirty_days(elena):
    made = make.running(elena)
    row = opened(made, elena, visits=3)
    fresh = web_of(elena)
    assert fresh["fraction"] == pytest.approx(0.5, abs=1e-3)
    row.delete()
    opened(made, elena, days_ago=30, visits=3)
    assert web_of(elena)["fraction"] == pytest.approx(1.5 / 4.5, abs=1e-3)


def test_many_visits_of_one_page_on_one_day_count_as_three(elena):
    made = make.running(elena)
    opened(made, elena, visits=500)
    assert web_of(elena)["fraction"] == pytest.approx(0.5, abs=1e-3)


def test_what_lies_half_a_year_back_counts_no_more(elena):
    opened(make.running(elena), elena, days_ago=181)
    assert web_of(elena)["fraction"] is None


def test_weights_that_are_shown_add_up_to_a_hundred(elena):
    opened(make.running(elena), elena)
    web_of(elena)
    shown = [part["weight"] for part in Standing.objects.get(partner=elena).components if part["weight"]]
    assert sum(shown) == pytest.approx(100, abs=0.5)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_is_never_worth_less(one, other):
    low, high = sorted((one, other))
    assert 0 <= fraction(low) <= fraction(high) <= 1


def test_sentences():
    last = date(2026, 11, 18)
    assert (
        explain_web({"visits": 4, "last_on": last.isoformat()}, None)
        == "4 page visits in 180 days, at least; last on 18 November"
    )
    assert explain_web({}, None) == "Cannot tell: none of our pages opened in 180 days, as far as we see"
