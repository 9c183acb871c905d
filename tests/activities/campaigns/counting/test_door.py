"""Every filter with the raw request, and what is never stored."""

from datetime import timedelta

import crawleruseragents
import pytest
from django.test import Client

from activities.campaigns.counting import door
from activities.campaigns.counting.models import DaySalt, Filtered, WebDay, WebEvent
from activities.campaigns.counting.rules import MOST_OF_MEMBER
from activities.campaigns.planning.models import Link, Member
from activities.campaigns.planning.service import end_campaign
from prm.core import clock
from prm.tenancy.context import tenant_scope
from tests.activities import factories as people
from tests.activities.campaigns import factories as make

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)


def stored():
    return WebEvent.objects.count(), {row.why: row.requests for row in Filtered.objects.all()}


def test_a_person_is_led_to_the_page_and_counted_before_the_answer(elena):
    made = make.running(elena)
    token = make.token(made, elena)
    answer = make.ask(token)
    assert answer.status_code == 302
    assert answer["Location"] == f"https://{make.HOST}/echo-lab-page#c={token}"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    event = WebEvent.objects.get()
    assert (event.act, event.member.partner_id, event.verdict) == ("click", elena.pk, "")


@pytest.mark.parametrize(
    ("why", "sent"),
    [
        ("head", {"method": "head"}),
        ("ahead", {"purpose": "prefetch"}),
        ("ahead", {"sec_purpose": "prefetch;prerender"}),
        ("ahead", {"sec_purpose": "prefetch;anonymous-client-ip"}),
        ("ahead", {"x_moz": "prefetch"}),
        ("ahead", {"x_purpose": "preview"}),
        ("robot", {"agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("robot", {"agent": "python-requests/2.32.3"}),
        ("robot", {"agent": "curl/8.5.0"}),
        ("robot", {"agent": ""}),
        ("wish", {"dnt": "1"}),
        ("wish", {"sec_gpc": "1"}),
        ("staff", {"address": "203.0.113.9"}),
    ],
)
def test_what_is_no_partner_who_looks_is_led_on_and_not_counted(elena, why, sent):
    made = make.running(elena)
    make.counting(networks=["203.0.113.0/24"])
    answer = make.ask(make.token(made, elena), **sent)
    assert answer.status_code == 302
    assert stored() == (0, {why: 1})


@pytest.mark.parametrize("sent", [{"dnt": "0"}, {"sec_gpc": "0"}, {"purpose": ""}, {"agent": CHROME}])
def test_who_only_looks_like_it_is_counted(elena, sent):
    made = make.running(elena)
    make.ask(make.token(made, elena), **sent)
    assert stored() == (1, {})


def test_our_own_people_are_known_by_their_session_and_partners_are_counted(mercy, elena, client_for):
    made = make.running(elena)
    token = make.token(made, elena)
    rep = client_for(mercy.rep)
    assert rep.get(f"/c/{token}", headers={"user-agent": CHROME}).status_code == 302
    assert stored() == (0, {"staff": 1})
    Client().get(f"/c/{token}", headers={"user-agent": CHROME})
    assert stored() == (1, {"staff": 1})


def test_who_is_held_out_and_got_it_from_a_colleague_is_led_on_and_not_counted(elena):
    made = make.running(elena)
    token = make.token(made, elena)
    Member.objects.update(group="held")
    assert make.ask(token).status_code == 302
    assert stored() == (0, {"held": 1})
    make.settled()
    assert Member.objects.get().came_on is None


def test_more_than_a_day_can_hold_of_a_link_in_public_is_led_on_and_not_counted(elena, monkeypatch):
    monkeypatch.setattr(door, "MOST_IN_PUBLIC", 2)
    token = make.token(make.running(elena))
    for n in range(4):
        assert make.ask(token, agent=f"{CHROME} Edg/{n}").status_code == 302
    assert WebEvent.objects.count() == 2
    assert sum(Filtered.objects.filter(why="many").values_list("requests", flat=True)) == 2


def test_one_visitor_hitting_one_link_ten_thousand_times_is_one_row(elena):
    made = make.running(elena)
    token = make.token(made, elena)
    for _ in range(300):
        make.ask(token)
    assert stored() == (1, {})
    make.settled()
    for _ in range(20):
        make.ask(token)
    make.settled()
    assert (WebDay.objects.get().visits, Link.objects.get().visits) == (1, 1)


def test_a_robot_hitting_one_link_many_times_is_a_handful_of_rows(elena):
    made = make.running(elena)
    for _ in range(200):
        make.ask(make.token(made, elena), agent="curl/8")
    assert Filtered.objects.count() <= 8
    assert sum(Filtered.objects.values_list("requests", flat=True)) == 200


def test_however_many_browsers_somebody_pretends_to_be_storage_is_bounded(elena):
    made = make.running(elena)
    token = make.token(made, elena)
    for n in range(MOST_OF_MEMBER + 10):
        make.ask(token, agent=f"{CHROME} Edg/{n}")
    assert WebEvent.objects.count() == MOST_OF_MEMBER
    assert sum(Filtered.objects.filter(why="many").values_list("requests", flat=True)) == 10


def test_neither_address_nor_browser_is_kept_and_the_salt_goes_with_the_day(elena, monkeypatch):
    made = make.running(elena)
    make.ask(make.token(made, elena), address="198.51.100.7")
    row = WebEvent.objects.values().get()
    assert "198.51.100" not in str(row) and "iPhone" not in str(row)
    first = bytes(WebEvent.objects.get().visitor)
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "system_time", lambda: later)
    make.settled()
    assert not DaySalt.objects.exists()
    door.forget()
    make.ask(make.token(made, elena), address="198.51.100.7")
    second = bytes(WebEvent.objects.order_by("-day").first().visitor)
    assert first != second


@pytest.mark.parametrize("wrong", ["changed", "short", "anything", "other"])
def test_a_token_that_is_not_ours_leads_nowhere_and_stores_nothing(elena, wrong):
    made = make.running(elena)
    token = make.token(made, elena)
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    text = {"changed": changed, "short": token[:-1], "anything": "x" * 80, "other": "../../admin"}[wrong]
    answer = make.ask(text)
    assert answer.status_code == 404
    assert "This link leads nowhere" in answer.content.decode()
    assert stored() == (0, {})


def test_a_token_of_another_tenant_counts_there_and_never_under_our_name(elena, anchor):
    made = make.running(elena)
    make.counting(tracking_host="go.mercy.example")
    ours = make.token(made, elena)
    with tenant_scope(anchor.tenant):
        theirs = make.running(people.partner("Agent Smith"))
        token = make.token(theirs, Member.objects.get().partner)
    door.forget()
    answer = make.ask(token, host="go.mercy.example")
    assert answer.status_code == 404
    assert stored() == (0, {})
    with tenant_scope(anchor.tenant):
        assert stored() == (0, {})
    assert make.ask(ours, host="go.mercy.example").status_code == 302
    assert make.ask(ours, host="evil.example").status_code == 404


def test_an_ended_campaign_says_so_names_the_page_and_counts_nothing(elena):
    made = make.running(elena)
    token = make.token(made, elena)
    end_campaign(campaign=made)
    answer = make.ask(token)
    assert answer.status_code == 410
    words = answer.content.decode()
    assert "This campaign has ended" in words and f"https://{make.HOST}/echo-lab-page" in words
    assert stored() == (0, {})


def test_a_member_who_was_removed_and_a_draft_lead_nowhere(elena):
    made = make.running(elena, sent=False)
    token = make.token(made, elena)
    from activities.campaigns.planning.service import unstart_campaign

    unstart_campaign(campaign=made)
    assert make.ask(token).status_code == 404
    assert stored() == (0, {})


def test_the_picture_is_always_a_picture(elena):
    made = make.running(elena)
    for token in (make.token(made, elena, link=None), "x" * 80):
        answer = make.ask(token, suffix=".gif")
        assert (answer.status_code, answer["Content-Type"], answer.content[:3]) == (200, "image/gif", b"GIF")
    assert WebEvent.objects.get().act == "open"


def test_the_script_is_small_and_tells_what_was_seen(elena):
    answer = make.ask("seen.js")
    assert answer.status_code == 200 and len(answer.content) < 2_000
    assert b"cookie" not in answer.content.replace(b"No cookie", b"")
    made = make.running(elena)
    make.ask(make.token(made, elena), suffix=".gif")
    make.ask(make.token(made, elena), suffix=".gif?a=stay")
    assert sorted(WebEvent.objects.values_list("act", flat=True)) == ["seen", "stay"]


def test_other_methods_are_refused(elena):
    assert make.ask("x" * 80, method="post").status_code == 405


def test_a_link_in_public_counts_without_a_partner(elena):
    made = make.running(elena)
    assert make.ask(make.token(made)).status_code == 302
    make.ask(make.token(made), address="198.51.100.99")
    make.settled()
    assert (Link.objects.get().visits, Link.objects.get().partners, WebDay.objects.count()) == (2, 0, 0)


def test_the_door_asks_little(elena, django_assert_num_queries):
    made = make.running(elena)
    token = make.token(made, elena)
    make.ask(token)
    # In the transaction of a test: a savepoint, who acts, the row, the event, and back.
    with django_assert_num_queries(6):
        make.ask(token, address="198.51.100.8")


def test_the_names_of_robots_are_ready_before_the_first_visitor(elena, monkeypatch):
    made = make.running(elena)
    token = make.token(made, elena)
    monkeypatch.setattr(crawleruseragents, "CRAWLER_PATTERNS", crawleruseragents.CrawlerPatterns())
    door.LinkMiddleware(lambda request: None)
    monkeypatch.setattr(
        crawleruseragents.re, "compile", lambda *words: pytest.fail("compiled while somebody waited")
    )
    assert make.ask(token, agent="Mozilla/5.0 (X11) a browser nobody has asked with").status_code == 302
