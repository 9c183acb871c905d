"""Runs with real transactions: progress seen from outside, stopping, dying, two at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from orders.book.models import Order
from orders.doors.files.inputs import FileInput
from orders.ingest.errors import Stopped
from orders.ingest.merging import merge as merging
from orders.runs import service as running
from orders.runs.execution import execute
from orders.runs.models import ImportRun
from orders.runs.progress import Progress
from partners.standing.models import PartnerMonth
from prm.core.clock import now
from prm.tenancy.context import bound_tenant, tenant_scope
from tests.conftest import make_house
from tests.orders.factories import csv_text, import_rows, make_source, run_import

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(transactional_db):
    return make_house("mercy", ("alice", "bob", "mary"))


@pytest.fixture
def source(house):
    with tenant_scope(house.tenant):
        return make_source(create_partners=True)


def in_scope(house, what):
    with tenant_scope(house.tenant):
        return what()


def test_progress_and_heartbeat_are_seen_before_the_run_commits(house, source, monkeypatch):
    monkeypatch.setattr("orders.runs.progress.INTERVAL", 0.01)
    seen = []
    original = merging.write_orders

    def look(batch, compared):
        for _ in range(200):
            watcher = threading.Thread(target=_watch, args=(house, seen))
            watcher.start()
            watcher.join()
            if seen[-1][1] == "write":
                break
        del seen[:-1]
        original(batch, compared)

    monkeypatch.setattr(merging, "write_orders", look)
    with bound_tenant(house.tenant):
        run = run_import(source, csv_text("1,2026-05-03,77,A,1,10"))
    assert seen == [("running", "write", 0)]
    assert run.state == "done"


def _watch(house, seen):
    try:
        with tenant_scope(house.tenant):
            run = ImportRun.objects.get()
            seen.append((run.state, run.step, Order.objects.count()))
    finally:
        connection.close()


def test_stop_is_obeyed_and_nothing_is_written(house, source, monkeypatch):
    monkeypatch.setattr("orders.runs.progress.INTERVAL", 0.01)
    original = merging.write_orders

    def ask(batch, compared):
        original(batch, compared)

        def other():
            with tenant_scope(house.tenant):
                ImportRun.objects.update(stop_asked=True)
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        while True:
            batch.on_step("write")

    monkeypatch.setattr(merging, "write_orders", ask)
    with bound_tenant(house.tenant):
        run = run_import(source, csv_text("1,2026-05-03,77,A,1,10"))
    assert (run.state, run.message) == ("cancelled", "Stopped. Nothing of it was written.")
    assert in_scope(house, Order.objects.count) == 0


def test_unforeseen_error_is_noted_on_the_run_and_rolls_back(house, source, monkeypatch):
    monkeypatch.setattr(merging, "roll_up", lambda *_: 1 / 0)
    with bound_tenant(house.tenant), pytest.raises(ZeroDivisionError):
        run_import(source, csv_text("1,2026-05-03,77,A,1,10"))
    run = in_scope(house, ImportRun.objects.get)
    assert run.state == "failed" and "ZeroDivisionError" in run.message
    assert in_scope(house, Order.objects.count) == 0


def test_run_whose_process_died_is_noticed_and_can_be_started_again(house, source):
    long_ago = now() - timedelta(minutes=5)
    with tenant_scope(house.tenant):
        dead = running.open_run(source, [("may.csv", 1)])
        ImportRun.objects.update(state="running", heartbeat_at=long_ago)
        alive = ImportRun.objects.create(source=source, door="page", state="running", heartbeat_at=now())
        assert running.settle_dead_runs() == 1
        dead.refresh_from_db()
        alive.refresh_from_db()
    assert (dead.state, alive.state) == ("failed", "running")
    assert "Nothing of it was written" in dead.message


def test_run_is_taken_once(house, source, tmp_path):
    path = tmp_path / "may.csv"
    path.write_text(csv_text("1,2026-05-03,77,A,1,10"))
    files = [FileInput(path, "may.csv")]
    with bound_tenant(house.tenant):
        run = running.open_run(source, [("may.csv", 1)])
        assert execute(run.pk, files).state == "done"
        path.write_text(csv_text("1,2026-05-03,77,A,1,99"))
        assert execute(run.pk, files).counts["orders"]["created"] == 1
    assert in_scope(house, lambda: Order.objects.get().amount) == 10


def test_two_imports_at_once_lose_nothing(house):
    with tenant_scope(house.tenant):
        sources = [make_source(f"Source {n}", create_partners=True) for n in range(2)]
    barrier = threading.Barrier(2)
    failures = []

    def work(source, amount):
        try:
            with bound_tenant(house.tenant):
                barrier.wait()
                import_rows(source, *(f"{n},2026-05-03,77,A,1,{amount}" for n in range(50)))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(s, a)) for s, a in zip(sources, (1, 100), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    month = in_scope(house, PartnerMonth.objects.get)
    assert (month.orders, month.revenue) == (100, 5050)


def test_progress_estimates_the_lines_to_come(in_mercy):
    run = ImportRun(source=make_source())
    progress = Progress(run, bytes_total=1000)
    progress.read(lines=10, rejected=1, bytes_file=100)
    assert progress.lines_expected == 100
    progress.at("write")
    assert progress.lines_expected == 10
    progress._stop.set()
    with pytest.raises(Stopped):
        progress.check()


def test_temporary_tables_are_gone_after_a_run(house, source):
    with bound_tenant(house.tenant):
        run_import(source, csv_text("1,2026-05-03,77,A,1,10"))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_class WHERE relname LIKE 'prm\\_%' AND relpersistence = 't'"
            )
            assert cursor.fetchone() == (0,)
