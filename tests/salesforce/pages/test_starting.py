"""Before the start: what starting would do, which accounts are ours, and starting; by page and by API."""

import pytest
from django.urls import reverse

from partners.contacts.service import add_contact
from partners.directory.models import Partner
from partners.directory.service import create_partner
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.matches.models import Match
from prm.salesforce.setup import errands
from prm.salesforce.setup import service as setup_service
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.salesforce.conftest import There

API = "/api/v1/mercy/salesforce/"


def page(name, **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def resting(mercy, server):
    """Connected, not started, with three partners here and two accounts like them there."""
    with bound_tenant(mercy.tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        setup_service.set_up()
        create_partner(name="Robert Halloran", kind="physician", city="Easton")
        create_partner(name="Lakeview Clinic", kind="practice", city="Lakeview", phone="555 010 4410")
        create_partner(name="Only Here", kind="practice")
    there = There(server)
    for values in (
        {"Name": "Robert Halloran", "BillingCity": "Easton"},
        {"Name": "OB-GYN Group", "Phone": "+1 555 010 4410", "BillingCity": "Lakeview"},
        {"Name": "Somebody Else"},
    ):
        there.call("POST", "sobjects/Account", json=values)
    return there


def perform(mercy, kind):
    with bound_tenant(mercy.tenant):
        errands.perform(kind)


def test_the_health_page_leads_to_what_starting_would_do(mercy, client_for, resting):
    client = client_for(mercy.administrator)
    assert client.get(page("health")).url == page("start")
    shown = text_of(client.get(page("start")))
    assert "Connected. Nothing is exchanged yet." in shown
    assert "Developer Edition" in shown and "USD" in shown and "sandbox" in shown
    assert "Connected, not started" in text_of(client_for(mercy.manager).get(page("health")))
    assert client_for(mercy.manager).get(page("start")).status_code == 403


def test_it_is_tried_and_started_by_a_worker(mercy, client_for, resting):
    client = client_for(mercy.administrator)
    assert client.post(page("start"), {"do": "try"}).url == page("errand", kind="try")
    perform(mercy, "try")
    assert client.get(page("errand", kind="try")).url == page("start")
    shown = text_of(client.get(page("start")))
    assert "Starting would link 1 record, create 1 record and change 1 record." in shown
    assert "by no other organisation here" in shown
    with tenant_scope(mercy.tenant):
        assert not RecordLink.objects.exists()
    assert client.post(page("start"), {"do": "start"}).url == page("errand", kind="start")
    perform(mercy, "start")
    assert client.get(page("errand", kind="start")).url == page("health")
    with tenant_scope(mercy.tenant):
        assert Connection.objects.get().is_running
        assert RecordLink.objects.count() == 1
    assert client.get(page("start")).url == page("health")


def test_accounts_are_listed_by_how_sure_it_is_and_decided(mercy, client_for, resting):
    client = client_for(mercy.administrator)
    assert "Not read yet" in text_of(client.get(page("adopt")))
    assert client.post(page("adopt")).url == page("errand", kind="read")
    perform(mercy, "read")
    assert client.get(page("errand", kind="read")).url == page("adopt")
    shown = text_of(client.get(page("adopt")))
    assert "OB-GYN Group" in shown and "Same phone, another name" in shown and "Robert Halloran" not in shown
    assert "Robert Halloran" in text_of(client.get(page("adopt"), {"tab": "certain"}))
    assert "Somebody Else" in text_of(client.get(page("adopt"), {"tab": "new-there"}))
    assert "Only Here" in text_of(client.get(page("adopt"), {"tab": "new-here"}))
    with tenant_scope(mercy.tenant):
        match = Match.objects.get(name="OB-GYN Group")
    client.post(page("adopt-decide"), {"do": f"link:{match.pk}"})
    assert "will be linked at the start" in text_of(client.get(page("adopt"), {"tab": "decided"}))
    with tenant_scope(mercy.tenant):
        match.refresh_from_db()
        assert (match.state, match.decided_by != "") == ("chosen", True)
    client.post(page("adopt-undo", pk=match.batch))
    client.post(page("adopt-decide"), {"do": "apart", "match": [str(match.pk)]})
    with tenant_scope(mercy.tenant):
        assert Match.objects.get(pk=match.pk).state == "apart"


@pytest.mark.parametrize("do", ["", "burn", "link:x", "link:x:y"])
def test_nonsense_is_not_found(mercy, client_for, resting, do):
    assert client_for(mercy.administrator).post(page("adopt-decide"), {"do": do}).status_code == 404


def test_a_manager_sees_and_does_not_decide(mercy, client_for, resting):
    client = client_for(mercy.manager)
    assert client.get(page("adopt")).status_code == 200
    for name in ("adopt-decide", "start"):
        assert client.post(page(name), {"do": "apart"}).status_code == 403
    assert client_for(mercy.rep).get(page("adopt")).status_code == 403


def test_the_same_by_api(mercy, client_for, resting):
    client = client_for(mercy.administrator)
    assert client.get(f"{API}connection/").json()["state"] == "resting"
    assert client.get(f"{API}reading/").json()["code"] == "not_asked"
    assert client.post(f"{API}connection/pause/").json()["code"] == "not_started"
    assert client.post(f"{API}reading/").status_code == 202
    perform(mercy, "read")
    assert client.get(f"{API}reading/").json()["result"]["counts"] == {"certain": 1, "open": 1, "new": 1}
    (match,) = client.get(f"{API}matches/", {"state": "open"}).json()["results"]
    body = {"ids": [match["id"]], "answer": "link"}
    done = client.post(f"{API}matches/decide/", body, content_type="application/json").json()
    assert (done["count"], done["refused"]) == (1, [])
    undone = client.post(f"{API}matches/undo/", {"batch": done["batch"]}, content_type="application/json")
    assert undone.json() == {"count": 1}
    assert client.post(f"{API}dry-run/").status_code == 202
    perform(mercy, "try")
    objects = client.get(f"{API}dry-run/").json()["result"]["objects"]
    assert (objects[0]["link"], objects[0]["create"], objects[0]["left_out"]) == (1, 1, 1)
    assert client.post(f"{API}connection/start/").status_code == 202
    perform(mercy, "start")
    assert client.get(f"{API}connection/").json()["state"] == "connected"
    assert client.post(f"{API}connection/pause/").json()["state"] == "paused"
    assert client.post(f"{API}connection/resume/").json()["state"] == "connected"


def test_contacts_have_lists_of_their_own(mercy, client_for, resting):
    with bound_tenant(mercy.tenant):
        partner = Partner.objects.get(name="Robert Halloran")
        for name, email in (("Ann Lee", "ann@old.example"), ("Nobody There", "")):
            add_contact(partner.pk, name=name, email=email)
    (account,) = resting.query("SELECT Id FROM Account WHERE Name = 'Robert Halloran'")
    fields = {"AccountId": account["Id"], "LastName": "Lee", "FirstName": "Ann", "Email": "ann@new.example"}
    resting.call("POST", "sobjects/Contact", json=fields)
    client = client_for(mercy.administrator)
    client.post(page("adopt"))
    perform(mercy, "read")
    shown = text_of(client.get(page("adopt")))
    assert "Contacts <small>1 to decide" in shown and "Ann Lee" not in shown
    mine = {"object": "partners.contact"}
    shown = text_of(client.get(page("adopt"), mine))
    assert "Same name, another e-mail" in shown and "ann@old.example" in shown and "ann@new.example" in shown
    assert "OB-GYN Group" not in shown
    shown = text_of(client.get(page("adopt"), {**mine, "tab": "new-here"}))
    assert "Nobody There" in shown and "Only Here" not in shown
    client.post(page("adopt-decide"), {**mine, "do": "apart", "group": "Same name, another e-mail"})
    with tenant_scope(mercy.tenant):
        assert Match.objects.get(mapping="partners.contact").state == "apart"
        assert not Match.objects.filter(mapping="partners.partner", state="apart").exists()
    assert client.get(page("adopt"), {"object": "nonsense"}).status_code == 200
