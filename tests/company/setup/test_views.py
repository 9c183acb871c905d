"""The set-up: states come from facts, an empty company begins there, it is put aside and comes back."""

import json

import pytest
from django.core.management import call_command

from activities.visits.models import Visit
from partners.policy.models import StandingPolicy
from prm.accounts.invitations.service import invite
from prm.company.settings.service import confirm_company
from prm.company.setup import registry
from prm.company.setup.queries import progress
from prm.tenancy.context import tenant_scope
from tests.activities import factories as activities
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner

URL = "/t/mercy/set-up/"


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


def states():
    return {row.step.key: row.state.is_done for row in progress()}


def test_steps_stand_in_their_order():
    assert [step.key for step in registry.steps()] == [
        "company", "people", "source", "import", "bands", "salesforce", "visit",
    ]  # fmt: skip


def test_each_step_is_done_by_its_fact_alone(in_mercy):
    StandingPolicy.objects.update(is_confirmed=False)
    assert states() == {
        "company": False, "people": True, "source": False, "import": False, "bands": False, "salesforce": False,
        "visit": False,
    }  # fmt: skip
    confirm_company()
    source = make_source()
    assert (states()["company"], states()["source"], states()["import"]) == (True, True, False)
    import_rows(source, "1,2026-05-03,77,A,1,100")
    StandingPolicy.objects.update(is_confirmed=True)
    activities.visit(make_partner(), in_mercy.rep)
    assert [key for key, done in states().items() if not done] == ["salesforce"]
    assert Visit.objects.count() == 1


def test_one_person_alone_has_not_invited_anybody(mercy):
    with tenant_scope(mercy.tenant):
        for member in (mercy.manager, mercy.rep):
            member.is_active = False
            member.save()
        assert not states()["people"]
        invite(email="new@mercy.example", role="rep", by=None)
        assert states()["people"]


def test_what_needs_another_step_says_which(in_mercy):
    StandingPolicy.objects.update(is_confirmed=False)
    rows = {row.step.key: row for row in progress()}
    assert rows["import"].waits_for == "needs step 3"
    assert rows["bands"].waits_for == "needs step 4"
    assert [row.step.key for row in progress() if row.is_next] == ["company"]


def test_the_day_begins_there_until_orders_have_come_in(mercy, alice):
    assert alice.get("/t/mercy/")["Location"] == URL
    with tenant_scope(mercy.tenant):
        import_rows(make_source(), "1,2026-05-03,77,A,1,100")
    assert alice.get("/t/mercy/")["Location"] != URL


def test_it_is_put_aside_and_comes_back(mercy, alice):
    assert 'href="/t/mercy/set-up/"' in alice.get("/t/mercy/partners/").content.decode()
    alice.post(f"{URL}aside/")
    assert 'href="/t/mercy/set-up/"' not in alice.get("/t/mercy/partners/").content.decode()
    assert alice.get("/t/mercy/")["Location"] != URL
    assert "Bring it back" in alice.get("/t/mercy/settings/").content.decode()
    assert alice.get(URL).status_code == 200
    alice.post(f"{URL}back/")
    assert 'href="/t/mercy/set-up/"' in alice.get("/t/mercy/partners/").content.decode()


def test_others_do_not_see_it(mercy, client_for):
    bob = client_for(mercy.manager)
    assert bob.get(URL).status_code == 403
    assert bob.get("/t/mercy/")["Location"] != URL


def test_the_api_says_the_same(mercy, alice):
    answer = alice.get("/api/v1/mercy/setup/").json()
    assert [step["key"] for step in answer["steps"]][:2] == ["company", "people"]
    put = alice.patch("/api/v1/mercy/setup/", {"is_shown": False}, content_type="application/json")
    assert put.json()["is_shown"] is False


def test_the_command_says_the_same(mercy, capsys):
    call_command("set_up", tenant="mercy", json=True, aside=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["is_shown"], said["sample"], len(said["steps"])) == (False, "", 7)
    call_command("set_up", tenant="mercy", back=True)
    assert "1. Name your words, currency and time (open)" in capsys.readouterr().out
