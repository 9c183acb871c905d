"""The pages of campaigns, from a draft to its result."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from activities.campaigns.members.service import write_letters
from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.results.service import count_figures
from activities.lists.runs.models import BringRun
from prm.core import calendar, clock
from prm.tenancy.context import SYSTEM, acting_as, bound_tenant, tenant_scope
from prm.ui.formatting import day
from prm.ui.parts import PROGRESS_QUERY
from tests.activities import factories as people
from tests.activities.campaigns import factories as make


def url(name, **kwargs):
    return reverse(f"campaigns:{name}", kwargs={"tenant": "mercy", **kwargs})


@pytest.fixture
def manager(mercy, client_for):
    return client_for(mercy.manager)


def form(mercy, **changes):
    with tenant_scope(mercy.tenant):
        today = calendar.today(mercy.tenant)
    data = {
        "name": "Echo lab opens",
        "channels": ["email", "event"],
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=60)).isoformat(),
        "holdout_percent": "0",
        "weeks": "8",
        "product": "",
        "budget": "8,000",
    }
    return data | changes


def test_from_a_draft_to_its_result(mercy, manager):
    with tenant_scope(mercy.tenant):
        elena = people.partner()
        make.counting()
    answer = manager.post(url("add"), form(mercy))
    assert answer.status_code == 302
    with tenant_scope(mercy.tenant):
        made = Campaign.objects.get()
    pk = made.pk
    page = manager.post(url("link-add", pk=pk), {"label": "Evil", "url": "javascript:alert(1)"}, follow=True)
    assert "is no page" in page.content.decode()
    manager.post(url("link-add", pk=pk), {"label": "Echo lab page", "url": f"https://{make.HOST}/echo"})
    page = manager.post(url("do", pk=pk, what="start"), follow=True)
    assert "Nobody is a member yet" in page.content.decode()
    with tenant_scope(mercy.tenant), acting_as(SYSTEM):
        from activities.campaigns.members.service import add_members

        add_members(campaign=made, partners=[elena.pk])
    manager.post(url("do", pk=pk, what="start"))
    manager.post(url("sent", pk=pk), {"on": form(mercy)["starts_on"]})
    letters = b"".join(manager.get(url("letters", pk=pk) + "?export=csv")).decode()
    token = re.search(r"/c/([\w-]{80})(?=[,\r\n])", letters)[1]
    assert "Dr. Elena Marchetti" in letters and ".gif" in letters
    assert make.ask(token)["Location"].startswith(f"https://{make.HOST}/echo#c=")
    with tenant_scope(mercy.tenant):
        make.settled()
        make.order(elena)
        with acting_as(SYSTEM):
            count_figures(pk)
    words = manager.get(url("campaign", pk=pk)).content.decode()
    assert "Cannot tell: nobody held out." in words
    assert "1 of 1 ordered" in words
    assert "A lower bound" in words
    with tenant_scope(mercy.tenant):
        link = made.links.get().pk
    assert "Dr. Elena Marchetti" in manager.get(url("days", pk=pk, link=link)).content.decode()
    assert "The list is closed" in manager.get(url("members", pk=pk)).content.decode()
    assert "nobody held out" in manager.get(url("campaigns")).content.decode()


def test_members_show_no_coin_before_the_start(mercy, manager):
    with tenant_scope(mercy.tenant):
        partners = [people.partner(f"Dr. {n}") for n in range(4)]
        made = make.campaign(holdout_percent=50)
        with acting_as(SYSTEM):
            from activities.campaigns.members.service import add_members

            add_members(campaign=made, partners=[one.pk for one in partners])
    words = manager.get(url("members", pk=made.pk)).content.decode()
    assert words.count("coin not shown yet") == 4
    assert "Held out" not in words.split("<tbody", 1)[1].split("</tbody>")[0]


def test_a_rep_reads_and_does_not_change(mercy, client_for):
    with tenant_scope(mercy.tenant):
        elena = people.partner(rep=mercy.rep)
        made = make.running(elena)
        guest = Member.objects.get()
    rep = client_for(mercy.rep)
    assert rep.get(url("campaign", pk=made.pk)).status_code == 200
    for name, extra in (("add", {}), ("edit", {"pk": made.pk}), ("letters", {"pk": made.pk})):
        assert rep.get(url(name, **extra)).status_code == 403
    assert rep.post(url("do", pk=made.pk, what="end")).status_code == 403
    here = url("came", pk=made.pk, member=guest.pk)
    assert "Is here" in rep.get(here).content.decode()
    rep.post(here)
    assert "Not here after all" in rep.get(here).content.decode()
    assert rep.get(url("qr", pk=made.pk, member=guest.pk)).content.startswith(b"<?xml")


def test_counting_is_set_by_an_administrator(mercy, client_for):
    administrator = client_for(mercy.administrator)
    data = {"hosts": "www.mercy.example\nnonsense", "consent": "Counted.", "keep_months": "24"}
    assert "is no name of a machine" in administrator.post(url("counting"), data).content.decode()
    assert administrator.post(url("counting"), data | {"hosts": "www.mercy.example"}).status_code == 302
    assert "www.mercy.example" in administrator.get(url("counting")).content.decode()
    assert client_for(mercy.manager).get(url("counting")).status_code == 403


def test_the_result_costs_the_same_for_one_member_and_for_many(mercy, manager, django_assert_num_queries):
    with tenant_scope(mercy.tenant):
        one = make.running(people.partner("Dr. A"), name="One")
        many = make.running(
            *(people.partner(f"Dr. {n}") for n in range(8)), name="Many", links=("A", "B", "C")
        )
        with acting_as(SYSTEM):
            count_figures(one.pk)
            count_figures(many.pk)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for made in (one, one, many):
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(url("campaign", pk=made.pk)).status_code == 200
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_who_came_is_ticked_and_taken_back(mercy, manager, client_for):
    with tenant_scope(mercy.tenant):
        guests = [people.partner(name) for name in ("Dr. Adams", "Dr. Baker")]
        made = make.running(*guests)
        adams, baker = (Member.objects.get(partner=one).pk for one in guests)
    rep = client_for(mercy.rep)
    page = rep.get(url("attendance", pk=made.pk) + "?q=adams").content.decode()
    assert "Dr. Adams" in page and "Dr. Baker" not in page
    note = url("attendance-note", pk=made.pk)

    def came():
        with tenant_scope(mercy.tenant):
            return set(Member.objects.exclude(attended_at=None).values_list("pk", flat=True))

    page = rep.post(note, {"shown": [adams, baker], "came": [adams, baker]}, follow=True)
    assert "2 members are here." in page.content.decode()
    assert came() == {adams, baker}
    # Only what was shown is changed.
    rep.post(note, {"shown": [baker], "came": []})
    assert came() == {adams}
    rep.post(note, {"shown": f"{adams},nonsense", "came": ""})
    assert came() == set()
    members = manager.get(url("members", pk=made.pk)).content.decode()
    assert f"kind=campaign-members&amp;default_campaign={made.pk}" in members


def test_members_from_a_file_begin_at_the_campaign(mercy, manager):
    with tenant_scope(mercy.tenant):
        made = make.campaign()
    add = reverse("bringing:add", kwargs={"tenant": "mercy"})
    address = f"{add}?kind=campaign-members&default_campaign={made.pk}"
    assert "Campaign of every row that names none" in manager.get(address).content.decode()
    manager.post(address, {"kind": "campaign-members", "pasted": "Code\nC7\n"})
    with tenant_scope(mercy.tenant):
        assert BringRun.objects.get().defaults == {"campaign": str(made.pk)}
    other = manager.get(f"{add}?kind=partners&default_campaign={made.pk}").content.decode()
    assert "of every row that names none" not in other


def test_many_letters_are_asked_for_and_taken_when_they_are_ready(mercy, manager, monkeypatch):
    monkeypatch.setattr("activities.campaigns.members.letters.MOST_AT_ONCE", 1)
    with tenant_scope(mercy.tenant):
        made = make.running(people.partner(), people.partner("Dr. Baker"))
    here = url("letters", pk=made.pk)
    assert "Write the file" in manager.get(here).content.decode()
    page = manager.post(url("letters-ask", pk=made.pk), follow=True).content.decode()
    assert f'hx-get="{here}?' in page
    assert manager.get(here, {"take": "1"}).headers.get("Content-Disposition") is None
    with bound_tenant(mercy.tenant), acting_as(SYSTEM):
        write_letters(made.pk)
    assert "2 members" in manager.get(here).content.decode()
    asked = manager.get(f"{here}?{PROGRESS_QUERY}", headers={"HX-Request": "true"})
    assert (asked.status_code, asked["HX-Refresh"]) == (204, "true")
    taken = manager.get(here, {"take": "1"})
    assert 'filename="letters-echo-lab-opens.csv"' in taken["Content-Disposition"]
    assert b"".join(taken).decode("utf-8-sig").count("Dr. ") == 2


def quiet_and_loud(mercy):
    """A campaign of four: one opened, one came, one did neither, one whose letter came back."""
    partners = [people.partner(f"Dr. {name}") for name in ("Opened", "Came", "Quiet", "Gone")]
    made = make.running(*partners)
    members = {one.partner.name: one for one in Member.objects.select_related("partner")}
    today = calendar.today(mercy.tenant)
    Member.objects.filter(pk=members["Dr. Opened"].pk).update(opened_on=today)
    Member.objects.filter(pk=members["Dr. Came"].pk).update(attended_at=clock.now())
    Member.objects.filter(pk=members["Dr. Gone"].pk).update(reach="unknown")
    Member.objects.filter(pk=members["Dr. Quiet"].pk).update(orders=2)
    return made


def test_mail_again_gives_letters_of_those_who_did_not_open_or_come(mercy, manager):
    with tenant_scope(mercy.tenant):
        made = quiet_and_loud(mercy)
    page = manager.get(url("again", pk=made.pk)).content.decode()
    assert "Did not open" in page
    assert "1 member" in page
    assert "2 members" in page
    for again, names in (
        ("unopened", ["Quiet"]),
        ("away", ["Opened", "Quiet"]),
        ("", ["Opened", "Came", "Quiet"]),
    ):
        words = manager.get(url("letters", pk=made.pk), {"again": again}).getvalue().decode("utf-8-sig")
        assert {name for name in ("Opened", "Came", "Quiet", "Gone") if f"Dr. {name}" in words} == set(
            names
        ), again
    assert manager.get(url("letters", pk=made.pk), {"again": "everybody"}).status_code == 404
    tomorrow = calendar.today(mercy.tenant) + timedelta(days=1)
    done = manager.post(url("again", pk=made.pk), {"on": tomorrow.isoformat()}, follow=True).content.decode()
    assert "Mailed again on" in done
    with tenant_scope(mercy.tenant):
        assert made.waves.get().again_on == [tomorrow]
        shown_days = f" and {day(tomorrow)}"
    assert shown_days in manager.get(url("campaign", pk=made.pk)).content.decode()
    manager.post(url("again", pk=made.pk), {"on": tomorrow.isoformat(), "undo": "1"})
    with tenant_scope(mercy.tenant):
        assert made.waves.get().again_on == []


def test_nobody_is_mailed_again_before_the_first_time(mercy, manager):
    with tenant_scope(mercy.tenant):
        made = make.running(people.partner(), sent=False)
    assert "Nothing was sent yet" in manager.get(url("again", pk=made.pk)).content.decode()
    answer = manager.get(url("letters", pk=made.pk), {"again": "away"}, follow=True).content.decode()
    assert "nobody to mail again" in answer


def test_members_are_found_by_what_they_did_and_whether_they_ordered(mercy, manager):
    with tenant_scope(mercy.tenant):
        made = quiet_and_loud(mercy)
    here = url("members", pk=made.pk)
    for query, names in (
        ({"ordered": "true"}, {"Quiet"}),
        ({"ordered": "false"}, {"Opened", "Came", "Gone"}),
        ({"did": "unopened"}, {"Quiet", "Gone"}),
        ({"did": "away"}, {"Opened", "Quiet", "Gone"}),
        ({"did": "opened"}, {"Opened", "Came"}),
        ({"did": "came"}, {"Came"}),
        ({"did": "nothing"}, {"Quiet", "Gone"}),
        ({"group": "held"}, set()),
        ({"q": "quiet"}, {"Quiet"}),
    ):
        words = manager.get(here, query).content.decode()
        assert {name for name in ("Opened", "Came", "Quiet", "Gone") if f"Dr. {name}<" in words} == names, (
            query
        )
    words = manager.get(here).content.decode()
    assert f"<strong>2 {mercy.tenant.order_noun_plural}</strong>" in words
    assert "4 mailed, 0 held out · 1 and 0 ordered" in words
    assert "The list is closed since" in words


def test_a_file_of_many_letters_is_for_those_it_was_asked_for(mercy, manager, monkeypatch):
    monkeypatch.setattr("activities.campaigns.members.letters.MOST_AT_ONCE", 1)
    with tenant_scope(mercy.tenant):
        made = quiet_and_loud(mercy)
    here = url("letters", pk=made.pk)
    manager.post(url("letters-ask", pk=made.pk), {"again": "away"})
    with bound_tenant(mercy.tenant), acting_as(SYSTEM):
        write_letters(made.pk)
    assert "Write the file" in manager.get(here).content.decode()
    taken = manager.get(here, {"take": "1", "again": "away"})
    assert 'filename="letters-echo-lab-opens-away.csv"' in taken["Content-Disposition"]
    assert b"".join(taken).decode("utf-8-sig").count("Dr. ") == 2
