"""Imports by API: sent once or twice, looked at, answered, started, taken back."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.book.models import Order
from orders.runs import service
from orders.runs.models import ImportRun
from prm.accounts.keys import create_key
from prm.tenancy.context import tenant_scope
from tests.orders.factories import csv_text, make_source

URL = "/api/v1/mercy/imports/"
ROW = "1,2026-05-03,77,A,1,10"


@pytest.fixture
def source(mercy):
    with tenant_scope(mercy.tenant):
        return make_source(create_partners=True, date_formats=["%m/%d/%Y", "iso"])


@pytest.fixture
def send(mercy, client_for):
    client = client_for(mercy.manager)

    def post(content, name="may.csv", key="", **more):
        body = {"source": "Orders", "file": SimpleUploadedFile(name, content), **more}
        return client.post(URL, body, headers={"Idempotency-Key": key})

    post.client = client
    return post


def work(mercy, answer):
    """Do what a worker would; return the id of the import."""
    run_id = answer.json()["id"]
    with tenant_scope(mercy.tenant):
        service.look(run_id)
        if ImportRun.objects.get(pk=run_id).state == "queued":
            service.perform(run_id)
    return run_id


def test_a_zip_of_files_goes_in_once_whatever_is_sent_again(mercy, source, send):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as parts:
        parts.writestr("orders_10.csv", csv_text("1,2026-05-03,77,A,1,12"))
        parts.writestr("orders_2.csv", csv_text(ROW, "x,2026-05-03,77,A,many,10"))
        parts.writestr("__MACOSX/._orders_2.csv", "x")
    first = send(archive.getvalue(), "may.zip", key="a-1")
    assert first.status_code == 202, first.content
    run_id = work(mercy, first)
    said = send.client.get(f"{URL}{run_id}/").json()
    assert (said["state"], said["source"], said["rejected"]) == ("done", "Orders", 1)
    assert [file["name"] for file in said["files"]] == ["may.zip/orders_2.csv", "may.zip/orders_10.csv"]
    assert said["files_left_out"] == ["__MACOSX/._orders_2.csv"]
    assert (
        said["counts"]["lines"] | {"read": 3, "stored": 1, "superseded": 1, "rejected": 1}
        == said["counts"]["lines"]
    )
    with tenant_scope(mercy.tenant):
        assert [str(order.amount) for order in Order.objects.all()] == ["12.0000"], (
            "orders_10 comes after orders_2"
        )
    assert send.client.get(f"/api/v1/mercy/rejected-rows/?run={run_id}").json()["count"] == 1
    with tenant_scope(mercy.tenant):
        address = ImportRun.objects.get(pk=run_id).get_absolute_url()
    page = send.client.get(address).content.decode()
    assert "may.zip/orders_2.csv" in page
    assert "__MACOSX" in page
    assert send(archive.getvalue(), "may.zip", key="a-1").json()["id"] == run_id, "the same request"
    assert send(csv_text(ROW).encode(), key="a-1").status_code == 400, "the same key for another file"
    again = send(archive.getvalue(), "may.zip")
    with_nothing_new = send.client.get(f"{URL}{work(mercy, again)}/").json()
    assert with_nothing_new["counts"]["wrote"] is False
    assert send.client.post(f"{URL}{run_id}/take-back/").json()["state"] == "taken_back"


def test_what_is_in_doubt_waits_for_an_answer(mercy, source, send):
    rows = csv_text(*(f"{day},{day}/05/2026,77,A,1,10" for day in range(1, 29)))
    run_id = work(mercy, send(rows.encode()))
    said = send.client.get(f"{URL}{run_id}/").json()
    assert (said["state"], said["doubts"][0]["accept"][0]) == ("preview", "date=day-first")
    assert send.client.post(f"{URL}{run_id}/start/").status_code == 400
    wrong = send.client.post(
        f"{URL}{run_id}/start/", {"accept": ["date=sideways"]}, content_type="application/json"
    )
    assert wrong.status_code == 400
    body = {"accept": ["date=day-first"]}
    answered = send.client.post(f"{URL}{run_id}/start/", body, content_type="application/json")
    assert answered.status_code == 202, answered.content
    work(mercy, answered)
    assert send.client.get(f"{URL}{run_id}/").json()["counts"]["orders"]["created"] == 28


def test_what_cannot_be_read_fails_in_words_and_a_look_can_be_asked_for(mercy, source, send):
    run_id = work(mercy, send(b"No\n1\n"))
    said = send.client.get(f"{URL}{run_id}/").json()
    assert said["state"] == "failed"
    assert "There is no column" in said["message"]
    looked = send(csv_text(ROW).encode(), start="false")
    run_id = work(mercy, looked)
    assert send.client.get(f"{URL}{run_id}/").json()["state"] == "preview"
    assert send.client.post(f"{URL}{run_id}/stop/").json()["state"] == "cancelled"


def test_keys_and_people_who_may_not_import_do_not(mercy, source, client, client_for):
    with tenant_scope(mercy.tenant):
        may = create_key(name="feed", scopes=["imports:write"], created_by=None)[1]
        lists = create_key(name="lists", scopes=["lists:write"], created_by=None)[1]
    for secret, status in ((may, 202), (lists, 403)):
        body = {"source": "Orders", "file": SimpleUploadedFile("may.csv", csv_text(ROW).encode())}
        answer = client.post(URL, body, headers={"Authorization": f"Api-Key {secret}"})
        assert answer.status_code == status, answer.content
    assert client_for(mercy.rep).get(URL).status_code == 403


def test_example_of_the_papers_works_as_printed(mercy, source, client):
    paper = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    printed = paper.partition("curl http://localhost:8000")[2].partition("```")[0]
    address, fields = (
        printed.split()[0],
        dict(re.findall(r"-F (\w+)=\"?([^\"\n ]+(?: [^\"\n]+)?)\"?", printed)),
    )
    assert fields["file"].startswith("@")
    with tenant_scope(mercy.tenant):
        source.name = fields["source"]
        source.save()
        secret = create_key(name="feed", scopes=["imports:write"], created_by=None)[1]
    file = SimpleUploadedFile(fields["file"][1:], csv_text(ROW).encode())
    headers = {
        "Authorization": f"Api-Key {secret}",
        "Idempotency-Key": re.findall(r"Idempotency-Key: ([\w-]+)", printed)[0],
    }
    answers = [
        client.post(address, {"source": fields["source"], "file": file}, headers=headers)
        for _ in range(2)
        if file.seek(0) == 0
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
