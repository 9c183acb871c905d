"""What activities tell in the digest."""

from datetime import timedelta

import pytest

from activities.market.budgets.models import Opportunity
from activities.market.digest_topics import TOPICS
from activities.market.names.models import Competitor
from activities.market.news.models import MarketNews
from activities.plans.service import set_call_plan
from activities.today.digest_topics import ACTS
from activities.visits.models import Visit
from partners.share.queries import open_request
from partners.share.service import ask_reps
from prm.core import calendar
from prm.core.clock import now
from prm.digest.lines.queries import digest_for
from prm.tenancy.context import tenant_scope
from tests.activities.factories import opportunity, partner, visit


def told(house, who, key):
    with tenant_scope(house.tenant):
        found = digest_for(
            getattr(house, who), since=now() - timedelta(days=1), until=now() + timedelta(seconds=1)
        )
        return [line for section in found.sections if section.topic.key == key for line in section.lines]


@pytest.fixture
def elena(mercy):
    with tenant_scope(mercy.tenant):
        return partner(rep=mercy.rep)


def promised(house, elena, days, step="Call"):
    with tenant_scope(house.tenant):
        due = calendar.today(house.tenant) + timedelta(days=days)
        return visit(elena, house.rep, days_ago=9, next_step=step, next_step_due=due)


def test_what_is_due_is_told_most_urgent_first_and_what_is_not_is_not(mercy, elena):
    for days, step in ((0, "Today's"), (-4, "Late"), (2, "Later")):
        promised(mercy, elena, days, step)
    lines = told(mercy, "rep", "promises")
    assert [(line.title, line.words) for line in lines] == [
        ("Late", "Promised to Dr. Elena Marchetti, 4 days late."),
        ("Today's", "Promised to Dr. Elena Marchetti, today."),
    ]
    assert told(mercy, "manager", "promises") == []


def test_a_promise_is_ticked_off_by_whoever_made_it(mercy, elena):
    made = promised(mercy, elena, -1)
    act = next(one for one in ACTS if one.key == "promise-kept")
    with tenant_scope(mercy.tenant):
        assert act.ask(mercy.manager, made.pk) is None
        asked = act.ask(mercy.rep, made.pk)
        assert (asked.title, asked.is_done) == ("Call", False)
        act.do(mercy.rep, made.pk)
        assert act.ask(mercy.rep, made.pk).is_done
        assert Visit.objects.get().next_step_done_at is not None
    assert told(mercy, "rep", "promises") == []


def test_an_estimate_asked_for_is_told_and_answered_by_cannot_say_from_the_mail(mercy, elena):
    act = next(one for one in ACTS if one.key == "estimate-unknown")
    with tenant_scope(mercy.tenant):
        ask_reps([elena.pk], note="For the review", by=mercy.manager)
        asked = open_request(elena.pk)
    [line] = told(mercy, "rep", "estimates-asked")
    assert (line.title, line.act) == (elena.name, ("estimate-unknown", asked.pk))
    assert line.words.endswith("here and elsewhere: “For the review”")
    assert line.path.endswith(f"/partners/{elena.pk}/estimates/add/")
    with tenant_scope(mercy.tenant):
        assert act.ask(mercy.manager, asked.pk) is None
        assert not act.ask(mercy.rep, asked.pk).is_done
        act.do(mercy.rep, asked.pk)
        act.do(mercy.rep, asked.pk)
        assert act.ask(mercy.rep, asked.pk).is_done
    assert told(mercy, "rep", "estimates-asked") == []


def test_visits_that_the_plan_asks_for_are_told(mercy, elena):
    with tenant_scope(mercy.tenant):
        set_call_plan(partner=elena, visits=31)
    [line] = told(mercy, "rep", "visits-due")
    assert line.title == elena.name
    assert line.words


def test_budgets_that_were_asked_about_are_told_their_owner(mercy, elena):
    with tenant_scope(mercy.tenant):
        found = opportunity(elena, mercy.rep)
        Opportunity.objects.filter(pk=found.pk).update(asked_at=now())
    [line] = told(mercy, "rep", "budgets-asked")
    assert line.title == "Echo lab, Q1, Dr. Elena Marchetti"
    assert line.words == "Is $90,000 still right?"


def test_news_of_the_competition_are_told_whom_they_concern(mercy, elena):
    with tenant_scope(mercy.tenant):
        rival = Competitor.objects.create(name="St. Brendan")
        MarketNews.objects.create(
            kind="near", competitor=rival, key="easton", words="Easton", count=3, reps=[mercy.rep.pk]
        )
        MarketNews.objects.create(kind="losses", competitor=rival, key="x", words="Price", count=4, reps=[])
    assert [line.words for line in told(mercy, "rep", "competition")] == ["New near 3 providers in Easton."]
    assert len(told(mercy, "manager", "competition")) == 2
    assert all(topic.is_news for topic in TOPICS if topic.key == "competition")
