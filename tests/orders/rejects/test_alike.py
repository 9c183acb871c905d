"""The right value is typed once for all rejected rows that say the same wrong thing: page, API, command, and back."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from orders.book.models import Order
from orders.ingest.errors import BrokenFile
from orders.rejects import service
from orders.rejects.models import RejectedLine
from orders.runs import service as runs
from orders.runs.corrections.bring import Alike
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source
from tests.orders.pages import url

ROWS = [
    *(f"{n % 3},2026-05-03,77,A,1O,{n}" for n in range(1, 6)),
    "9,2026-05-03,77,A,few,1",
    "7,never,77,A,1,1",
]
WRONG = Alike("not_a_number", "quantity", "1O", "10")


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


@pytest.fixture
def run(source):
    return import_rows(source, *ROWS)


def test_groups_are_of_one_value_the_largest_first(run):
    groups = run.rejected_lines.open().alike(2)
    assert [(group.label, group.value, group.count) for group in groups] == [
        ("Quantity", "1O", 5),
        ("Order date", "never", 1),
    ]


def test_all_rows_go_in_as_foreseen_and_can_be_taken_back(source, run):
    found = service.foresee_alike(source, WRONG)
    assert (found.lines, found.ready, found.orders, found.problems) == (5, 5, 3, [])
    assert not Order.objects.exists()
    done = service.correct_alike(source, WRONG)
    assert (done.state, done.title, done.counts["lines"]["stored"]) == ("done", "Quantity: 1O is 10", 5)
    assert sum(Order.objects.values_list("amount", flat=True)) == 150
    assert set(done.settled_lines.values_list("state", flat=True)) == {"corrected"}
    runs.take_back(done.pk)
    assert (Order.objects.count(), RejectedLine.objects.open().count()) == (0, 7)


def test_value_that_helps_nobody_is_refused_and_so_is_what_nobody_says(source, run):
    with pytest.raises(Refused, match="'some'"):
        service.correct_alike(source, Alike("not_a_number", "quantity", "1O", "some"))
    with pytest.raises(Refused, match="No rejected row"):
        service.correct_alike(source, Alike("not_a_number", "quantity", "11", "10"))
    assert RejectedLine.objects.open().count() == 7


def test_many_go_in_in_the_background(source, run, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(service, "RETRIED_AT_ONCE", 2)
    with django_capture_on_commit_callbacks(execute=True):
        waiting = service.correct_alike(source, WRONG)
    assert waiting.state == "queued"
    waiting.refresh_from_db()
    assert (waiting.state, Order.objects.count()) == ("done", 3)


def test_what_somebody_settled_meanwhile_is_left_alone(source, run, monkeypatch):
    rows = WRONG.rows(source)
    service.dismiss(RejectedLine.objects.filter(line_no=2))
    monkeypatch.setattr(Alike, "rows", lambda *_: rows)
    done = service.correct_alike(source, WRONG)
    assert (done.counts["lines"]["stored"], done.counts["lines"]["left_out"]) == (4, 1)
    with pytest.raises(BrokenFile, match="not rejected from the source"):
        service.foresee_alike(make_source("Other"), WRONG)


def test_page_says_what_it_would_do_before_it_does_it(alice, scope, mercy):
    with scope():
        run = import_rows(make_source(), *ROWS)
    page = alice.get(url("rejects", pk=run.pk) + "?reason=not_a_number").content.decode()
    assert "Say it once" in page and "Correct 5" in page
    there = url("rejects-alike", pk=run.pk) + "?reason=not_a_number&field=quantity&value=1O"
    assert "5 rows of this import say" in alice.get(there).content.decode().replace("\n     ", "").replace(
        "  ", " "
    )
    seen = alice.post(there, {"to": "10", "action": "preview"}).content.decode()
    assert "Store 5 rows" in " ".join(seen.split())
    with scope():
        assert not Order.objects.exists()
    answer = alice.post(there, {"to": "10", "action": "store"})
    assert answer.status_code == 302
    with scope():
        assert Order.objects.count() == 3
    assert alice.get(url("rejects-alike", pk=run.pk)).status_code == 404


def test_program_and_command_do_the_same(alice, scope, mercy, tmp_path):
    with scope():
        source = make_source()
        import_rows(source, *ROWS)
    there = "/api/v1/mercy/rejected-rows/"
    body = {"source": source.name, "reason": "not_a_number", "field": "quantity", "value": "1O", "to": "10"}
    answer = alice.post(
        f"{there}correct-alike/", {**body, "preview": True}, content_type="application/json"
    ).json()
    assert (answer["ready"], answer["run"]) == (5, None)
    answer = alice.post(f"{there}correct-alike/", body, content_type="application/json").json()
    assert answer["run"]
    (last,) = alice.get(f"{there}?state=open&reason=date_unreadable").json()["results"]
    fixed = {**last["cells"], "date": "2026-05-09"}
    answer = alice.post(f"{there}{last['id']}/correct/", {"cells": fixed}, content_type="application/json")
    assert answer.json()["state"] == "corrected"
    assert b"Rejected because" in alice.get(f"{there}file/?source={source.name}").content

    def command(*more):
        out = StringIO()
        call_command("rejected_rows", "--tenant", "mercy", "--source", source.name, *more, stdout=out)
        return out.getvalue()

    assert "1  not_a_number" in command()
    path = tmp_path / "r.csv"
    assert json.loads(command("--file", str(path), "--json"))["rows"] == 1
    say = ("--correct", "quantity", "--reason", "not_a_number", "--from", "few", "--to", "3")
    assert "1 of 1 rows would go in" in command(*say, "--preview")
    assert "1 of 1 rows go in" in command(*say)
    assert "No rejected row waits" in command()
