"""The embedded PostgreSQL: its life follows its users, whatever becomes of them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from prm.local import binaries, layout, postgres, server
from prm.local.layout import LocalServiceError
from prm.tenancy.backend.database_roles import EXTENSIONS
from tests.local.conftest import ROOT, default_signals, wait_until

USER = """
import sys
from pathlib import Path
from prm.local.postgres import ensure_running
print(ensure_running(Path(sys.argv[1])).app_url, flush=True)
sys.stdin.read()
"""
FORKING_USER = """
import os, sys
from pathlib import Path
from prm.local.postgres import ensure_running
database = ensure_running(Path(sys.argv[1]))
child = os.fork()
os.write(1, f"{child or database.app_url}\\n".encode())
sys.stdin.read()
"""


@pytest.fixture
def empty_home(monkeypatch):
    """A short, enterable directory, as a checkout's would be; its server is gone in the end."""
    monkeypatch.setenv("PRM_PG_FSYNC", "off")
    path = Path(tempfile.mkdtemp(prefix="prm-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    top = (path / ".local" / "postgres").resolve()
    wait_until(lambda: not servers_of(top))
    if top.exists():
        shutil.rmtree(top)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def made_cluster(tmp_path_factory):
    """A data directory made once; a copy of it is quicker than making another."""
    path = tmp_path_factory.mktemp("cluster")
    with user_of(path) as user:
        assert ask(user.said) == 1
    top = (path / ".local" / "postgres").resolve()
    wait_until(lambda: not servers_of(top))
    yield top / "data"
    shutil.rmtree(top)


@pytest.fixture
def home(empty_home, made_cluster):
    """A directory whose cluster was made before and is not running."""
    where = prepare(empty_home)
    subprocess.run(["cp", "-a", str(made_cluster), str(where.data)], check=True)
    return empty_home


def start_user(home, script=USER):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=default_signals,  # noqa: PLW1509 - no thread runs
    )


def prepare(home):
    return layout.prepare(home, postgres.FOLDER, layout.unprivileged_account())


def log_of(home):
    return (home / ".local/postgres/server.log").read_text().splitlines()


@contextmanager
def user_of(home, script=USER):
    """A process that uses the database of ``home`` until the end of the block."""
    process = start_user(home, script)
    try:
        process.said = process.stdout.readline().strip()
        yield process
    finally:
        process.kill()
        process.communicate()


def servers_of(top):
    """The pids of the PostgreSQL servers and keepers whose command line names this directory."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [
        int(line.split(None, 1)[0])
        for line in listing.splitlines()
        if f"{top}/" in line and ("keeper.py" in line or "bin/postgres" in line)
    ]


def keeper_of(home):
    return int((home / ".local/postgres/keeper.lock").read_text())


def server_of(home):
    return int((home / ".local/postgres/data/postmaster.pid").read_text().split("\n", 1)[0])


def ask(url, question="SELECT 1"):
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()[0]


def test_roles_are_plain_and_the_owner_owns(home):
    with user_of(home) as user:
        rights = "SELECT (rolsuper, rolbypassrls, rolcreatedb, rolcreaterole)::text FROM pg_roles WHERE rolname = '{}'"
        assert ask(user.said, "SELECT current_user") == "prm_app"
        assert ask(user.said, rights.format("prm_app")) == "(f,f,f,f)"
        assert ask(user.said, rights.format("prm_owner")) == "(f,f,t,f)"
        owner = user.said.replace("prm_app", "prm_owner")
        with psycopg.connect(owner) as connection:
            connection.execute("CREATE TABLE thing (name text)")
        assert ask(user.said, "SELECT lower('Ångström')") == "ångström"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(user.said, "SELECT count(*) FROM thing")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(user.said, "CREATE TABLE other ()")


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_plain_owner_may_create_the_extensions_of_migrations(home, extension):
    with user_of(home) as user, psycopg.connect(user.said.replace("prm_app", "prm_owner")) as owner:
        owner.execute(f"CREATE EXTENSION {extension}")
        assert owner.execute(
            "SELECT count(*) FROM pg_extension WHERE extname = %s", [extension]
        ).fetchone() == (1,)


def test_listens_on_no_network_address(home):
    with user_of(home) as user:
        assert ask(user.said, "SHOW listen_addresses") == ""
        assert ask(user.said, "SHOW unix_socket_permissions") == "0700"


def test_data_outlive_the_server(home):
    with user_of(home) as user, psycopg.connect(user.said.replace("prm_app", "prm_owner")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with user_of(home) as user:
        assert ask(user.said.replace("prm_app", "prm_owner"), "SELECT answer FROM kept") == 42


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_is_left_when_its_user_is_killed(home, sign):
    top = home / ".local/postgres"
    with user_of(home) as user:
        assert len(servers_of(top)) >= 2
        user.send_signal(sign)
        user.wait()
        wait_until(lambda: not servers_of(top))
    assert not (top / "data/postmaster.pid").exists()


def test_server_stays_for_the_second_user(home):
    with user_of(home) as second:
        server = server_of(home)
        with user_of(home) as first:
            assert first.said == second.said
        time.sleep(0.3)
        assert ask(second.said) == 1
        assert server_of(home) == server


def test_simultaneous_first_users_share_one_server(empty_home):
    crowd = [start_user(empty_home) for _ in range(3)]
    try:
        urls = [process.stdout.readline().strip() for process in crowd]
        assert len(set(urls)) == 1
        assert ask(urls[0]) == 1
        assert sum("ready to accept connections" in line for line in log_of(empty_home)) == 1
    finally:
        for process in crowd:
            process.kill()
            process.communicate()


def test_forked_child_keeps_the_server_after_its_parent(home):
    with user_of(home, FORKING_USER) as user:
        said = {user.said, user.stdout.readline().strip()}
        url = next(item for item in said if item.startswith("postgresql"))
        child = int(next(item for item in said if item.isdigit()))
        os.kill(user.pid, signal.SIGKILL)
        user.wait()
        time.sleep(0.3)
        assert ask(url) == 1
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: not servers_of(home / ".local/postgres"))


def test_program_started_by_a_user_does_not_keep_the_server(home):
    script = USER.replace(
        "sys.stdin.read()", "import subprocess; subprocess.Popen(['sleep', '20'])\nsys.stdin.read()"
    )
    with user_of(home, script) as user:
        children = Path(f"/proc/{user.pid}/task/{user.pid}/children")
        wait_until(lambda: not children.exists() or children.read_text().strip())
        sleeper = children.read_text().split()
        user.kill()
        user.wait()
        wait_until(lambda: not servers_of(home / ".local/postgres"))
        for pid in sleeper:
            os.kill(int(pid), signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_server_stops_when_its_keeper_is_killed_and_comes_back(home):
    with user_of(home) as user:
        os.kill(keeper_of(home), signal.SIGKILL)
        wait_until(lambda: not servers_of(home / ".local/postgres"))
        with user_of(home) as newcomer:
            assert ask(newcomer.said) == 1
            assert ask(user.said) == 1  # the same address: old users reach the new server


def test_killed_server_comes_back(home):
    with user_of(home):
        old = server_of(home)
        os.kill(old, signal.SIGKILL)
        with user_of(home) as newcomer:
            assert ask(newcomer.said) == 1
            assert server_of(home) != old


def test_server_left_behind_is_stopped_before_a_new_one(home):
    """As after a kill of the keeper where the kernel tells children nothing."""
    with user_of(home):
        pass
    where = prepare(home)
    wait_until(lambda: not servers_of(where.top))
    program = binaries.postgres(where) / "postgres"
    command = [program, "-D", where.data, "-k", where.socket_directory, "-c", "listen_addresses="]
    orphan = subprocess.Popen(command, cwd="/", start_new_session=True, **where.account.privileges)
    try:
        wait_until((where.data / "postmaster.pid").exists)
        with user_of(home) as user:
            assert ask(user.said) == 1
            assert orphan.wait(60) == 0
    finally:
        orphan.kill()
        orphan.wait()


def test_pid_file_of_another_program_is_not_believed(home):
    """A restarted container gives the server's old pid to somebody else, who must live."""
    with user_of(home):
        pass
    wait_until(lambda: not servers_of(home / ".local/postgres"))
    bystander = subprocess.Popen(["sleep", "30"])
    try:
        data = home / ".local/postgres/data"
        (data / "postmaster.pid").write_text(f"{bystander.pid}\n{data}\n")
        with user_of(home) as user:
            assert ask(user.said) == 1
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_two_homes_side_by_side(home):
    other = home / "other checkout, with a comma"
    other.mkdir()
    with user_of(home) as first, user_of(other) as second:
        assert first.said != second.said
        with psycopg.connect(first.said.replace("prm_app", "prm_owner")) as connection:
            connection.execute("CREATE TABLE only_here ()")
        assert ask(second.said, "SELECT to_regclass('only_here')") is None
        first.kill()
        first.wait()
        wait_until(lambda: not servers_of(home / ".local/postgres"))
        assert ask(second.said) == 1
    wait_until(lambda: not servers_of(other / ".local/postgres"))
    prepare(other).socket_directory.rmdir()


def test_long_path_gets_a_short_private_socket(empty_home):
    deep = empty_home / ("d" * 60) / ("e" * 60)
    with user_of(deep) as user:
        assert ask(user.said) == 1
        socket = Path(psycopg.conninfo.conninfo_to_dict(user.said)["host"])
        assert socket.parent == Path("/tmp")
        assert socket.stat().st_mode & 0o777 == 0o700
    wait_until(lambda: not servers_of(deep / ".local/postgres"))
    socket.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
def test_root_in_a_directory_nobody_else_may_enter(empty_home):
    empty_home.chmod(0o700)
    with user_of(empty_home) as user:
        assert ask(user.said) == 1
        link = empty_home / ".local/postgres"
        assert link.is_symlink()
        assert (link / "data").stat().st_uid == layout.unprivileged_account().uid
        top = link.resolve()
    wait_until(lambda: not servers_of(top))
    with user_of(empty_home) as user:
        assert ask(user.said) == 1
        assert link.resolve() == top
    wait_until(lambda: not servers_of(top))
    copy = empty_home / "copy"
    (copy / ".local").mkdir(parents=True)
    (copy / ".local/postgres").symlink_to(top)
    assert prepare(copy).top != top, "a copied checkout gets a cluster of its own"
    shutil.rmtree((copy / ".local/postgres").resolve())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")
def test_binaries_nobody_can_reach_are_copied(empty_home, monkeypatch):
    monkeypatch.setattr(binaries, "_runnable", lambda installation, account: False)
    where = prepare(empty_home)
    copy = binaries.postgres(where)
    assert where.top in copy.parents
    assert binaries.postgres(where) == copy
    said = subprocess.run(  # noqa: PLW1510 - what it says decides
        [copy / "initdb", "--version"], capture_output=True, cwd="/", **where.account.privileges
    )
    assert b"initdb (PostgreSQL)" in said.stdout


def test_interrupted_first_start_is_done_again(empty_home):
    (empty_home / ".local/postgres/data.unfinished").mkdir(parents=True)
    (empty_home / ".local/postgres/data.unfinished/PG_VERSION").write_text("18\n")
    with user_of(empty_home) as user:
        assert ask(user.said) == 1


def test_cluster_of_another_version_is_explained(empty_home):
    where = prepare(empty_home)
    where.data.mkdir()
    os.chown(where.data, where.account.uid, where.account.gid)
    (where.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(
        LocalServiceError, match="made by PostgreSQL 16, and this checkout brings PostgreSQL 18"
    ):
        postgres.ensure_running(empty_home)


def test_failed_start_shows_the_log_and_leaves_nothing(home):
    with user_of(home):
        pass
    wait_until(lambda: not servers_of(home / ".local/postgres"))
    (home / ".local/postgres/data/postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(LocalServiceError, match="no_such_setting"):
        postgres.ensure_running(home)
    wait_until(lambda: not servers_of(home / ".local/postgres"))


def test_full_disk_is_named(empty_home):
    where = prepare(empty_home)
    where.log.write_text("initdb: error: could not write file: No space left on device\n")
    assert "The disk is full" in str(server.failure(postgres.PostgresServer(), where, "It failed"))


def test_call_while_running_is_fast(home):
    with user_of(home):
        database = postgres.ensure_running(home)
        try:
            began = time.process_time()
            for _ in range(20):
                assert postgres.ensure_running(home) == database
            assert (time.process_time() - began) / 20 < 0.02
            state = json.loads((home / ".local/postgres/server.json").read_text())
            assert state["keeper"] == keeper_of(home)
        finally:
            os.close(server._held.pop((home / ".local/postgres").resolve()))
