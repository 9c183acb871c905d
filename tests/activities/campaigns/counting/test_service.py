from datetime import timedelta

from activities.campaigns.counting import service
from activities.campaigns.counting.models import Filtered, FilteredTotal, WebDay, WebEvent
from activities.campaigns.planning.models import Link, Member
from prm.core import clock
from prm.tenancy.work.service import is_asked
from tests.activities import factories as people
from tests.activities.campaigns import factories as make

PAGES = ("Echo lab page", "Open evening", "Referral form", "Directions")


def scanned(made, partner, links):
    for n in range(links):
        make.ask(
            make.token(made, partner, n),
            address="192.0.2.50",
            agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        )


def test_many_links_at_once_and_nothing_after_is_a_scanner(elena):
    made = make.running(elena, links=PAGES)
    scanned(made, elena, 4)
    make.settled()
    assert {row.why: row.requests for row in Filtered.objects.all()} == {"scanner": 4}
    assert not WebDay.objects.exists()
    member = Member.objects.get()
    assert (member.filtered, member.opened_on, member.pages) == ("scanner", None, 0)


def test_the_person_after_the_scanner_is_counted(elena):
    made = make.running(elena, links=PAGES)
    scanned(made, elena, 4)
    WebEvent.objects.update(at=clock.now() - timedelta(minutes=2))
    make.ask(make.token(made, elena, 0))
    make.settled()
    assert WebDay.objects.get().visits == 1
    member = Member.objects.get()
    assert (member.pages, member.filtered) == (1, "")


def test_who_looks_at_a_page_after_many_links_is_a_person(elena):
    made = make.running(elena, links=PAGES)
    for n in range(3):
        make.ask(make.token(made, elena, n))
    make.ask(make.token(made, elena, 0), suffix=".gif?a=stay")
    make.settled()
    assert WebDay.objects.count() == 3
    assert not Filtered.objects.exists()


def test_of_two_links_two_at_once_are_a_scanner_and_of_one_nobody_knows(elena):
    two = make.running(elena, links=PAGES[:2])
    scanned(two, elena, 2)
    one = make.running(elena, links=PAGES[:1], name="One link")
    scanned(one, elena, 1)
    make.settled()
    assert [(row.campaign_id, row.why) for row in Filtered.objects.all()] == [(two.pk, "scanner")]
    assert WebDay.objects.get().campaign_id == one.pk


def test_a_click_and_what_the_script_tells_are_one_visit(elena):
    made = make.running(elena)
    token = make.token(made, elena)
    make.ask(token)
    make.settled()
    make.ask(token, suffix=".gif")
    make.ask(token, suffix=".gif?a=stay")
    make.settled()
    assert (WebDay.objects.get().visits, Link.objects.get().visits, Member.objects.get().pages) == (1, 1, 1)


def test_two_visitors_of_two_partners(elena):
    other = people.partner("Dr. Samuel Okafor")
    made = make.running(elena, other, links=PAGES)
    for partner, address in ((elena, "198.51.100.1"), (elena, "198.51.100.2"), (other, "198.51.100.3")):
        make.ask(make.token(made, partner), address=address)
    make.settled()
    link = made.links.get(number=1)
    assert (link.visits, link.partners) == (3, 2)
    assert dict(WebDay.objects.values_list("partner_id", "visits")) == {elena.pk: 2, other.pk: 1}
    make.ask(make.token(made, elena), address="198.51.100.4")
    make.settled()
    link.refresh_from_db()
    assert (link.visits, link.partners) == (4, 2)


def test_a_letter_opened_is_no_visit(elena):
    made = make.running(elena)
    make.ask(make.token(made, elena, None), suffix=".gif")
    make.settled()
    member = Member.objects.get()
    assert (member.opens, member.pages, member.came_on) == (1, 0, None)
    assert member.opened_on is not None
    assert not WebDay.objects.exists()


def test_settling_waits_a_moment_and_twice_changes_nothing(elena):
    made = make.running(elena)
    make.ask(make.token(made, elena))
    service.settle()
    assert not WebDay.objects.exists()
    make.settled()
    make.settled()
    assert WebDay.objects.get().visits == 1


def test_days_that_are_over_leave_sums_only(elena, monkeypatch):
    made = make.running(elena)
    make.ask(make.token(made, elena))
    make.ask(make.token(made, elena), agent="curl/8")
    make.ask(make.token(made, elena), dnt="1")
    make.settled()
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "system_time", lambda: later)
    make.ask(make.token(made, elena), agent="curl/8")
    assert service.forget_old() is False
    assert not WebEvent.objects.exists()
    assert {row.why: row.requests for row in FilteredTotal.objects.all()} == {"robot": 1, "wish": 1}
    assert Filtered.objects.get().why == "robot"
    assert WebDay.objects.count() == 1


def test_visits_are_kept_as_long_as_the_tenant_says(elena, monkeypatch):
    made = make.running(elena)
    make.counting(keep_months=2)
    make.ask(make.token(made, elena))
    make.settled()
    link = Link.objects.get()
    later = clock.now() + timedelta(days=70)
    monkeypatch.setattr(clock, "system_time", lambda: later)
    service.forget_old()
    assert not WebDay.objects.exists()
    assert link.visits == Link.objects.get().visits == 1


def test_the_sweep_asks_for_settling_where_there_is_something(elena):
    from activities.campaigns.counting import tasks

    made = make.running(elena)
    make.ask(make.token(made, elena))
    WebEvent.objects.update(at=clock.now() - timedelta(minutes=1))
    assert not is_asked("campaigns.settle", {})
    tasks.sweep()
    assert is_asked("campaigns.settle", {})
