"""Counting, whatever comes in whatever order and in slices of whatever size: the same figures as counted by hand."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.campaigns.counting import service
from activities.campaigns.counting.models import WebDay, WebEvent
from activities.campaigns.planning.models import Member
from activities.campaigns.states import Act
from prm.core import calendar, clock
from prm.tenancy.context import current_tenant
from tests.activities import factories as people
from tests.activities.campaigns import factories as make

ON_PAGES = [Act.CLICK, Act.SEEN, Act.STAY]
LOOKS = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 2), st.sampled_from(ON_PAGES))
OPENED = st.tuples(st.integers(0, 1), st.none(), st.integers(0, 2), st.just(Act.OPEN))


@pytest.fixture
def campaign(elena):
    """Two partners, two pages."""
    return make.running(elena, people.partner("Dr. Baker"), links=("Echo lab page", "Directions"))


def stored(campaign, acts):
    """Put in what came, ten seconds apart, so that nothing of it looks like a scanner."""
    members, links = list(Member.objects.order_by("pk")), list(campaign.links.all())
    now = clock.now() - timedelta(hours=1)
    WebEvent.objects.bulk_create(
        (
            WebEvent(
                campaign=campaign,
                member=members[member],
                link=None if link is None else links[link],
                day=calendar.today(current_tenant()),
                visitor=bytes([visitor]) * 12,
                act=act,
                at=now + timedelta(seconds=10 * place),
            )
            for place, (member, link, visitor, act) in enumerate(acts)
        ),
        ignore_conflicts=True,
    )
    return members, links


@given(acts=st.lists(LOOKS | OPENED, max_size=24), size=st.integers(1, 5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_counted_by_hand(campaign, monkeypatch, acts, size):
    monkeypatch.setattr(service, "SLICE", size)
    visits = {(member, link, visitor) for member, link, visitor, act in acts if act != Act.OPEN}
    opens = {(member, visitor) for member, _, visitor, act in acts if act == Act.OPEN}
    with transaction.atomic():
        members, links = stored(campaign, acts)
        while make.settled():
            pass
        assert not make.settled()
        for place, link in enumerate(links):
            link.refresh_from_db()
            mine = [one for one in visits if one[1] == place]
            assert (link.visits, link.partners) == (len(mine), len({member for member, _, _ in mine}))
        for place, member in enumerate(members):
            member.refresh_from_db()
            pages = [one for one in visits if one[0] == place]
            opened = [one for one in opens if one[0] == place]
            assert (member.pages, member.opens) == (len(pages), len(opened))
            assert (member.came_on is not None) == bool(pages)
            assert (member.opened_on is not None) == bool(pages or opened)
        days = {(one.partner_id, one.link_id): one.visits for one in WebDay.objects.all()}
        assert sum(days.values()) == len(visits)
        assert all(count > 0 for count in days.values())
        transaction.set_rollback(True)


@given(acts=st.lists(LOOKS, min_size=1, max_size=12), again=st.integers(1, 3))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_again_counts_once_however_late(campaign, acts, again):
    with transaction.atomic():
        for _ in range(again):
            stored(campaign, acts)
            while make.settled():
                pass
        wanted = len({(member, link, visitor) for member, link, visitor, _ in acts})
        assert sum(link.visits for link in campaign.links.all()) == wanted
        transaction.set_rollback(True)
