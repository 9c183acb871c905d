"""One's digest and choice, the organisation's default: by page, API and command, with the same rules."""

import json
from datetime import time
from io import StringIO

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prm.accounts.middleware import actor_of
from prm.accounts.service import add_member
from prm.core.errors import Refused
from prm.digest.choices.models import DigestChoice, DigestDefault
from prm.digest.choices.queries import arranged_for
from prm.digest.choices.service import set_choice, set_default
from prm.digest.sending.models import DigestMail
from prm.tenancy.context import acting_as, tenant_scope

PROFILE, CHOICE, TAB = "/t/mercy/profile/", "/t/mercy/digest/choice/", "/t/mercy/settings/mail/"
API = "/api/v1/mercy/digest/"


def chosen(house, who="rep"):
    with tenant_scope(house.tenant):
        return arranged_for(getattr(house, who)).timing


def form(**changes):
    topics = ["promises", "visits-due", "budgets-asked", "slipping", "rising", "competition"]
    return {"frequency": "daily", "at": "", "weekday": "", "timezone": "", "topics": topics, **changes}


def test_the_profile_says_when_and_of_what_one_is_told(house, client_for):
    page = client_for(house.rep).get(PROFILE).text
    assert "Workdays at 7:30, New York" in page
    assert "What you promised" in page
    assert "Tier changes to decide" not in page, "a rep decides no tiers"


def test_a_partners_profile_has_no_digest(house, client_for):
    with tenant_scope(house.tenant):
        member = add_member(email="own@mercy.example", role="partner")
    assert 'id="digest"' not in client_for(member).get(PROFILE).text


def test_a_choice_is_saved_and_muted_topics_stay_muted(house, promise, client_for):
    client = client_for(house.rep)
    sent = form(frequency="weekly", at="18:15", weekday="3", timezone="Europe/London", topics=["slipping"])
    assert client.post(CHOICE, sent).status_code == 302
    assert chosen(house).words == "Thursdays at 18:15, London"
    with tenant_scope(house.tenant):
        assert "promises" in DigestChoice.objects.get().muted
    assert "Send the protocol" not in client.get("/t/mercy/digest/").text


def test_who_leaves_it_as_usual_follows_the_organisation(house, client_for):
    client_for(house.rep).post(CHOICE, form(topics=["slipping"]))
    with tenant_scope(house.tenant):
        set_default(frequency="weekly", at=time(9, 0))
    assert chosen(house).words == "Mondays at 9:00, New York"


def test_what_cannot_be_is_refused_on_the_page(house, client_for):
    for wrong in ({"frequency": "hourly"}, {"timezone": "CET"}, {"weekday": "7"}, {"at": "25:00"}):
        assert client_for(house.rep).post(CHOICE, form(**wrong)).status_code == 200
    with tenant_scope(house.tenant):
        assert not DigestChoice.objects.exists()


def test_nobody_chooses_for_somebody_else(house):
    with tenant_scope(house.tenant), acting_as(actor_of(house.administrator, None, "page")):
        with pytest.raises(PermissionDenied, match="for themselves"):
            set_choice(house.rep, frequency="off")
        set_choice(house.administrator, frequency="off")


@pytest.mark.parametrize(
    "wrong", [{"frequency": "hourly"}, {"weekday": 7}, {"weekday": -1}, {"timezone": "Mars/Olympus"}]
)
def test_what_cannot_be_is_refused_by_the_service(house, wrong):
    with tenant_scope(house.tenant), pytest.raises(Refused) as refused:
        set_choice(house.rep, **wrong)
    assert refused.value.field == next(iter(wrong))


def test_todays_digest_is_shown_and_counts_as_nothing_told(house, promise, client_for):
    page = client_for(house.rep).get("/t/mercy/digest/").text
    assert "Send the protocol" in page
    assert f"/t/mercy/partners/{promise.partner_id}/" in page
    with tenant_scope(house.tenant):
        assert not DigestMail.objects.exists()
    assert "Nothing needs you" in client_for(house.manager).get("/t/mercy/digest/").text


def test_the_tab_sets_the_default_and_shows_who_is_told(house, promise, client_for):
    admin = client_for(house.administrator)
    page = admin.get(TAB).text
    assert "Mary" in page
    assert "none yet" in page
    assert admin.post(TAB, {"frequency": "weekly", "at": "06:45", "weekday": "1"}).status_code == 302
    assert chosen(house).words == "Tuesdays at 6:45, New York"
    with tenant_scope(house.tenant):
        event = DigestDefault.pgh_event_model.objects.get()
        assert event.pgh_context["user_id"] == house.administrator.user_id


def test_the_tab_counts_digests_that_did_not_go(house, client_for):
    with tenant_scope(house.tenant):
        DigestMail.objects.create(member=house.rep, day="2026-11-23", state="failed", message="No server.")
    page = client_for(house.administrator).get(TAB).text
    assert "No server." in page
    assert "<small>1</small>" in page


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_others_may_not_set_the_default(house, client_for, who):
    client = client_for(getattr(house, who))
    assert client.get(TAB).status_code == 403
    assert client.patch(f"{API}default/", {}, content_type="application/json").status_code == 403
    assert client.get("/api/v1/mercy/digest-mails/").status_code == 403


def test_the_tab_asks_as_often_for_many_members(house, client_for):
    admin = client_for(house.administrator)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            admin.get(TAB)
        return len(queries)

    asked()
    before = asked()
    with tenant_scope(house.tenant):
        for number in range(5):
            member = add_member(email=f"more{number}@mercy.example", role="rep")
            DigestMail.objects.create(member=member, day="2026-11-23", state="sent")
    assert asked() == before


# --- API ----------------------------------------------------------------------------------------


def test_ones_own_digest_and_choice_by_api(house, promise, client_for):
    client = client_for(house.rep)
    found = client.get(API).json()
    assert (found["is_empty"], found["headline"].split(",")[0]) == (False, "1 promise due")
    assert found["sections"][0]["lines"][0]["title"] == "Send the protocol"
    sent = {
        "frequency": "weekly",
        "weekday": 4,
        "at": "08:00",
        "timezone": "Europe/London",
        "muted": ["promises"],
    }
    answer = client.patch(f"{API}choice/", sent, content_type="application/json").json()
    assert answer == {**sent, "timing": "Fridays at 8:00, London"}
    back = {"frequency": "", "weekday": None, "at": None, "timezone": ""}
    answer = client.patch(f"{API}choice/", back, content_type="application/json").json()
    assert (answer["timing"], answer["muted"]) == ("Workdays at 7:30, New York", ["promises"])


@pytest.mark.parametrize("body", [{"frequency": "x"}, {"weekday": 9}, {"timezone": "CET"}, {"member": 1}])
def test_bodies_that_cannot_be_are_refused(house, client_for, body):
    answer = client_for(house.rep).patch(f"{API}choice/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(body))


def test_the_default_by_api(house, client_for):
    admin = client_for(house.administrator)
    assert admin.get(f"{API}default/").json() == {"frequency": "daily", "weekday": 0, "at": "07:30"}
    answer = admin.patch(f"{API}default/", {"frequency": "off"}, content_type="application/json")
    assert answer.json()["frequency"] == "off"
    assert chosen(house).words == "No digest"


def test_what_became_of_mails_by_api(house, client_for):
    with tenant_scope(house.tenant):
        DigestMail.objects.create(member=house.rep, day="2026-11-23", state="sent", lines=3)
    [row] = client_for(house.administrator).get("/api/v1/mercy/digest-mails/?state=sent").json()["results"]
    assert (row["email"], row["lines"]) == ("mary@mercy.example", 3)


# --- command ------------------------------------------------------------------------------------


def run(*arguments):
    out = StringIO()
    call_command("digest", "--tenant", "mercy", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_and_sends_nothing(house, promise):
    said = run()
    assert "mary@mercy.example (Workdays at 7:30, New York)" in said
    assert "Subject: Mercy: 1 promise due" in said
    assert "Nothing needs them: no mail." in said
    assert mail.outbox == []
    [one] = json.loads(run("--member", "MARY@mercy.example", "--json"))["digests"]
    assert one["sections"][0]["key"] == "promises"


def test_the_command_sends_what_is_due_once(house, promise):
    assert "mary@mercy.example: sent. Mercy: 1 promise due" in run("--send")
    assert json.loads(run("--send", "--json")) == {"tenant": "mercy", "mails": []}
    assert len(mail.outbox) == 1


def test_the_command_says_when_they_go(house):
    assert "Whoever has not chosen: weekly." in run(
        "--default", "weekly", "--at", "06:00", "--weekday", "friday"
    )
    assert chosen(house, "manager").words == "Fridays at 6:00, New York"
    run("--choose", "off", "--member", "mary@mercy.example")
    assert chosen(house).words == "No digest"
    run("--choose", "usual", "--member", "mary@mercy.example")
    assert chosen(house).words == "Fridays at 6:00, New York"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--member", "x@y.example"], "No member"),
        (["--choose", "off"], "--member"),
        (["--default", "daily", "--at", "7 o'clock"], "07:30"),
    ],
)
def test_the_command_says_what_is_wrong(house, arguments, said):
    with pytest.raises(CommandError, match=said):
        run(*arguments)


def test_the_command_says_that_no_mail_leaves(house, settings):
    settings.MAIL_IS_SET_UP = False
    with pytest.raises(CommandError, match="EMAIL_URL"):
        run("--send")
