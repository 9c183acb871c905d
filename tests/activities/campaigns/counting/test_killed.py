"""A server that is killed amid answering has lost nothing of what it has answered."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from activities.campaigns.counting.models import WebEvent
from prm.tenancy.context import SYSTEM, tenant_scope
from prm.tenancy.service import create_tenant
from tests.activities import factories as people
from tests.activities.campaigns import factories as make
from tests.local.conftest import wait_until

ROOT = Path(__file__).resolve().parents[4]
PEOPLE, ANSWERS = 3, 20


def environment(settings):
    """What a process of its own needs to answer for the tests' database."""
    given = connection.settings_dict
    password = f":{quote(given['PASSWORD'], safe='')}" if given.get("PASSWORD") else ""
    port = f"&port={given['PORT']}" if given.get("PORT") else ""
    where = f"host={quote(given.get('HOST') or '', safe='')}{port}"
    left_out = ("PRM_EMBEDDED", "DATABASE_OWNER_URL")
    return {name: value for name, value in os.environ.items() if name not in left_out} | {
        "DATABASE_URL": f"postgresql://{given['USER']}{password}@/{given['NAME']}?{where}",
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
    }


@pytest.fixture
def server(transactional_db, settings, tmp_path):
    """A server of its own and its port. The port is ours before it starts, so nobody takes it and nobody waits in turns."""
    with socket.create_server(("127.0.0.1", 0)) as door, (tmp_path / "log").open("ab") as log:
        port = door.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "prm.wsgi", "--bind", f"fd://{door.fileno()}", "--threads", "4",
             "--no-control-socket", "--log-level", "warning"],
            cwd=ROOT, env=environment(settings), stdout=log, stderr=log, pass_fds=[door.fileno()], start_new_session=True,
        )  # fmt: skip
    yield process, port
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def follow(port, path, place, answered):
    """Follow a link as ever other browsers until nobody answers any more."""
    number = 0
    while True:
        number += 1
        agent = f"{make.PHONE} reader/{place}.{number}"
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            line.request("GET", path, headers={"User-Agent": agent})
            answered.append(line.getresponse().status)
        except (OSError, http.client.HTTPException):
            return
        finally:
            line.close()


def test_what_was_answered_is_stored_though_the_server_is_killed_at_once(server):
    process, port = server
    tenant = create_tenant(slug="mercy", name="Mercy")
    with tenant_scope(tenant, actor=SYSTEM):
        campaign = make.running(people.partner())
        path = f"/c/{make.token(campaign)}"
    answered = []
    readers = [threading.Thread(target=follow, args=(port, path, place, answered)) for place in range(PEOPLE)]
    for reader in readers:
        reader.start()
    wait_until(lambda: len(answered) >= ANSWERS)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for reader in readers:
        reader.join()
    assert set(answered) == {302}
    with tenant_scope(tenant):
        stored = WebEvent.objects.filter(campaign=campaign, act="click").count()
    # Each reader may have lost one answer to what is stored; none the other way round.
    assert len(answered) <= stored <= len(answered) + PEOPLE
