"""The administrator's and the manager's pages."""

import pytest
from django.urls import reverse

from partners.directory.service import create_partner, update_partner
from prm.salesforce.engine.models import Conflict, Connection, Outbox, SyncProblem
from prm.salesforce.runs import run
from prm.salesforce.setup import errands
from prm.salesforce.setup import service as setup_service
from prm.salesforce.setup.models import Errand
from prm.tenancy.context import bound_tenant, tenant_scope
from prm.tenancy.work.models import Job


def page(name, **kwargs):
    return reverse(f"salesforce:{name}", kwargs={"tenant": "mercy", **kwargs})


@pytest.fixture
def linked(mercy, server):
    """Connected and set up, with no tenant in scope: requests open their own."""
    with bound_tenant(mercy.tenant):
        setup_service.connect(
            login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
        )
        setup_service.set_up()
        setup_service.start()
        run.sync(run.Wish())
    return server


def test_without_a_connection_the_page_says_what_to_do(mercy, client_for):
    text = client_for(mercy.administrator).get(page("health")).content.decode()
    assert "Connect Salesforce" in text
    text = client_for(mercy.manager).get(page("health")).content.decode()
    assert "An administrator can connect it" in text
    assert page("connect") not in text


@pytest.mark.parametrize("name", ["health", "live", "conflicts"])
def test_a_manager_sees_and_a_rep_does_not(mercy, client_for, linked, name):
    assert client_for(mercy.manager).get(page(name)).status_code == 200
    assert client_for(mercy.rep).get(page(name)).status_code == 403


@pytest.mark.parametrize("name", ["sync", "pause", "resume", "disconnect", "try-again", "create-again"])
def test_a_manager_does_not_act(mercy, client_for, linked, name):
    assert client_for(mercy.manager).post(page(name)).status_code == 403


def test_a_stranger_finds_nothing(mercy, anchor, client_for, linked):
    assert client_for(anchor.administrator).get(page("health")).status_code == 404


def credentials(server, **change):
    return {
        "login_url": server.url,
        "client_id": server.client_id,
        "client_secret": server.client_secret,
        **change,
    }


def perform(mercy, kind):
    """What a worker does: a request of a test never commits, so its tasks are not sent."""
    with bound_tenant(mercy.tenant):
        errands.perform(kind)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_connecting_by_page_is_done_by_a_worker_with_progress(mercy, client_for, server):
    client = client_for(mercy.administrator)
    answer = client.post(page("connect"), credentials(server))
    under_way = page("errand", kind="connect")
    assert (answer.status_code, answer.url) == (302, under_way)
    with tenant_scope(mercy.tenant):
        assert not Connection.objects.exists()
        assert Job.objects.get().arguments == {"kind": "connect"}
    shown = text_of(client.get(under_way))
    assert (
        "Waits for its turn" in shown
        and "You can leave this page" in shown
        and 'http-equiv="refresh"' in shown
    )
    assert client.get(page("connect")).url == under_way
    perform(mercy, "connect")
    assert client.get(under_way, {"part": "progress"}, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert client.get(under_way).url == page("setup")
    with tenant_scope(mercy.tenant):
        assert Connection.objects.get().state == "resting"
        assert Errand.objects.get().client_secret == ""


@pytest.mark.parametrize(
    "change,words",
    [
        ({"client_secret": "wrong"}, "refuses the sign-in"),
        ({"client_id": "wrong"}, "refuses the sign-in"),
        ({"login_url": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"login_url": "http://example.com"}, "not encrypted"),
        ({"login_url": "nonsense"}, "not a web address"),
    ],
)
def test_a_bad_connection_says_why_and_stores_nothing(mercy, client_for, server, change, words):
    client = client_for(mercy.administrator)
    answer = client.post(page("connect"), credentials(server, **change))
    if answer.status_code == 302:
        perform(mercy, "connect")
        assert client.get(answer.url).url == page("connect")
        answer = client.get(page("connect"))
    shown = text_of(answer)
    assert words in shown
    assert "wrong" not in shown.replace('value="wrong"', "")
    with tenant_scope(mercy.tenant):
        assert not Connection.objects.exists()
        assert not Errand.objects.exclude(client_secret="").exists()


def test_a_connection_can_be_stopped_before_and_while_it_is_made(mercy, client_for, server):
    client = client_for(mercy.administrator)
    client.post(page("connect"), credentials(server))
    client.post(page("errand-stop", kind="connect"))
    perform(mercy, "connect")
    client.post(page("connect"), credentials(server))
    with tenant_scope(mercy.tenant):
        Errand.objects.update(stop_asked=True)
    perform(mercy, "connect")
    with tenant_scope(mercy.tenant):
        assert Errand.objects.get().state == "stopped"
        assert not Connection.objects.exists()
    assert client.get(page("connect")).status_code == 200


def test_an_errand_whose_worker_is_gone_says_so(mercy, client_for, server):
    client = client_for(mercy.administrator)
    client.post(page("connect"), credentials(server))
    with tenant_scope(mercy.tenant):
        Job.objects.all().delete()
    assert client.get(page("errand", kind="connect")).url == page("connect")
    assert "ended in the middle" in text_of(client.get(page("connect")))


def test_setup_lists_first_and_then_makes(mercy, client_for, server):
    client = client_for(mercy.administrator)
    with bound_tenant(mercy.tenant):
        setup_service.connect(**credentials(server))
    assert client.get(page("setup")).url == page("errand", kind="look")
    perform(mercy, "look")
    assert client.get(page("errand", kind="look")).url == page("setup")
    text = text_of(client.get(page("setup")))
    assert "Field Account.PRM_Id__c" in text and "parts in Salesforce" in text
    assert client.post(page("setup")).url == page("errand", kind="setup")
    perform(mercy, "setup")
    assert client.get(page("errand", kind="setup")).url == page("start")
    assert "Everything is there" in text_of(client.get(page("setup")))
    client.post(page("setup"), {"do": "look"})
    perform(mercy, "look")
    assert "Everything is there" in text_of(client.get(page("setup")))


def test_setup_that_cannot_be_done_says_why_and_what_to_do(mercy, client_for, linked):
    client = client_for(mercy.administrator)
    linked.org.faults.add(kind="html", status=503, times=50)
    client.post(page("setup"))
    perform(mercy, "setup")
    linked.org.faults.clear()
    text = text_of(client.get(page("setup")))
    assert "Salesforce could not be asked" in text and "Check again" in text


def test_problems_are_quoted_and_can_be_tried_again(mercy, client_for, linked):
    linked.org.faults.add(
        kind="validation", object="Account", message="Not “now”", field="Name", when={"Name": "Bad"}
    )
    with bound_tenant(mercy.tenant):
        partner = create_partner(name="Bad", kind="agent")
        run.sync(run.Wish())
        assert SyncProblem.objects.count() == 1
    client = client_for(mercy.administrator)
    text = client.get(page("health")).content.decode()
    assert "Salesforce refuses 1 partner" in text
    assert "A validation rule in Salesforce refuses this." in text
    assert "To be done by your Salesforce administrator." in text
    # Lag, backlog and usage of five days, each with its table.
    assert text.count('class="prm-chart prm-trend"') == 4
    status = client.get("/api/v1/mercy/salesforce/status/").json()
    assert (status["state"], status["problems"][0]["count"], len(status["hours"])) == ("Running", 1, 1)
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION: Not “now”" in text
    listed = client.get(
        page("problems"), {"mapping": "partners.partner", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    )
    assert f"/partners/{partner.pk}" in listed.content.decode()
    some = {"some": "1", "mapping": "partners.partner", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    nobody = client.post(page("try-again"), some, follow=True).content.decode()
    assert "Tick the records that are to be tried again." in nobody
    again = client.post(page("try-again"), {**some, "records": [str(partner.pk), "no id"]}, follow=True)
    assert "Trying 1 again." in again.content.decode()
    linked.org.faults.clear()
    client.post(
        page("try-again"), {"mapping": "partners.partner", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    )
    with tenant_scope(mercy.tenant):
        assert Outbox.objects.get().not_before is None


def test_pausing_keeps_changes(mercy, client_for, linked):
    client = client_for(mercy.administrator)
    client.post(page("pause"))
    with bound_tenant(mercy.tenant):
        create_partner(name="Later", kind="agent")
        assert run.sync(run.Wish()).failed
        assert Outbox.objects.count() == 1
    assert "Paused" in client.get(page("health")).content.decode()
    client.post(page("resume"))
    with bound_tenant(mercy.tenant):
        run.sync(run.Wish())
        assert Outbox.objects.count() == 0


def test_disconnecting_forgets_the_secret(mercy, client_for, linked):
    client_for(mercy.administrator).post(page("disconnect"))
    with tenant_scope(mercy.tenant):
        connection = Connection.objects.get()
        assert (connection.state, connection.client_secret) == ("disconnected", "")


def test_a_conflict_is_listed_and_chosen(mercy, client_for, linked):
    from tests.salesforce.conftest import There

    with bound_tenant(mercy.tenant):
        partner = create_partner(name="Dr. Chow", kind="physician", phone="1")
        run.sync(run.Wish())
        There(linked).edit("Account", partner.pk, Phone="theirs")
        update_partner(partner.pk, phone="ours")
        run.sync(run.Wish())
        conflict = Conflict.objects.get()
    client = client_for(mercy.administrator)
    text = client.get(page("conflicts")).content.decode()
    # On a phone the column heads are gone: each value brings its own name.
    assert all(f'data-label="{label}"' in text for label in ("Field", "Agreed", "Ours", "Theirs"))
    assert "Dr. Chow" in text and "theirs" in text and "ours" in text
    client.post(page("choose", pk=conflict.pk), {"side": "here"})
    with bound_tenant(mercy.tenant):
        run.sync(run.Wish())
    assert There(linked).one("Account", partner.pk, "Phone")["Phone"] == "ours"


def test_the_pages_cost_a_constant_number_of_queries(
    mercy, client_for, linked, django_assert_max_num_queries
):
    with tenant_scope(mercy.tenant):
        from prm.salesforce.engine import store
        from prm.salesforce.mapping import registry

        one = registry.mapping("partners.partner")
        for number in range(20):
            store.note_problem(
                one, create_partner(name=f"P{number}", kind="agent").pk, kind="refused_there", message="no"
            )
    client = client_for(mercy.manager)
    client.get(page("health"))  # the first request of a session writes it
    with django_assert_max_num_queries(40):
        client.get(page("health"))
