"""The embedded Valkey: a real broker whose life follows its users, and which forgets nothing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import kombu
import pytest
import redis
from django.core.cache.backends.redis import RedisCache

from prm.local import layout, valkey
from tests.local.conftest import ROOT, default_signals, processes_naming, wait_until

USER = """
import sys
from pathlib import Path
from prm.local.valkey import ensure_running
print(ensure_running(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["", "a deep and (long) folder/" * 4])
def home(tmp_path_factory, request, monkeypatch):
    """A directory without a server: a plain one, and one too long for a socket's address."""
    monkeypatch.delenv("PRM_PG_FSYNC", raising=False)
    top = Path(tempfile.mkdtemp(prefix="prm-test-", dir="/tmp"))
    path = top / request.param
    path.mkdir(parents=True, exist_ok=True)
    yield path
    wait_until(lambda: not servers_of(path))
    where = layout.prepare(path, valkey.FOLDER, layout.own_account())
    shutil.rmtree(where.socket_directory)
    shutil.rmtree(top)


def start_user(home):
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=default_signals,  # noqa: PLW1509 - no thread runs
    )


@contextmanager
def user_of(home):
    """A process that uses the broker of ``home`` until the end of the block."""
    process = start_user(home)
    try:
        process.said = process.stdout.readline().strip()
        yield process
    finally:
        process.kill()
        process.communicate()


def servers_of(home):
    return processes_naming(f"{home}/.local/valkey")


def client(url):
    return redis.Redis.from_url(url.replace("redis+socket", "unix"))


def test_message_waits_over_a_restart_until_somebody_takes_it(home):
    with user_of(home) as user, kombu.Connection(user.said) as connection:
        with connection.SimpleQueue("work") as queue:
            queue.put({"row": 7})
    wait_until(lambda: not servers_of(home))
    with user_of(home) as user, kombu.Connection(user.said) as connection:
        with connection.SimpleQueue("work") as queue:
            message = queue.get(timeout=20)
            message.ack()
        assert message.payload == {"row": 7}


def test_cache_of_django_takes_the_same_server(home):
    with user_of(home) as user:
        cache = RedisCache(user.said.replace("redis+socket", "unix"), {})
        cache.set("seen", [1, 2])
        assert cache.get("seen") == [1, 2]
        cache.close()


def test_listens_on_a_private_socket_only(home):
    with user_of(home) as user:
        assert client(user.said).config_get("port") == {"port": "0"}
        socket = Path(user.said.removeprefix("redis+socket://"))
        assert socket.stat().st_mode & 0o777 == 0o700
        assert socket.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_is_left_when_its_user_is_killed(home, sign):
    with user_of(home) as user:
        assert len(servers_of(home)) >= 2
        user.send_signal(sign)
        user.wait()
        wait_until(lambda: not servers_of(home))


def test_simultaneous_first_users_share_one_server(home):
    crowd = [start_user(home) for _ in range(3)]
    try:
        urls = {process.stdout.readline().strip() for process in crowd}
        assert len(urls) == 1
        assert client(urls.pop()).ping()
    finally:
        for process in crowd:
            process.kill()
            process.communicate()


def test_killed_server_comes_back_with_what_was_queued(home):
    with user_of(home) as user:
        client(user.said).lpush("queue", "task")
        old = client(user.said).info("server")["process_id"]
        # What was acknowledged a second ago is on the disk.
        wait_until(lambda: client(user.said).info("persistence")["aof_pending_bio_fsync"] == 0)
        os.kill(old, signal.SIGKILL)
        with user_of(home) as newcomer:
            assert newcomer.said == user.said
            assert client(user.said).lrange("queue", 0, -1) == [b"task"]
            assert client(user.said).info("server")["process_id"] != old
