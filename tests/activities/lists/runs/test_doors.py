"""Lists by API, command and page: each leads to the same service, and nobody brings what they may not."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from activities.lists.runs import service
from activities.lists.runs.models import BringRow, BringRun
from partners.directory.models import Partner
from prm.core.clock import now
from prm.tenancy.context import tenant_scope
from tests.activities.lists.factories import read
from tests.partners.factories import make_partner

TEXT = b"Name,Kind,City\nAnn Field,agent,Ridge\nBad Kind,baker,Ridge\n"


def upload(name="list.csv"):
    return SimpleUploadedFile(name, TEXT)


def test_api_takes_a_file_and_says_what_came_of_it(mercy, client_for):
    client = client_for(mercy.manager)
    with_start = {"kind": "partners", "file": upload(), "start": "true"}
    answer = client.post("/api/v1/mercy/lists/", with_start)
    assert answer.status_code == 202, answer.content
    with tenant_scope(mercy.tenant):
        run = BringRun.objects.get()
    assert run.starts_by_itself
    assert client.get(f"/api/v1/mercy/lists/{run.pk}/").json()["kind"] == "partners"
    assert client.post("/api/v1/mercy/lists/", {"kind": "cakes", "file": upload()}).status_code == 400
    assert client_for(mercy.rep).post("/api/v1/mercy/lists/", with_start).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_command_brings_a_file_or_says_what_it_would_do(mercy, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(TEXT)

    def bring(*more):
        out = StringIO()
        call_command("bring", "partners", str(path), "--tenant", "mercy", "--json", *more, stdout=out)
        return json.loads(out.getvalue())

    dry = bring("--dry-run")
    assert (dry["counts"]["new"], dry["counts"]["rejected"], dry["written"]) == (1, 1, False)
    with tenant_scope(mercy.tenant):
        assert not BringRun.objects.exists()
        assert not Partner.objects.exists()
    assert bring()["written"] is True
    assert bring()["counts"]["unchanged"] == 1
    path.write_bytes(b"Colour,Size\nred,4\n")
    with pytest.raises(CommandError, match="on the page"):
        bring()


def test_pages_walk_from_the_file_to_the_end(mercy, client_for):
    client = client_for(mercy.manager)
    with tenant_scope(mercy.tenant):
        make_partner("Ann Field", kind="agent", city="Dayton")
    client.post("/t/mercy/lists/add/", {"kind": "partners", "file": upload()})
    with tenant_scope(mercy.tenant):
        run = read(TEXT)
        asked = BringRow.objects.get(run=run, outcome="decide")
    page = client.get(f"/t/mercy/lists/{run.pk}/").content.decode()
    assert "Same name" in page
    assert "not one of: Physician" in page
    assert client.get(f"/t/mercy/lists/{run.pk}/columns/").status_code == 200
    assert client.get(f"/t/mercy/lists/{run.pk}/rows/{asked.pk}/").status_code == 200
    client.post(f"/t/mercy/lists/{run.pk}/decide/", {"row": asked.pk, "decision": "new"})
    client.post(f"/t/mercy/lists/{run.pk}/start/")
    assert b"Why it was not taken" in b"".join(
        client.get(f"/t/mercy/lists/{run.pk}/rejects/").streaming_content
    )
    assert client.get(f"/t/mercy/lists/{run.pk}/rows/").status_code == 200
    with tenant_scope(mercy.tenant):
        assert BringRun.objects.get(pk=run.pk).state == "queued"


def test_a_run_whose_process_was_killed_ends_in_words_and_goes_on(in_mercy):
    run = read(TEXT)
    service.start(run.pk)
    BringRun.objects.filter(pk=run.pk).update(state="running", heartbeat_at=now() - timedelta(minutes=5))
    service.withdraw("bringing.write_list", {"run_id": str(run.pk)})
    service.settle_dead_runs()
    dead = BringRun.objects.get(pk=run.pk)
    assert (dead.state, "was killed" in dead.message) == ("failed", True)
    service.start(run.pk)
    service.write(run.pk)
    assert Partner.objects.filter(name="Ann Field").exists()


def test_page_asks_once_what_new_ones_are_that_the_list_does_not_say(mercy, client_for):
    client = client_for(mercy.manager)
    with tenant_scope(mercy.tenant):
        run = read("Name,City\nAnn Field,Ridge\nBo Hill,Ridge\n")
    here, there = f"/t/mercy/lists/{run.pk}/", f"/t/mercy/lists/{run.pk}/defaults/"
    page = client.get(here).content.decode()
    assert "What are the new ones?" in page and "2 rows would be new providers" in page
    for said in ({}, {"default_kind": ""}, {"default_kind": "baker"}):
        assert "Choose what new ones are." in client.post(there, said, follow=True).content.decode()
    client.post(there, {"default_kind": "agent"})
    with tenant_scope(mercy.tenant):
        assert service.look(run.pk).counts == {"new": 2}
    assert "What are the new ones?" not in client.get(here).content.decode()
    assert client_for(mercy.rep).post(there, {"default_kind": "agent"}).status_code == 403
