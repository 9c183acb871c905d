"""Real workers on a real broker: turns, a worker that is killed, a broker that is away."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Now
from psycopg import sql

from orders.book.models import Order, OrderLine
from orders.runs import service as runs
from orders.runs.models import ImportRun
from orders.runs.states import RunState
from partners.standing.models import PartnerMonth
from prm.celery import app
from prm.local import valkey
from prm.tenancy.context import tenant_scope
from prm.tenancy.service import create_tenant
from prm.tenancy.tasks import send_task, wake_waiting
from prm.tenancy.work import broker
from prm.tenancy.work.models import Job
from prm.tenancy.work.states import Queue, Size
from tests.conftest import owner_connection
from tests.local.conftest import wait_until
from tests.orders.factories import csv_text, make_source
from tests.tenancy.work import held

ROOT = Path(__file__).resolve().parents[3]
assert held.hold  # the sender knows the tasks, too
LINES = 500


def send_through(url):
    """Let this process send by this broker, as a request of the product does."""
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = url
    app._pool = app.amqp._producer_pool = None
    broker._seen = broker._Seen()


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory):
    """A broker of this process alone: at one that is shared, the worker of another process takes our wake-ups."""
    return valkey.ensure_running(tmp_path_factory.mktemp("broker"))


@pytest.fixture
def real_broker(transactional_db, own_broker):
    """A broker where nothing waits from the test before."""
    app.conf.task_always_eager = False
    send_through(own_broker)
    with app.connection_for_write() as line:
        line.default_channel.client.flushdb()
    yield own_broker
    send_through("memory://")
    app.conf.task_always_eager = True


def environment(url, settings):
    given = connection.settings_dict
    password = f":{quote(given['PASSWORD'], safe='')}" if given.get("PASSWORD") else ""
    port = f"&port={given['PORT']}" if given.get("PORT") else ""
    database = f"postgresql://{given['USER']}{password}@/{given['NAME']}?host={quote(given.get('HOST') or '', safe='')}{port}"
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if name not in ("PRM_EMBEDDED", "DATABASE_OWNER_URL")
        },
        "DATABASE_URL": database,
        "REDIS_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }


@contextmanager
def worker(url, settings, log):
    """A worker of imports with two threads."""
    arguments = ["worker", "--pool", "threads", "--concurrency", "2", "--queues", "imports", "--loglevel", "WARNING",
                 "--without-gossip", "--without-mingle", "--include", "tests.tenancy.work.held"]  # fmt: skip
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "prm.celery", *arguments],
            cwd=ROOT, env=environment(url, settings), stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def jobs(tenant):
    with tenant_scope(tenant):
        return Job.objects.filter(queue=Queue.IMPORTS).count()


def test_small_work_is_done_while_large_work_of_five_tenants_is_under_way(real_broker, settings, tmp_path):
    *loud, quiet = [create_tenant(slug=f"t{place}", name="T") for place in range(6)]
    for tenant in loud:
        with tenant_scope(tenant):
            send_task("tests.hold", size=Size.LARGE, folder=str(tmp_path))
    with worker(real_broker, settings, tmp_path / "log"):
        wait_until(lambda: list(tmp_path.glob("held-*")))
        with tenant_scope(quiet):
            send_task("tests.touch", folder=str(tmp_path))
        wait_until((tmp_path / "touched-t5").exists)
        # None of the large ones is over, and only one has begun.
        assert len(list(tmp_path.glob("held-*"))) == 1
        (tmp_path / "go").touch()
        wait_until(lambda: len(list(tmp_path.glob("over-*"))) == 5)
        wait_until(lambda: not any(jobs(tenant) for tenant in loud))


def lines_of(count):
    return csv_text(*(f"{n},2026-05-{n % 28 + 1:02},{n % 50},A,2,10" for n in range(count)))


def start_import(tenant, count):
    with tenant_scope(tenant):
        source = make_source(create_partners=True)
        run = runs.receive(source, [ContentFile(lines_of(count).encode(), name="large.csv")])
        ImportRun.objects.update(state=RunState.PREVIEW)
        Job.objects.all().delete()
        return runs.start(run.pk)


def state_of(tenant):
    with tenant_scope(tenant):
        run = ImportRun.objects.get()
    assert run.state != RunState.FAILED, run.message
    return run.state


@contextmanager
def stopped_before(table, tenant):
    """Whoever writes to a table waits for the end of the block; gives a function that says whether somebody does."""
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = to_regclass(%s) AND NOT granted)"
    with owner_connection(str(tenant.pk)) as owner:
        owner.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))
        yield lambda: owner.execute(waits, [table]).fetchone()[0]


def test_a_worker_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(
    real_broker, settings, tmp_path
):
    tenant = create_tenant(slug="t", name="T")
    start_import(tenant, LINES)
    # Its orders are written and its lines are not: however quick or slow the machine is, that is the middle.
    with (
        stopped_before("orders_orderline", tenant) as waits,
        worker(real_broker, settings, tmp_path / "log") as first,
    ):
        wait_until(lambda: waits() or state_of(tenant) == RunState.DONE)
        assert state_of(tenant) == RunState.RUNNING
        kill(first)
    # PostgreSQL has noticed, or will when it next speaks to the dead: nothing of it is there.
    with tenant_scope(tenant):
        assert (ImportRun.objects.get().state, Order.objects.count()) == (RunState.RUNNING, 0)
        assert runs.settle_dead_runs() == 0
        Job.objects.update(lease_until=Now() - timedelta(seconds=2))
    with worker(real_broker, settings, tmp_path / "log"):
        wake_waiting(expires=300)
        wait_until(lambda: state_of(tenant) != RunState.RUNNING)
        wait_until(lambda: not jobs(tenant))
    with tenant_scope(tenant):
        assert ImportRun.objects.get().state == RunState.DONE
        assert (Order.objects.count(), OrderLine.objects.count()) == (LINES, LINES)
        assert PartnerMonth.objects.aggregate(sum=Sum("revenue"))["sum"] == Decimal(20 * LINES)
        assert not Job.objects.filter(name="orders.import_run").exists()


def test_an_import_asked_for_while_the_broker_is_away_starts_when_it_is_back(
    real_broker, settings, tmp_path, monkeypatch
):
    tenant = create_tenant(slug="t", name="T")
    send_through(f"redis+socket://{tmp_path}/nobody.sock")
    start_import(tenant, 10)
    assert not broker.answers()
    wake_waiting()
    assert (state_of(tenant), jobs(tenant)) == (RunState.QUEUED, 1)
    send_through(real_broker)
    assert broker.answers()
    with tenant_scope(tenant):
        Job.objects.update(added_at=Now() - timedelta(seconds=2))
    with worker(real_broker, settings, tmp_path / "log"):
        wake_waiting(expires=300)
        wait_until(lambda: state_of(tenant) == RunState.DONE)
    with tenant_scope(tenant):
        assert Order.objects.count() == 10
